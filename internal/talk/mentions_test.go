package talk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/internal/talk"
)

// TestParseMentions is the table of what counts as a mention.
func TestParseMentions(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"@bob":                      "user bob",
		"hi @bob!":                  "user bob",
		"hi\n@bob":                  "user bob",
		"hi\u00a0@bob":              "user bob",
		"a.@bob":                    "user bob",
		"a-@bob":                    "user bob",
		"it's'@bob":                 "user bob",
		"mail@bob":                  "",
		"(@bob)":                    "",
		",@bob":                     "",
		"`@bob`":                    "",
		"@@bob":                     "user @bob",
		"@bob.":                     "user bob.",
		"@bob@carol":                "user bob@carol",
		"@bob, @carol":              "user bob, user carol",
		"@bob @bob":                 "user bob",
		`@"bob" @bob`:               "user bob, user bob",
		`@"bob smith"`:              "user bob smith",
		`@"bob`:                     "",
		`@""`:                       "",
		"@":                         "",
		"@ bob":                     "",
		"@all":                      "call ",
		`@"all"`:                    "call ",
		"@here":                     "user here",
		`@"guest/ab12"`:             "guest ab12",
		`@"email/ff"`:               "email ff",
		`@"group/staff"`:            "group staff",
		`@"group/Größe 1"`:          "group Größe 1",
		`@"team/t1"`:                "team t1",
		`@"federated_user/a@b.tld"`: "federated-user a@b.tld",
		`@"user/bob"`:               "",
		`@"group/"`:                 "",
		"@guest/ab12":               "user guest",
		"@ä":                        "",
		"@bobä":                     "user bob",
		"(@\"bob\") @\"bob\"":       "user bob",
	} {
		var got []string
		for _, m := range talk.ParseMentions(text) {
			got = append(got, string(m.Kind)+" "+m.ID)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q mentions %q, want %q", text, strings.Join(got, ", "), want)
		}
	}
}

// say renders a comment in a group for a stranger who knows bob, carol and a guest.
func say(text string, all bool) talk.Rendered {
	m := talk.Message{Actor: alice, Kind: talk.KindComment, Text: text, MentionsAll: all}
	names := talk.Names{
		alice: "Alice A.", bob: "Bob B.", carol: "Carol C.", greta: "Greta", talk.Guest("00"): "",
		{Type: talk.ActorEmails, ID: "e1"}: "Eve", {Type: talk.ActorTeams, ID: "t1"}: "Team",
	}
	r := talk.Reader{Room: &talk.Room{Token: "abcd", Type: talk.Group}, RoomName: "Plans"}
	return r.Render(&m, m.Mentioned(), names)
}

func TestMentionsAreReplaced(t *testing.T) {
	for _, test := range []struct {
		text string
		all  bool
		want string
		keys []string
	}{
		{"plain", true, "plain", nil},
		{"//slash", true, "/slash", nil},
		{"/slash", true, "/slash", nil},
		{"hi @bob and @carol, @bob", true, "hi {mention-user1} and {mention-user2}, {mention-user1}", []string{"mention-user1", "mention-user2"}},
		{"@bob, (@bob)", true, "{mention-user1}, ({mention-user1})", []string{"mention-user1"}},
		{"@bobby @bob", true, "{mention-user1}by {mention-user1}", []string{"mention-user1"}},
		{"@nobody @bob", true, "@nobody {mention-user1}", []string{"mention-user1"}},
		{"@all", true, "{mention-call1}", []string{"mention-call1"}},
		{"@all", false, "@all", nil},
		{`@"guest/ab12" @"guest/gone"`, true, `{mention-guest1} @"guest/gone"`, []string{"mention-guest1"}},
		{`@"email/e1" @"group/x" @"team/t1" @"team/t2"`, true, "{mention-email1} {mention-group1} {mention-team1} {mention-team2}",
			[]string{"mention-email1", "mention-group1", "mention-team1", "mention-team2"}},
		{`@"federated_user/a@b.tld"`, true, "{mention-federated-user1}", []string{"mention-federated-user1"}},
		{"{mention-user1} {actor}", true, "{mention-user1} {actor}", nil},
	} {
		got := say(test.text, test.all)
		var keys []string
		for key := range got.Objects {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if got.Wording != test.want || !slices.Equal(keys, test.keys) {
			t.Errorf("%q (all: %v) became %q with %v, want %q with %v", test.text, test.all, got.Wording, keys, test.want, test.keys)
		}
	}
}

// TestMentionObjects: the objects have what clients show.
func TestMentionObjects(t *testing.T) {
	got := say(`@bob @all @"guest/ab12" @"guest/00" @"email/e1" @"group/x" @"team/t1" @"team/t2" @"federated_user/a@b.tld"`, true).Objects
	want := map[string]talk.RichObject{
		"mention-user1":           object("user", "bob", "Bob B.", "bob"),
		"mention-call1":           {"type": "call", "id": "abcd", "name": "Plans", "call-type": "group", "mention-id": "all"},
		"mention-guest1":          object("guest", "guest/ab12", "Greta", "guest/ab12"),
		"mention-guest2":          object("guest", "guest/00", "Guest", "guest/00"),
		"mention-email1":          object("email", "e1", "Eve", "email/e1"),
		"mention-group1":          object("user-group", "x", "x", "group/x"),
		"mention-team1":           object("circle", "t1", "Team", "team/t1"),
		"mention-team2":           object("highlight", "t2", "t2", ""),
		"mention-federated-user1": {"type": "user", "id": "a", "name": "a@b.tld", "server": "https://b.tld", "mention-id": "federated_user/a@b.tld"},
	}
	for key := range want {
		if fmt.Sprint(got[key]) != fmt.Sprint(want[key]) {
			t.Errorf("%s is %v, want %v", key, got[key], want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d objects, want %d", len(got), len(want))
	}
}

// TestMentionBomb: a message full of mentions takes no more than a bounded number.
func TestMentionBomb(t *testing.T) {
	var text strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&text, "@u%d ", i)
	}
	if n := len(talk.ParseMentions(text.String())); n != 1000 {
		t.Errorf("%d mentions", n)
	}
}

// FuzzMentions: whatever is written, mentions are parts of the text, and what is not
// replaced stays as it is.
func FuzzMentions(f *testing.F) {
	for _, text := range []string{"@bob", `@"guest/ab12"`, "@all @bob@x", `@"`, "@\x00", "ä@bob", strings.Repeat("@", 300)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range talk.ParseMentions(text) {
			if !strings.Contains(text, m.Text) || len(m.Text) < 2 || m.Text[0] != '@' {
				t.Errorf("%q is no part of %q", m.Text, text)
			}
			if m.Kind != talk.MentionAll && m.ID == "" {
				t.Errorf("%q in %q names nobody", m.Text, text)
			}
		}
		got := say(text, true)
		if utf8.ValidString(text) && !utf8.ValidString(got.Wording) {
			t.Errorf("%q became %q", text, got.Wording)
		}
		back := got.Wording
		for key := range got.Objects {
			back = strings.ReplaceAll(back, "{"+key+"}", "")
		}
		if len(got.Objects) == 0 && !strings.HasPrefix(text, "//") && got.Wording != text || len(back) > len(text) {
			t.Errorf("%q became %q", text, got.Wording)
		}
	})
}
