// Package picture makes the pictures of people and conversations: it reads uploaded ones, which
// it trusts in nothing, and draws those of whoever has none.
package picture

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
)

// Limits of uploaded pictures.
const (
	// Side is the longest side of a picture that is kept, in pixels.
	Side = 512
	// maxSide is the longest side of one that is read. A picture of so many pixels takes 100
	// megabytes while it is.
	maxSide = 5000
	// maxReaders is how many pictures are read at once.
	maxReaders = 2
	quality    = 88
)

// Failures of Read.
var (
	// ErrFormat is for what is no PNG, JPEG or WebP, or is broken.
	ErrFormat = errors.New("picture: not a PNG, JPEG or WebP picture")
	// ErrShape is for pictures that are not square.
	ErrShape = errors.New("picture: not square")
	// ErrSize is for pictures of too many pixels.
	ErrSize = errors.New("picture: too many pixels")
)

// Picture is an encoded picture.
type Picture struct {
	// Type is its media type.
	Type    string
	Content []byte
}

// The media types of pictures.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	SVG  = "image/svg+xml"
)

// Reader reads uploaded pictures, a few at once. It is safe for concurrent use.
type Reader struct{ free chan struct{} }

// NewReader returns a Reader.
func NewReader() *Reader { return &Reader{make(chan struct{}, maxReaders)} }

// format is how pictures of a kind are recognised and read.
type format struct {
	magic  string
	offset int
	config func(*bytes.Reader) (image.Config, error)
	decode func(*bytes.Reader) (image.Image, error)
}

var formats = []format{
	{
		"\x89PNG\r\n\x1a\n", 0, func(r *bytes.Reader) (image.Config, error) { return png.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return png.Decode(r) },
	},
	{
		"\xff\xd8\xff", 0, func(r *bytes.Reader) (image.Config, error) { return jpeg.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return jpeg.Decode(r) },
	},
	{
		"WEBP", 8, func(r *bytes.Reader) (image.Config, error) { return webp.DecodeConfig(r) },
		func(r *bytes.Reader) (image.Image, error) { return webp.Decode(r) },
	},
}

// Read returns an uploaded picture drawn anew, at most Side wide, so that nothing of the file
// is left but what one sees. It looks at the size before it reads anything else. Failures:
// ErrFormat, ErrShape, ErrSize, and why ctx ended.
func (r *Reader) Read(ctx context.Context, content []byte) (p Picture, err error) {
	f := formatOf(content)
	if f == nil {
		return p, ErrFormat
	}
	config, err := f.config(bytes.NewReader(content))
	switch {
	case err != nil || config.Width <= 0 || config.Height <= 0:
		return p, ErrFormat
	case config.Width > maxSide || config.Height > maxSide:
		return p, ErrSize
	case config.Width != config.Height:
		return p, ErrShape
	}
	select {
	case r.free <- struct{}{}:
	case <-ctx.Done():
		return p, ctx.Err()
	}
	defer func() { <-r.free }()
	read, err := f.decode(bytes.NewReader(content))
	if err != nil || read.Bounds().Dx() != config.Width || read.Bounds().Dy() != config.Height {
		return p, ErrFormat
	}
	return encode(turn(scale(read, min(config.Width, Side)), orientation(content)))
}

func formatOf(content []byte) *format {
	for i := range formats {
		f := &formats[i]
		if len(content) > f.offset && bytes.HasPrefix(content[f.offset:], []byte(f.magic)) {
			return f
		}
	}
	return nil
}

// scale draws a square picture with a side.
func scale(from image.Image, side int) *image.NRGBA {
	to := image.NewNRGBA(image.Rect(0, 0, side, side))
	draw.CatmullRom.Scale(to, to.Bounds(), from, from.Bounds(), draw.Src, nil)
	return to
}

// encode writes a picture: photographs are smaller as JPEG, which has no transparency.
func encode(m *image.NRGBA) (Picture, error) {
	var out bytes.Buffer
	if !m.Opaque() {
		err := png.Encode(&out, m)
		return Picture{PNG, out.Bytes()}, err
	}
	err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality})
	return Picture{JPEG, out.Bytes()}, err
}

// Small returns a picture that was read with a smaller side. It fails for others.
func Small(p Picture, side int) (Picture, error) {
	f := formatOf(p.Content)
	if f == nil {
		return p, ErrFormat
	}
	m, err := f.decode(bytes.NewReader(p.Content))
	if err != nil || m.Bounds().Dx() <= side {
		return p, err
	}
	return encode(scale(m, side))
}

// shade makes a colour darker for dark surroundings.
func shade(c color.NRGBA) color.NRGBA {
	return color.NRGBA{c.R / 5 * 3, c.G / 5 * 3, c.B / 5 * 3, c.A}
}
