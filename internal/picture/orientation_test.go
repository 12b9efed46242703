package picture_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"parley/internal/picture"
)

// corners are the four colours of a picture as it is seen: top left, top right, bottom left,
// bottom right.
var corners = [4]color.NRGBA{{R: 255, A: 255}, {G: 255, A: 255}, {B: 255, A: 255}, {A: 255}}

// quarters is a picture whose four quarters have the colours with these numbers.
func quarters(which [4]int) *image.NRGBA {
	const side = 64
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.SetNRGBA(x, y, corners[which[y/(side/2)*2+x/(side/2)]])
		}
	}
	return m
}

// exif is a part of a JPEG with a directory of one entry.
func exif(order binary.AppendByteOrder, head string, tag, kind uint16, count uint32, value uint16) []byte {
	body := append([]byte("Exif\x00\x00"), head...)
	body = order.AppendUint32(body, 8)
	body = order.AppendUint16(body, 1)
	body = order.AppendUint16(body, tag)
	body = order.AppendUint16(body, kind)
	body = order.AppendUint32(body, count)
	body = order.AppendUint16(body, value)
	body = append(body, 0, 0, 0, 0, 0, 0)
	out := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(body)+2))
	return append(out, body...)
}

// photo is a JPEG with something behind its first two bytes.
func photo(t testing.TB, which [4]int, part []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, quarters(which), &jpeg.Options{Quality: 100}); err != nil {
		t.Fatal(err)
	}
	return append(append([]byte{0xff, 0xd8}, part...), out.Bytes()[2:]...)
}

// seen are the colours of the four quarters of what is kept, by their numbers.
func seen(t *testing.T, content []byte) (out [4]int) {
	t.Helper()
	kept, err := picture.NewReader().Read(t.Context(), content)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(kept.Content, []byte("Exif")) {
		t.Error("what the camera said is kept")
	}
	m, err := jpeg.Decode(bytes.NewReader(kept.Content))
	if err != nil {
		t.Fatal(err)
	}
	for i := range out {
		r, g, b, _ := m.At(16+i%2*32, 16+i/2*32).RGBA()
		switch {
		case r > 0x8000:
			out[i] = 0
		case g > 0x8000:
			out[i] = 1
		case b > 0x8000:
			out[i] = 2
		default:
			out[i] = 3
		}
	}
	return out
}

// TestOrientation: a photograph is kept as it is seen, however the camera was held, and as it is
// stored when the file says nothing that can be understood.
func TestOrientation(t *testing.T) {
	upright := [4]int{0, 1, 2, 3}
	// How the quarters are stored, so that they are seen in their order.
	stored := [9][4]int{
		1: upright, 2: {1, 0, 3, 2}, 3: {3, 2, 1, 0}, 4: {2, 3, 0, 1}, 5: {0, 2, 1, 3}, 6: {1, 3, 0, 2}, 7: {3, 1, 2, 0}, 8: {2, 0, 3, 1},
	}
	for n := 1; n <= 8; n++ {
		for head, order := range map[string]binary.AppendByteOrder{"MM\x00*": binary.BigEndian, "II*\x00": binary.LittleEndian} {
			if got := seen(t, photo(t, stored[n], exif(order, head, 0x112, 3, 1, uint16(n)))); got != upright {
				t.Errorf("%d in %.2s is seen as %v", n, head, got)
			}
		}
	}
	le := binary.LittleEndian
	far := exif(le, "II*\x00", 0x112, 3, 1, 3)
	copy(far[14:], "\xff\xff\xff\xff")
	for name, part := range map[string][]byte{
		"nothing": nil, "another tag": exif(le, "II*\x00", 0x100, 3, 1, 3), "another type": exif(le, "II*\x00", 0x112, 4, 1, 3),
		"too many": exif(le, "II*\x00", 0x112, 3, 2, 3), "nine": exif(le, "II*\x00", 0x112, 3, 1, 9), "no order": exif(le, "XX*\x00", 0x112, 3, 1, 3), "far away": far,
	} {
		if got := seen(t, photo(t, upright, part)); got != upright {
			t.Errorf("%s is seen as %v", name, got)
		}
	}
}

// FuzzOrientation: whatever a file says, it is read without a crash.
func FuzzOrientation(f *testing.F) {
	f.Add(photo(f, [4]int{}, exif(binary.BigEndian, "MM\x00*", 0x112, 3, 1, 6)))
	f.Add(exif(binary.LittleEndian, "II*\x00", 0x112, 3, 1, 3))
	f.Fuzz(func(t *testing.T, content []byte) {
		if n := picture.Orientation(append([]byte{0xff, 0xd8}, content...)); n < 1 || n > 8 {
			t.Errorf("an orientation of %d", n)
		}
	})
}
