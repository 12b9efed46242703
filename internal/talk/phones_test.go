package talk_test

import (
	"testing"

	"parley/internal/talk"
)

func TestParsePhone(t *testing.T) {
	for text, want := range map[string]string{
		"+4930123456":          "+4930123456",
		" +49 (30) 123-456 ":   "+4930123456",
		"004930123456":         "+4930123456",
		"00 49 30 123456":      "+4930123456",
		"(00)4930123456":       "+4930123456",
		"+1234567":             "+1234567",
		"+123456789012345":     "+123456789012345",
		"+123456":              "",
		"+1234567890123456":    "",
		"030123456":            "",
		"4930123456":           "",
		"+0491234567":          "",
		"000491234567":         "",
		"++4930123456":         "",
		"+49+30123456":         "",
		"+49 30 CALLME":        "",
		"+49/30/123456":        "",
		"+４９３０１２３４５６":          "",
		"tel:+4930123456":      "",
		"":                     "",
		"+":                    "",
		"00":                   "",
		"+49301234\x0056":      "",
		"+4930123456;ext=1234": "",
	} {
		got, ok := talk.ParsePhone(text)
		if got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %v, want %q", text, got, ok, want)
		}
	}
}

func TestMaskPhone(t *testing.T) {
	for number, want := range map[string]string{"+4930123456": "+493012…", "+12": "…", "": "…"} {
		if got := talk.MaskPhone(number); got != want {
			t.Errorf("%q is shown as %q, want %q", number, got, want)
		}
	}
}
