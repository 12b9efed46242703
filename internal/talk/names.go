package talk

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PlainName reports whether a text can be a name that people see: at most the
// given number of characters, among them something visible, and none of those
// that [Hidden] finds.
func PlainName(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most && !Hidden(text) && strings.ContainsFunc(text, isVisible)
}

// Hidden reports whether a text has characters that steer a terminal or a page
// instead of being shown: controls, line separators, changes of the writing
// direction that last, and signs without width that no script needs. The joiners
// and marks of direction that scripts and emoji need are not among them.
func Hidden(text string) bool {
	var before rune
	for _, r := range text {
		if IsHidden(r) && (!isTag(r) || before != blackFlag && !isTag(before)) {
			return true
		}
		before = r
	}
	return false
}

// hiddenSigns are what IsHidden finds beside the controls.
var hiddenSigns = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x00AD, 0x00AD, 1}, // soft hyphen
		{0x115F, 0x1160, 1}, // fillers, blank letters
		{0x180E, 0x180E, 1},
		{0x200B, 0x200B, 1}, // zero width space
		{0x2028, 0x202E, 1}, // separators of lines, embeddings and overrides of direction
		{0x2060, 0x206F, 1}, // word joiner, invisible operators, isolates
		{0x3164, 0x3164, 1},
		{0xFEFF, 0xFEFF, 1}, // byte order mark
		{0xFFA0, 0xFFA0, 1},
		{0xFFF9, 0xFFFB, 1}, // annotations
		{0xFFFE, 0xFFFF, 1},
	},
	R32: []unicode.Range32{
		{0x1D173, 0x1D17A, 1}, // formatting of music
		{0xE0000, 0xE007F, 1}, // tags, which only flags have
	},
	LatinOffset: 1,
}

// IsHidden reports whether a character is one of those that [Hidden] finds. Tags
// are, though flags may have them.
func IsHidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(hiddenSigns, r) }

// isVisible reports whether a character leaves a trace of its own.
func isVisible(r rune) bool {
	const graphemeJoiner, brailleBlank = 0x034F, 0x2800
	return r != graphemeJoiner && r != brailleBlank && !unicode.IsSpace(r) &&
		!unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector)
}

// PlainText reports whether a text of several lines has no controls but those
// that end lines and move to the next tab stop.
func PlainText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && !slices.Contains([]rune("\n\r\t"), r)
	})
}

// WithoutHidden returns the text without the characters that [Hidden] finds, for
// names that come from where nobody could be told.
func WithoutHidden(text string) string {
	return strings.Map(func(r rune) rune {
		if IsHidden(r) {
			return -1
		}
		return r
	}, text)
}
