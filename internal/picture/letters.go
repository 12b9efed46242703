package picture

import (
	"bytes"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// palette are the colours behind initials. White can be read on all of them.
var palette = []color.NRGBA{
	{0x0b, 0x5c, 0xad, 0xff}, {0x8a, 0x2b, 0x6b, 0xff}, {0x2c, 0x6e, 0x49, 0xff}, {0xa3, 0x3b, 0x20, 0xff},
	{0x5b, 0x3f, 0xa0, 0xff}, {0x00, 0x6d, 0x77, 0xff}, {0x7a, 0x55, 0x0a, 0xff}, {0x9b, 0x22, 0x3f, 0xff},
}

// colorOf is the colour of somebody, always the same one.
func colorOf(name string) color.NRGBA {
	h := fnv.New32a()
	h.Write([]byte(name))
	return palette[h.Sum32()%uint32(len(palette))]
}

// letterFont is the font of initials, read once.
var letterFont = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })

// Letters draws initials on the colour of a name; a figure stands for letters that the font
// does not have, and for none. The picture is a square PNG.
func Letters(name, initials string, side int, dark bool) (Picture, error) {
	background := colorOf(name)
	if dark {
		background = shade(background)
	}
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.Draw(m, m.Bounds(), image.NewUniform(background), image.Point{}, draw.Src)
	written, err := write(m, initials)
	if err != nil {
		return Picture{}, err
	}
	if !written {
		figure(m)
	}
	var out bytes.Buffer
	err = png.Encode(&out, m)
	return Picture{PNG, out.Bytes()}, err
}

// write draws a text in the middle and reports whether the font has all of its letters.
func write(m *image.NRGBA, text string) (bool, error) {
	letters, err := letterFont()
	if err != nil || text == "" {
		return false, err
	}
	side := m.Bounds().Dx()
	face, err := opentype.NewFace(letters, &opentype.FaceOptions{Size: float64(side) * 0.42, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return false, err
	}
	defer face.Close()
	for _, r := range text {
		if i, err := letters.GlyphIndex(nil, r); err != nil || i == 0 {
			return false, err
		}
	}
	bounds, _ := font.BoundString(face, text)
	width, height := bounds.Max.X-bounds.Min.X, bounds.Max.Y-bounds.Min.Y
	pen := font.Drawer{Dst: m, Src: image.White, Face: face, Dot: fixed.Point26_6{
		X: (fixed.I(side)-width)/2 - bounds.Min.X, Y: (fixed.I(side)-height)/2 - bounds.Min.Y,
	}}
	pen.DrawString(text)
	return true, nil
}

// figure draws a head and shoulders.
func figure(m *image.NRGBA) {
	side := m.Bounds().Dx()
	at := func(share float64) float64 { return share * float64(side) }
	inside := func(x, y, cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}
	for y := range side {
		for x := range side {
			fx, fy := float64(x)+0.5, float64(y)+0.5
			if inside(fx, fy, at(0.5), at(0.38), at(0.17), at(0.17)) || inside(fx, fy, at(0.5), at(0.98), at(0.34), at(0.36)) {
				m.SetNRGBA(x, y, color.NRGBA{0xff, 0xff, 0xff, 0xff})
			}
		}
	}
}
