package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestPlainName(t *testing.T) {
	for name, want := range map[string]bool{
		"Zoë": true, "a": true, "नमस्ते": true, "می\u200cخواهم": true, "שלום\u200f!": true, "👨\u200d👩\u200d👧 ✈️": true, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": true, "O'Neil-Smith, Jr.": true,
		"名前": true, "\ue000": true, "\U0001FAE9": true, "a\u00a0b": true, "Ａ": true,
		"": false, "  ": false, "\u200d": false, "\ufe0f": false, "\u2800": false, "\u200f": false, "\u3164": false, "\u034f": false,
		"a\x00": false, "a\x07b": false, "a\tb": false, "a\nb": false, "a\rb": false, "\x1b[31mred": false, "a\x7fb": false,
		"a\u0085b": false, "\u009b31m": false, "a\u2028b": false, "a\u2029b": false, "gpj.\u202eexe": false, "a\u202ab": false,
		"\u2066a\u2069": false, "a\u200bb": false, "a\u2060b": false, "\ufeffa": false, "a\u00adb": false, "a\u180eb": false,
		"a\U000E0061": false, "a\U000E0001": false, "a\uffff": false,
	} {
		if got := talk.PlainName(name, 255); got != want {
			t.Errorf("%+q is a name: %v, want %v", name, got, want)
		}
	}
	if !talk.PlainName(strings.Repeat("ü", 9), 9) || talk.PlainName(strings.Repeat("ü", 10), 9) {
		t.Error("lengths do not count in characters")
	}
}

func TestPlainText(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "one\ntwo\r\n\tthree": true, "\u202eשלום": true, "a\x1b[2J": false, "a\x00": false, "a\u009b": false, "a\x7f": false,
	} {
		if got := talk.PlainText(text); got != want {
			t.Errorf("%+q is plain: %v, want %v", text, got, want)
		}
	}
}

func TestWithoutHidden(t *testing.T) {
	if got := talk.WithoutHidden("\x1b[1mBar\u202eney\u200b\n"); got != "[1mBarney" {
		t.Errorf("what is left is %+q", got)
	}
}
