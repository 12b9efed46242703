package talk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/internal/talk"
)

func TestTrimMessage(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \t\n\r\x00\v": "", "  padded \n text \n": "padded \n text", ".": ".", "\u200b": "\u200b", "\u00a0": "\u00a0",
	} {
		got, err := talk.TrimMessage(text)
		if got != want || (want == "") != talk.IsKind(err, talk.Invalid) {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
	if err := talk.CheckMessageLength(strings.Repeat("ä", 32000)); err != nil {
		t.Errorf("32,000 characters: %v", err)
	}
	if err := talk.CheckMessageLength(strings.Repeat("ä", 32001)); !talk.IsKind(err, talk.TooLarge) {
		t.Errorf("32,001 characters: %v", err)
	}
}

func TestTrimReference(t *testing.T) {
	for id, want := range map[string]string{
		"": "", ".\v": ".", strings.Repeat("ä", 70): strings.Repeat("ä", 64), strings.Repeat("a", 64): strings.Repeat("a", 64),
	} {
		if got := talk.TrimReference(id); got != want {
			t.Errorf("%q became %q", id, got)
		}
	}
}

// reason is the kind and word of a failure, empty for none.
func reason(err error) string {
	e, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return fmt.Sprint(err)
	}
	return e.Kind.String() + " " + e.Reason
}

// TestChangingMessages is the table of who may edit and delete what.
func TestChangingMessages(t *testing.T) {
	const day = talk.EditableFor
	comment := talk.Message{Actor: alice, Kind: talk.KindComment, Timestamp: 1000}
	with := func(change func(*talk.Message)) talk.Message {
		m := comment
		change(&m)
		return m
	}
	author, member, mod := talk.Attendee{Actor: alice, Type: talk.Member}, talk.Attendee{Actor: bob, Type: talk.Member},
		talk.Attendee{Actor: carol, Type: talk.Moderator}
	guestMod := talk.Attendee{Actor: greta, Type: talk.GuestModerator}
	for _, test := range []struct {
		name         string
		message      talk.Message
		me           talk.Attendee
		room         talk.RoomType
		now          int64
		edit, delete string
	}{
		{"own", comment, author, talk.Group, 1000, "<nil>", "<nil>"},
		{"of others", comment, member, talk.Group, 1000, "forbidden permission", "forbidden permission"},
		{"moderator", comment, mod, talk.Group, 1000, "<nil>", "<nil>"},
		{"guest moderator", comment, guestMod, talk.Public, 1000, "forbidden permission", "forbidden permission"},
		{"one-to-one", comment, talk.Attendee{Actor: bob, Type: talk.Owner}, talk.OneToOne, 1000, "forbidden permission", "forbidden permission"},
		{"a day old", comment, author, talk.Group, 1000 + day, "<nil>", "<nil>"},
		{"older", comment, author, talk.Group, 1001 + day, "invalid age", "<nil>"},
		{"older note", comment, author, talk.NoteToSelf, 1001 + day, "<nil>", "<nil>"},
		{"object", with(func(m *talk.Message) { m.Kind = talk.KindObject }), author, talk.Group, 1000, "<nil>", "<nil>"},
		{"deleted", with(func(m *talk.Message) { m.Kind = talk.KindDeleted }), author, talk.Group, 1000, "unsupported message", "unsupported message"},
		{"system", with(func(m *talk.Message) { m.Kind = talk.KindSystem }), author, talk.Group, 1000, "unsupported message", "unsupported message"},
		{"deleted of others", with(func(m *talk.Message) { m.Kind = talk.KindDeleted }), member, talk.Group, 1000, "forbidden permission", "forbidden permission"},
		{"bot in a one-to-one", with(func(m *talk.Message) { m.Actor = talk.Actor{Type: talk.ActorBots, ID: "b"} }), author, talk.OneToOne, 1000,
			"<nil>", "forbidden permission"},
	} {
		r := talk.Room{Type: test.room}
		if got := reason(talk.CanEdit(&test.message, &test.me, &r, test.now)); got != test.edit {
			t.Errorf("%s: edit %q, want %q", test.name, got, test.edit)
		}
		if got := reason(talk.CanDelete(&test.message, &test.me, &r)); got != test.delete {
			t.Errorf("%s: delete %q, want %q", test.name, got, test.delete)
		}
	}
}

func TestMarkUnread(t *testing.T) {
	comment := func(id int64) *talk.Message { return &talk.Message{ID: id, Kind: talk.KindComment} }
	system := func(id int64) *talk.Message { return &talk.Message{ID: id, Kind: talk.KindSystem} }
	for _, test := range []struct {
		name   string
		last   *talk.Message
		newest []int64
		before int64
		want   int64
	}{
		{"two comments", comment(9), []int64{9, 7}, 8, 7},
		{"one comment", comment(9), []int64{9}, 8, 8},
		{"one comment alone", comment(9), []int64{9}, 0, -2},
		{"system after two", system(9), []int64{8, 7}, 8, 7},
		{"system after one", system(9), []int64{8}, 8, 8},
		{"system alone", system(9), nil, 8, 8},
		{"nothing else", system(9), nil, 0, -2},
	} {
		if got := talk.MarkUnread(test.last, test.newest, test.before); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

// TestUnreadArithmetic compares the tree of gaps with counting, on random histories.
func TestUnreadArithmetic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newest := int64(rapid.IntRange(0, 3000).Draw(t, "newest"))
		read := int64(rapid.IntRange(0, int(newest)).Draw(t, "read"))
		seed := rapid.Uint64().Draw(t, "seed")
		random, gone := rand.New(rand.NewPCG(seed, 1)), map[int64]bool{}
		gaps := map[int64]int64{}
		for range rapid.IntRange(0, int(min(newest, 200))).Draw(t, "gone") {
			number := 1 + random.Int64N(newest)
			if gone[number] {
				continue
			}
			gone[number] = true
			for _, node := range talk.GapNodes(number) {
				gaps[node]++
			}
		}
		naive := int64(0)
		for number := read + 1; number <= newest; number++ {
			if !gone[number] {
				naive++
			}
		}
		if got := talk.Unread(newest, read, gaps); got != naive {
			t.Fatalf("unread of %d after %d: %d, counted %d", newest, read, got, naive)
		}
	})
}

func TestUnreadMention(t *testing.T) {
	r := talk.Room{AllMentionedID: 5}
	for _, test := range []struct {
		me                talk.Attendee
		level             int
		mentioned, direct bool
	}{
		{talk.Attendee{LastReadMessage: 4}, talk.NotifyMention, true, false},
		{talk.Attendee{LastReadMessage: 4}, talk.NotifyNever, false, false},
		{talk.Attendee{LastReadMessage: 5}, talk.NotifyMention, false, false},
		{talk.Attendee{LastReadMessage: 5, LastMentionMessage: 6}, talk.NotifyMention, true, false},
		{talk.Attendee{LastReadMessage: 5, LastMentionMessage: 6, LastMentionDirect: 6}, talk.NotifyNever, true, true},
		{talk.Attendee{LastReadMessage: 6, LastMentionMessage: 6, LastMentionDirect: 6}, talk.NotifyMention, false, false},
	} {
		mentioned, direct := talk.UnreadMention(&r, &test.me, test.level)
		if mentioned != test.mentioned || direct != test.direct {
			t.Errorf("%+v at level %d: %v, %v", test.me, test.level, mentioned, direct)
		}
	}
	none := talk.Attendee{LastReadMessage: talk.NothingRead}
	if mentioned, direct := talk.UnreadMention(&talk.Room{}, &none, talk.NotifyAlways); mentioned || direct {
		t.Error("nobody was mentioned, and yet somebody has not read it")
	}
}

// TestSharedObjects is the table of what can be shared.
func TestSharedObjects(t *testing.T) {
	place := map[string]string{"name": "Berlin", "latitude": "52", "longitude": "13"}
	for _, test := range []struct {
		kind, id string
		texts    map[string]string
		list     string
	}{
		{"geo-location", "geo:52.5,13.4", place, "location"},
		{"geo-location", "geo:91,13", place, "location"},
		{"geo-location", "geo:-90,180,3;crs=wgs84;u=35", place, "location"},
		{"geo-location", "geo:52.,13", place, ""},
		{"geo-location", "geo:+52,13", place, ""},
		{"geo-location", "geo:152,13", place, ""},
		{"geo-location", "geo:1,1", map[string]string{"name": "x"}, ""},
		{"geo-location", "geo:1,1", map[string]string{"name": "", "latitude": "1", "longitude": "1"}, "location"},
		{"deck-card", "1", map[string]string{"name": "x", "boardname": "b", "stackname": "s", "link": "l"}, "deckcard"},
		{"deck-card", "1", map[string]string{"name": "x"}, ""},
		{"highlight", "1", map[string]string{"name": "x"}, "other"},
		{"highlight", "1", nil, ""},
		{"talk-poll", "1", map[string]string{"name": "x"}, ""},
		{"file", "1", map[string]string{"name": "x"}, ""},
		{"", "1", map[string]string{"name": "x"}, ""},
	} {
		o, list, err := talk.SharedObject(test.kind, test.id, test.texts)
		if list != test.list || (err != nil) != (test.list == "") || err == nil && (o["type"] != test.kind || o["id"] != test.id) {
			t.Errorf("%s %s %v: %v, %q, %v", test.kind, test.id, test.texts, o, list, err)
		}
	}
}

func TestPollRules(t *testing.T) {
	for name, test := range map[string]struct {
		poll talk.Poll
		want string
	}{
		"fine":         {talk.Poll{Question: " Q? ", Options: []string{"a", "b"}}, "<nil>"},
		"same":         {talk.Poll{Question: "Q", Options: []string{"a", "a"}}, "<nil>"},
		"padded":       {talk.Poll{Question: "Q", Options: []string{" a ", "b", ""}}, "<nil>"},
		"no question":  {talk.Poll{Question: "  ", Options: []string{"a", "b"}}, "invalid question"},
		"long":         {talk.Poll{Question: strings.Repeat("x", 32001), Options: []string{"a", "b"}}, "invalid question"},
		"one option":   {talk.Poll{Question: "Q", Options: []string{"a"}}, "invalid options"},
		"blank":        {talk.Poll{Question: "Q", Options: []string{"a", " ", ""}}, "invalid options"},
		"none":         {talk.Poll{Question: "Q"}, "invalid options"},
		"huge options": {talk.Poll{Question: "Q", Options: []string{strings.Repeat("x", 60000), "b"}}, "invalid options"},
		"many options": {talk.Poll{Question: "Q", Options: slices.Repeat([]string{"a"}, 1001)}, "invalid options"},
	} {
		if got := reason(test.poll.Check()); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	for name, test := range map[string]struct {
		poll   talk.Poll
		chosen []int
		want   string
	}{
		"one":       {talk.Poll{MaxVotes: 1}, []int{1}, "[1] <nil>"},
		"withdraw":  {talk.Poll{MaxVotes: 1}, nil, "[] <nil>"},
		"twice":     {talk.Poll{MaxVotes: 1}, []int{1, 1}, "[1] <nil>"},
		"too many":  {talk.Poll{MaxVotes: 1}, []int{0, 1}, "[] invalid options"},
		"unlimited": {talk.Poll{}, []int{1, 0}, "[0 1] <nil>"},
		"unknown":   {talk.Poll{}, []int{2}, "[] invalid options"},
		"negative":  {talk.Poll{}, []int{-1}, "[] invalid options"},
		"closed":    {talk.Poll{Status: talk.PollIsClosed}, []int{0}, "[] invalid poll"},
		"draft":     {talk.Poll{Status: talk.PollIsDraft}, []int{0}, "[] not found poll"},
	} {
		test.poll.Options = []string{"a", "b"}
		got, err := test.poll.CheckVote(test.chosen)
		if text := fmt.Sprint(got, " ", reason(err)); text != test.want {
			t.Errorf("%s: %q, want %q", name, text, test.want)
		}
	}
}

func TestSuggestionOrder(t *testing.T) {
	named := func(id, name string) talk.Attendee { return talk.Attendee{Actor: talk.User(id), DisplayName: name} }
	users := []talk.Attendee{named("me", "Bert"), named("a", "Carl Bern"), named("b", "Bernd"), named("c", "Berta"), named("d", "Xbert")}
	talk.OrderSuggested(users, "Ber", talk.User("me"), map[talk.Actor]int64{talk.User("c"): 5, talk.User("d"): 4})
	var got []string
	for _, u := range users {
		got = append(got, u.Actor.ID)
	}
	if want := []string{"c", "b", "d", "a", "me"}; !slices.Equal(got, want) {
		t.Errorf("the order is %v, want %v", got, want)
	}
	for typed, want := range map[string]bool{"": true, "al": true, "all": true, "alll": false, "he": true, "Plan": true, "lan": true, "x": false} {
		if talk.MatchesAll(typed, "Plans") != want {
			t.Errorf("@all for %q: %v", typed, !want)
		}
	}
}
