package talk_test

import (
	"testing"

	"parley/internal/talk"
)

func TestIsEmoji(t *testing.T) {
	for text, want := range map[string]bool{
		"😀": true, "✈️": true, "👍🏽": true, "👩\u200d💻": true, "👨\u200d👩\u200d👧": true, "🏳️\u200d🌈": true, "❤️\u200d🔥": true, "🇩🇪": true, "🏴󠁧󠁢󠁥󠁮󠁧󠁿": true, "→": true,
		"1️⃣": true, "#️⃣": true, "*⃣": true,
		// What Unicode also counts as letters, numbers, punctuation or mathematics.
		"™️": true, "ℹ️": true, "〰️": true, "‼️": true, "⁉️": true, "Ⓜ️": true, "㊗️": true, "㊙️": true, "©️": true, "®️": true, "〽️": true,
		"↔️": true, "◾️": true, "♾️": true, "1️": true, "#️": true, "🏽️": true, "🇦️": true, "ℹ️\u200d🔥": true,
		"": false, "a": false, "1": false, "12": false, "#": false, "ℹ": false, "〰": false, "a️": false, "!️": false, "é️": false,
		"ℹ︎": false, "☎︎": false, "1︎": false, "😀😀": false, "ℹ️ℹ️": false, "1️2️": false, "😀a": false, "ℹ️a": false, "🇦": false,
		"🇦🇧🇨": false, "\u200d": false, "️": false, "⃣": false, " ": false, "😀 ": false, "1a⃣": false, "\xff": false,
	} {
		if got := talk.IsEmoji(text); got != want {
			t.Errorf("%q (%+q) is an emoji: %v, want %v", text, text, got, want)
		}
	}
}
