package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestProfileFields(t *testing.T) {
	for name, values := range map[string]struct{ good, bad []string }{
		"phone":           {[]string{"", "+49 30 123456", "0049 (30) 123-456"}, []string{"1", "text", "030 123456", "+49 30 123456x"}},
		"website":         {[]string{"https://example.org/a?b", "example.org"}, []string{"javascript://x", "ftp://example.org", "https://", "a b"}},
		"twitter":         {[]string{"@alice_1", "alice"}, []string{"a b", "@", "@@a"}},
		"fediverse":       {[]string{"@alice@social.example", "alice@social.example"}, []string{"alice", "a b@c"}},
		"bluesky":         {[]string{"alice.example"}, []string{"alice..example", "a b"}},
		"profile_enabled": {[]string{"0", "1"}, []string{"yes", "2"}},
		"language":        {[]string{"de", "de_DE", "pt-BR", "sr@latin", "ast"}, []string{"klingon", "xx", "DE", "de_", "../de", "d"}},
		"locale":          {[]string{"de_AT", "zh_Hant_TW"}, []string{"xx_XX", "Deutsch"}},
		"quota":           {[]string{"none", "default", "5 GB", "1.5GiB", "0", "100B", "512 mb"}, []string{"-1", "much", "5 XB", "1e9", "99999999999999 PB", "GB"}},
		"biography":       {[]string{"anything", strings.Repeat("ä", 1000)}, []string{strings.Repeat("x", 1001)}},
	} {
		for _, v := range values.good {
			if !talk.ValidProfileField(name, v) {
				t.Errorf("%s: %q is refused", name, v)
			}
		}
		for _, v := range values.bad {
			if talk.ValidProfileField(name, v) {
				t.Errorf("%s: %q is accepted", name, v)
			}
		}
	}
	for text, want := range map[string]int64{"": -3, "none": -3, "5 GB": 5 << 30, "1.5 kb": 1536, "7": 7, "2TiB": 2 << 40} {
		if got, ok := talk.ParseQuota(text); !ok || got != want {
			t.Errorf("quota %q: %d, %v, want %d", text, got, ok, want)
		}
	}
}
