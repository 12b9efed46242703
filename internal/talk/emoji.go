package talk

import (
	"unicode"
	"unicode/utf8"
)

// Signs that make or join emoji.
const (
	zeroWidthNonJoiner = 0x200C
	zeroWidthJoiner    = 0x200D
	keycap             = 0x20E3
	emojiPresentation  = 0xFE0F
	blackFlag          = 0x1F3F4
)

// IsEmoji reports whether s is a single emoji: a pictograph with its modifiers
// and joiners, a flag, a keycap, or any sign that Unicode calls an emoji when it
// is followed by U+FE0F. It is lenient about sequences that no font draws as one
// and strict about everything that is text.
func IsEmoji(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) {
		return false
	}
	var c emojiCount
	signs := []rune(s)
	for i, r := range signs {
		presented := i+1 < len(signs) && signs[i+1] == emojiPresentation
		if !c.add(r, presented, signs[len(signs)-1] == keycap) {
			return false
		}
	}
	return c.bases == 1 && c.flags == 0 || c.bases == 0 && (c.flags == 2 || c.flags == 1 && c.presented)
}

// emojiCount counts what a text has that can be an emoji.
type emojiCount struct {
	bases, flags int
	// joined tells that the next sign belongs to the ones before, presented that
	// one half of a flag is to be shown as an emoji of its own.
	joined, presented bool
}

// add counts a sign and reports whether an emoji can have it. presented tells
// that U+FE0F follows, capped that a keycap ends the text.
func (c *emojiCount) add(r rune, presented, capped bool) bool {
	switch {
	case r == zeroWidthJoiner:
		c.joined = true
		return true
	case r == emojiPresentation || r == keycap || isTag(r):
		return true
	case isSkinTone(r):
		if c.bases == 0 && presented {
			c.bases = 1
		}
	case r >= 0x1F1E6 && r <= 0x1F1FF:
		c.flags++
		c.presented = presented
	case isPictograph(r), (presented || capped && r < unicode.MaxASCII) && unicode.Is(emojiSigns, r):
		if !c.joined {
			c.bases++
		}
	default:
		return false
	}
	c.joined = false
	return true
}

func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }

// isTag reports whether r spells the region of a flag, which is not shown.
func isTag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

func isPictograph(r rune) bool {
	return r >= 0x2190 && unicode.Is(unicode.So, r) || r >= 0x1F000 && r <= 0x1FAFF ||
		r >= 0x2190 && r <= 0x2BFF && unicode.Is(unicode.Sm, r) || r == 0x00A9 || r == 0x00AE || r == 0x203C || r == 0x2049
}
