package picture_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"
	"testing"

	"parley/internal/picture"
)

func drawn(side, height int, opaque bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, side, height))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * 7)
		if opaque && i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func asPNG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func asJPEG(t *testing.T, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tinyWebP is a picture of one pixel.
const tinyWebP = "UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA="

// bomb is a PNG that says it has so many pixels, and has none.
func bomb(side uint32) []byte {
	head := make([]byte, 17)
	copy(head, "IHDR")
	binary.BigEndian.PutUint32(head[4:], side)
	binary.BigEndian.PutUint32(head[8:], side)
	head[12], head[13] = 8, 6
	out := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	out = append(out, head...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(head))
}

// withEXIF puts what cameras note about a picture, and something to hide, into a JPEG.
func withEXIF(content []byte) []byte {
	note := append([]byte("Exif\x00\x00"), "GPS: at home <script>"...)
	out := append([]byte{}, content[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(note)+2)) //nolint:gosec // it is short
	return append(append(out, note...), content[2:]...)
}

// TestUploads: what is kept of a picture is what one sees of it.
func TestUploads(t *testing.T) {
	webp, err := base64.StdEncoding.DecodeString(tinyWebP)
	if err != nil {
		t.Fatal(err)
	}
	gray16 := image.NewGray16(image.Rect(0, 0, 40, 40))
	cmyk := image.NewCMYK(image.Rect(0, 0, 40, 40))
	var animated bytes.Buffer
	frame := image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{color.Black, color.White})
	if err := gif.EncodeAll(&animated, &gif.GIF{Image: []*image.Paletted{frame, frame}, Delay: []int{1, 1}}); err != nil {
		t.Fatal(err)
	}
	small := asPNG(t, drawn(40, 40, true))
	for name, c := range map[string]struct {
		content []byte
		want    error
		kind    string
		side    int
	}{
		"opaque":          {small, nil, picture.JPEG, 40},
		"transparent":     {asPNG(t, drawn(40, 40, false)), nil, picture.PNG, 40},
		"large":           {asJPEG(t, drawn(1200, 1200, true)), nil, picture.JPEG, 512},
		"16 bits":         {asPNG(t, gray16), nil, picture.JPEG, 40},
		"four colours":    {asJPEG(t, cmyk), nil, picture.JPEG, 40},
		"WebP":            {webp, nil, picture.JPEG, 1},
		"not square":      {asPNG(t, drawn(40, 41, true)), picture.ErrShape, "", 0},
		"empty":           {nil, picture.ErrFormat, "", 0},
		"GIF":             {animated.Bytes(), picture.ErrFormat, "", 0},
		"SVG":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), picture.ErrFormat, "", 0},
		"HTML":            {[]byte("<!doctype html><script>alert(1)</script>"), picture.ErrFormat, "", 0},
		"cut off":         {small[:len(small)/2], picture.ErrFormat, "", 0},
		"a head alone":    {small[:8], picture.ErrFormat, "", 0},
		"a bomb":          {bomb(60_000), picture.ErrSize, "", 0},
		"an endless bomb": {bomb(1<<31 - 1), picture.ErrFormat, "", 0},
		"nothing in it":   {bomb(100), picture.ErrFormat, "", 0},
		"JPEG cut off":    {asJPEG(t, drawn(40, 40, true))[:200], picture.ErrFormat, "", 0},
	} {
		got, err := picture.NewReader().Read(t.Context(), c.content)
		if errors.Is(c.want, picture.ErrFormat) && errors.Is(err, picture.ErrSize) {
			continue // it is refused in any case
		}
		if !errors.Is(err, c.want) || got.Type != c.kind {
			t.Errorf("%s: %s, %v", name, got.Type, err)
			continue
		}
		if c.want != nil {
			continue
		}
		config, format, err := image.DecodeConfig(bytes.NewReader(got.Content))
		if err != nil || config.Width != c.side || config.Height != c.side || "image/"+format != c.kind {
			t.Errorf("%s: %s %+v, %v", name, format, config, err)
		}
	}
}

// TestNothingElseIsKept: not what cameras note, nor what is hidden behind the picture.
func TestNothingElseIsKept(t *testing.T) {
	plain := asJPEG(t, drawn(64, 64, true))
	for name, content := range map[string][]byte{
		"EXIF":     withEXIF(plain),
		"polyglot": append(append([]byte{}, plain...), "<script>alert(1)</script>PK\x03\x04"...),
		"text":     append(append([]byte{}, asPNG(t, drawn(64, 64, true))...), "<script>"...),
	} {
		got, err := picture.NewReader().Read(t.Context(), content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, hidden := range []string{"Exif", "GPS", "script", "PK\x03"} {
			if bytes.Contains(got.Content, []byte(hidden)) {
				t.Errorf("%s: %q is still there", name, hidden)
			}
		}
	}
}

// TestReadersWait: many pictures are read a few at a time, and whoever goes away does not wait.
func TestReadersWait(t *testing.T) {
	r := picture.NewReader()
	ctx, cancel := context.WithCancel(t.Context())
	release := r.Occupy()
	cancel()
	if _, err := r.Read(ctx, asPNG(t, drawn(8, 8, true))); !errors.Is(err, context.Canceled) {
		t.Errorf("it was read: %v", err)
	}
	release()
	if _, err := r.Read(t.Context(), asPNG(t, drawn(8, 8, true))); err != nil {
		t.Error(err)
	}
}

// TestDrawnPictures: the same for the same name, another one in dark surroundings, and something
// for every name.
func TestDrawnPictures(t *testing.T) {
	seen := map[string]string{}
	for name, initials := range map[string]string{"Alice": "A", "Bob B.": "BB", "李": "李", "": "", "😀": "😀", "Ärger": "Ä"} {
		for _, dark := range []bool{false, true} {
			got, err := picture.Letters(name, initials, 64, dark)
			if err != nil {
				t.Fatal(err)
			}
			again, err := picture.Letters(name, initials, 64, dark)
			if err != nil || !bytes.Equal(got.Content, again.Content) {
				t.Errorf("%q: another one each time, %v", name, err)
			}
			config, err := png.DecodeConfig(bytes.NewReader(got.Content))
			if err != nil || config.Width != 64 || config.Height != 64 {
				t.Errorf("%q: %+v, %v", name, config, err)
			}
			if other, taken := seen[string(got.Content)]; taken && name != "" && other != "李" && other != "😀" {
				t.Errorf("%q and %q look alike", name, other)
			}
			seen[string(got.Content)] = name
		}
	}
}

// TestDrawings are XML without anything to run.
func TestDrawings(t *testing.T) {
	for name, p := range map[string]picture.Picture{
		"symbol": picture.OfSymbol(picture.People, false), "dark": picture.OfSymbol(picture.Link, true),
		"emoji": picture.OfEmoji("🎉", "00ff00", false), "an enemy": picture.OfEmoji(`</text><script>alert(1)</script>`, `"/><script>`, true),
	} {
		decoder, elements := xml.NewDecoder(bytes.NewReader(p.Content)), 0
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
			if start, ok := token.(xml.StartElement); ok {
				elements++
				if start.Name.Local == "script" {
					t.Errorf("%s: %s", name, p.Content)
				}
			}
		}
		if elements < 3 || p.Type != picture.SVG || strings.Contains(string(p.Content), "NaN") {
			t.Errorf("%s: %s", name, p.Content)
		}
	}
}

// FuzzRead: no file makes trouble, and whatever is kept can be read again.
func FuzzRead(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("\xff\xd8\xff\xe0"))
	f.Add([]byte("RIFF\x24\x00\x00\x00WEBPVP8 "))
	r := picture.NewReader()
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) > 100_000 {
			return
		}
		got, err := r.Read(t.Context(), content)
		if err != nil {
			return
		}
		if _, err := r.Read(t.Context(), got.Content); err != nil {
			t.Errorf("what is kept cannot be read: %v", err)
		}
	})
}
