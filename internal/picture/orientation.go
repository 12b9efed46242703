package picture

import (
	"bytes"
	"encoding/binary"
	"image"
)

// upright is the orientation of a picture that is shown as it is stored.
const upright = 1

const (
	// orientationTag is what a JPEG of a camera says of how it was held (Exif 2.3).
	orientationTag = 0x0112
	shortType      = 3
	// maxEntries is how many entries of a directory are looked at, and maxSegments how many
	// parts of a file.
	maxEntries  = 256
	maxSegments = 64
	entryBytes  = 12
)

// orientation is how a JPEG has to be turned to be seen as it was taken: 1 to 8 as Exif counts
// them. It is 1 for what says nothing, or nothing that can be read.
func orientation(content []byte) int {
	if !bytes.HasPrefix(content, []byte{0xff, 0xd8}) {
		return upright
	}
	rest := content[2:]
	for range maxSegments {
		if len(rest) < 4 || rest[0] != 0xff {
			return upright
		}
		kind, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if kind == 0xda || kind == 0xd9 || size < 2 || len(rest) < 2+size { // the picture itself begins, or nothing
			return upright
		}
		if exif, ok := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); ok && kind == 0xe1 {
			return orientationIn(exif)
		}
		rest = rest[2+size:]
	}
	return upright
}

// orientationIn reads the first directory of what cameras say.
func orientationIn(exif []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case bytes.HasPrefix(exif, []byte("MM\x00*")):
		order = binary.BigEndian
	case !bytes.HasPrefix(exif, []byte("II*\x00")):
		return upright
	}
	if len(exif) < 8 {
		return upright
	}
	at := uint64(order.Uint32(exif[4:]))
	if at+2 > uint64(len(exif)) {
		return upright
	}
	entries := exif[at+2:]
	for range min(int(order.Uint16(exif[at:])), maxEntries) {
		if len(entries) < entryBytes {
			return upright
		}
		if order.Uint16(entries) == orientationTag {
			value := int(order.Uint16(entries[8:]))
			if order.Uint16(entries[2:]) != shortType || order.Uint32(entries[4:]) != 1 || value < upright || value > 8 {
				return upright
			}
			return value
		}
		entries = entries[entryBytes:]
	}
	return upright
}

// turn turns and mirrors a square picture so that it is seen as it was taken.
func turn(from *image.NRGBA, how int) *image.NRGBA {
	if how == upright {
		return from
	}
	last := from.Bounds().Dx() - 1
	to := image.NewNRGBA(from.Bounds())
	for y := range last + 1 {
		for x := range last + 1 {
			u, v := x, y // where the point is taken from
			switch how {
			case 2:
				u = last - x
			case 3:
				u, v = last-x, last-y
			case 4:
				v = last - y
			case 5:
				u, v = y, x
			case 6:
				u, v = y, last-x
			case 7:
				u, v = last-y, last-x
			case 8:
				u, v = last-y, x
			}
			to.SetNRGBA(x, y, from.NRGBAAt(u, v))
		}
	}
	return to
}
