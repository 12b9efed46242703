package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestBanChecksInOrder(t *testing.T) {
	shared := &talk.Room{Type: talk.Group}
	by := talk.User("mod")
	long := strings.Repeat("n", talk.MaxBanNote+1)
	moderator := &talk.Attendee{Type: talk.Moderator}
	for _, c := range []struct {
		name   string
		room   *talk.Room
		who    talk.Actor
		note   string
		target *talk.Attendee
		want   string
	}{
		{"a member", shared, talk.User("bob"), "", &talk.Attendee{Type: talk.Member}, ""},
		{"nobody here", &talk.Room{Type: talk.Public}, talk.User("stranger"), strings.Repeat("n", talk.MaxBanNote), nil, ""},
		{"a guest", shared, talk.Guest(strings.Repeat("0a", 20)), "", nil, ""},
		{"an e-mail guest", shared, talk.Actor{Type: talk.ActorEmails, ID: strings.Repeat("ab", 32)}, "", nil, ""},
		{"an address", shared, talk.Actor{Type: talk.ActorAddress, ID: "10.0.0.1"}, "", nil, ""},
		{"the room comes first", &talk.Room{Type: talk.OneToOne}, talk.Actor{Type: "x", ID: ""}, long, moderator, "invalid: room"},
		{"notes to oneself", &talk.Room{Type: talk.NoteToSelf}, talk.User("bob"), "", nil, "invalid: room"},
		{"then the actor", shared, talk.Actor{Type: talk.ActorGroups, ID: "g"}, long, moderator, "invalid: bannedActor"},
		{"an empty id", shared, talk.User(""), "", nil, "invalid: bannedActor"},
		{"an endless id", shared, talk.User(strings.Repeat("x", talk.MaxBanActorID+1)), "", nil, "invalid: bannedActor"},
		{"no address", shared, talk.Actor{Type: talk.ActorAddress, ID: "localhost"}, "", nil, "invalid: bannedActor"},
		{"then the note", shared, by, long, moderator, "invalid: internalNote"},
		{"then oneself", shared, by, "", moderator, "invalid: self"},
		{"then moderators", shared, talk.User("peer"), "", moderator, "invalid: moderator"},
		{"guest moderators", shared, talk.Guest(strings.Repeat("0a", 20)), "", &talk.Attendee{Type: talk.GuestModerator}, "invalid: moderator"},
		{"owners", shared, talk.User("boss"), "", &talk.Attendee{Type: talk.Owner}, "invalid: moderator"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := talk.Ban{Banned: c.who, Note: c.note}
			wantOutcome(t, b.Check(c.room, by, c.target), c.want, "ban of %v", c.who)
		})
	}
}

func TestNetworksOfBans(t *testing.T) {
	for _, c := range []struct {
		text, canonical string
		bannable        bool
	}{
		{"192.0.2.7", "192.0.2.7", true},
		{"192.0.2.7/32", "192.0.2.7", true},
		{"192.0.2.7/24", "192.0.2.0/24", true},
		{"0.0.0.0/0", "0.0.0.0/0", true},
		{"2001:DB8::1", "2001:db8::1", true},
		{"2001:db8::1/64", "2001:db8::/64", true},
		{"::ffff:192.0.2.7", "192.0.2.7", true},
		{"::ffff:192.0.2.7/120", "192.0.2.0/24", true},
		{"::ffff:0:0/80", "::ffff:0:0/80", false},
		{"192.0.2.7/33", "192.0.2.7/33", false},
		{"192.0.2.7/-1", "192.0.2.7/-1", false},
		{"192.0.2.7/", "192.0.2.7/", false},
		{"192.0.2/24", "192.0.2/24", false},
		{"192.0.2.256", "192.0.2.256", false},
		{"192.0.2.7/255.255.255.0", "192.0.2.7/255.255.255.0", false},
		{"192.0.2.9-192.0.2.1", "192.0.2.9-192.0.2.1", false},
		{"192.0.2.*", "192.0.2.*", false},
		{"2001:db8::/129", "2001:db8::/129", false},
		{"fe80::1%eth0", "fe80::1%eth0", false},
		{"192.0.2.7 ", "192.0.2.7 ", false},
		{"", "", false},
	} {
		if got := talk.CanonicalNetwork(c.text); got != c.canonical {
			t.Errorf("%q is spelled %q, want %q", c.text, got, c.canonical)
		}
		who, _ := talk.Actor{Type: talk.ActorAddress, ID: c.text}.Bannable()
		b := talk.Ban{Banned: who}
		if got := b.Check(&talk.Room{Type: talk.Group}, talk.User("mod"), nil) == nil; got != c.bannable {
			t.Errorf("%q bannable: %v, want %v", c.text, got, c.bannable)
		}
	}
}

func TestBansCover(t *testing.T) {
	bans := talk.Bans{
		{ID: 1, Banned: talk.User("192.0.2.99")},
		{ID: 2, Banned: talk.Actor{Type: talk.ActorAddress, ID: "192.0.2.0/28"}},
		{ID: 3, Banned: talk.Actor{Type: talk.ActorAddress, ID: "2001:db8::/64"}},
	}
	for address, want := range map[string]int64{
		"192.0.2.15":       2,
		"192.0.2.16":       0,
		"192.0.2.99":       0,
		"::ffff:192.0.2.1": 2,
		"2001:db8::7":      3,
		"2001:db8:0:1::7":  0,
		"":                 0,
		"unknown":          0,
	} {
		var got int64
		if b := bans.Covering(address); b != nil {
			got = b.ID
		}
		if got != want {
			t.Errorf("%q is covered by ban %d, want %d", address, got, want)
		}
	}
	if b := bans.Of(talk.User("192.0.2.99")); b == nil || b.ID != 1 {
		t.Errorf("the user's ban is %v", b)
	}
	if b := bans.Of(talk.Guest("192.0.2.99")); b != nil {
		t.Errorf("a guest of the same id has ban %v", b)
	}
}

func TestBannableActors(t *testing.T) {
	guest, email := strings.Repeat("0aF", 14)[:40], talk.EmailGuest("bar@example.org")
	for _, c := range []struct{ given, want talk.Actor }{
		{talk.User("Bob"), talk.User("Bob")},
		{talk.Guest(guest), talk.Guest(strings.ToLower(guest))},
		{talk.Actor{Type: talk.ActorEmails, ID: " Bar@Example.ORG "}, email},
		{talk.Actor{Type: talk.ActorEmails, ID: strings.ToUpper(email.ID)}, email},
		{talk.Actor{Type: talk.ActorAddress, ID: "::FFFF:192.0.2.7"}, talk.Actor{Type: talk.ActorAddress, ID: "192.0.2.7"}},
	} {
		got, ok := c.given.Bannable()
		if got != c.want || !ok {
			t.Errorf("%v is spelled %v (%v), want %v", c.given, got, ok, c.want)
		}
		if wrong := (&talk.Ban{Banned: c.given}).Check(&talk.Room{Type: talk.Group}, talk.User("mod"), nil) == nil; wrong && c.given != c.want {
			t.Errorf("a ban of %v passes in this spelling", c.given)
		}
	}
	for _, who := range []talk.Actor{
		{}, talk.User(""), talk.Guest(guest + "0"), talk.Guest(" " + guest[1:]), talk.Guest("cli"), talk.Guest("system"), talk.Guest(guest[1:] + "g"),
		{Type: talk.ActorEmails, ID: "bar"}, {Type: talk.ActorEmails, ID: "a@b@c"}, {Type: talk.ActorEmails, ID: email.ID[1:]},
		{Type: talk.ActorAddress, ID: "010.0.0.1"}, {Type: talk.ActorAddress, ID: " 10.0.0.1"}, {Type: talk.ActorAddress, ID: "10.1"},
		{Type: talk.ActorGroups, ID: "g"}, {Type: talk.ActorTeams, ID: "t"}, {Type: talk.ActorPhones, ID: "+49"},
		{Type: talk.ActorBots, ID: "b"}, {Type: talk.ActorFederatedUsers, ID: "kim@cloud.example"}, {Type: "Users", ID: "bob"},
	} {
		if got, ok := who.Bannable(); ok {
			t.Errorf("%v can be banned as %v", who, got)
		}
	}
}
