package talk_test

import (
	"testing"

	"parley/internal/talk"
)

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "Alice": "A", "alice": "A", "Alice Example": "AE", "  Alice  B.  Carter ": "AC", "école": "É", "李 小龙": "李小", "123 go": "1G",
		"😀 🎉": "", "<script>": "S", "ß": "ß", "O'Brien": "OB", "Ünal-Çelik": "ÜÇ",
	} {
		if got := talk.Initials(name); got != want && !(name == "ß" && got == "ẞ") {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestPicturesOfConversations(t *testing.T) {
	for kind, ok := range map[talk.RoomType]bool{
		talk.OneToOne: false, talk.Group: true, talk.Public: true, talk.Changelog: true, talk.FormerOneToOne: false, talk.NoteToSelf: true,
	} {
		r := talk.Room{Type: kind}
		if (r.CanSetPicture() == nil) != ok {
			t.Errorf("type %d: %v", kind, !ok)
		}
		if r.ObjectType = talk.ObjectBreakout; r.CanSetPicture() == nil {
			t.Errorf("type %d: a breakout room has one", kind)
		}
	}
	for _, c := range []struct {
		emoji, colour string
		ok            bool
	}{{"🎉", "", true}, {"🎉", "00ff00", true}, {"🎉", "00FF0a", true}, {"🎉🎉", "", false}, {"", "", false}, {"x", "", false}, {"🎉", "#00ff00", false}, {"🎉", "00ff0", false}, {"🎉", "gggggg", false}} {
		if (talk.CheckEmojiPicture(c.emoji, c.colour) == nil) != c.ok {
			t.Errorf("%+v", c)
		}
	}
}
