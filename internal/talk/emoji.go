package talk

import (
	"unicode"
	"unicode/utf8"
)

// IsEmoji reports whether s is a single emoji: a pictograph with its modifiers
// and joiners, a flag, or a keycap. It is lenient about sequences that no font
// draws as one and strict about everything that is text.
func IsEmoji(s string) bool {
	if s == "" || len(s) > 64 || !utf8.ValidString(s) {
		return false
	}
	bases, joined, flags := 0, false, 0
	for _, r := range s {
		switch {
		case r == 0x200D: // zero width joiner
			joined = true
			continue
		case r == 0xFE0F || r == 0x20E3, r >= 0x1F3FB && r <= 0x1F3FF, r >= 0xE0020 && r <= 0xE007F:
			continue // presentation, keycap, skin tone, tag
		case r >= 0x1F1E6 && r <= 0x1F1FF:
			flags++
		case isPictograph(r) || isKeycap(r, s):
			if !joined {
				bases++
			}
		default:
			return false
		}
		joined = false
	}
	return bases == 1 && flags == 0 || bases == 0 && flags == 2
}

func isPictograph(r rune) bool {
	return r >= 0x2190 && unicode.Is(unicode.So, r) || r >= 0x1F000 && r <= 0x1FAFF ||
		r >= 0x2190 && r <= 0x2BFF && unicode.Is(unicode.Sm, r) || r == 0x00A9 || r == 0x00AE || r == 0x203C || r == 0x2049
}

func isKeycap(r rune, s string) bool {
	last, _ := utf8.DecodeLastRuneInString(s)
	return last == 0x20E3 && (r >= '0' && r <= '9' || r == '#' || r == '*')
}
