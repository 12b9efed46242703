package talk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/internal/talk"
)

var (
	alice, bob, carol = talk.User("alice"), talk.User("bob"), talk.User("carol")
	greta, console    = talk.Guest("ab12"), talk.Guest(talk.GuestCLI)
	everybody         = talk.Names{alice: "Alice A.", bob: "Bob B.", carol: "Carol C.", greta: "Greta"}

	placeholder = regexp.MustCompile(`\{[^}]*\}`)
	secondWord  = regexp.MustCompile(`(?i)\byou\b`)
	sentence    = regexp.MustCompile(`^(You|An administrator|\{actor\}|The conversation|Reaction|Somebody) [a-z]+ .*[^. ]$|^(Call ended|\{actor\} ended the call) \(0:05\)$|^(Missed|Unanswered) call$`)
)

// systemKeys reads the keys from the source, so that no new one is forgotten.
func systemKeys(t *testing.T) (keys []talk.SystemKey) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "messages.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "SystemKey" && spec.Names[0].Name != "CallTried" { // which is never stored
			key, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, talk.SystemKey(key))
		}
		return true
	})
	if len(keys) < 32 {
		t.Fatalf("only %d keys were found in the source", len(keys))
	}
	return keys
}

// example returns a message with the person or thing that its key speaks of.
func example(key talk.SystemKey, actor, person talk.Actor) talk.Message {
	m := talk.Message{Actor: actor, System: key, Params: map[string]string{
		"oldName": "Lunch", "newName": "Dinner", "seconds": "3600", "duration": "5",
	}}
	subject, event, _ := strings.Cut(string(key), "_")
	switch {
	case subject == "group":
		m.About = talk.Actor{Type: talk.ActorGroups, ID: "staff"}
	case subject == "circle":
		m.About = talk.Actor{Type: talk.ActorTeams, ID: "t1"}
	case subject == "phone":
		m.About = talk.Actor{Type: talk.ActorPhones, ID: "p1"}
	case subject == "user", strings.HasSuffix(event, "moted"):
		m.About = person
	}
	return m
}

// TestEveryFormOfEveryKey words each message by each kind of actor, on each kind
// of person, for each kind of reader.
func TestEveryFormOfEveryKey(t *testing.T) {
	people := []talk.Actor{alice, bob, greta, {Type: talk.ActorEmails, ID: "e1"}}
	for _, key := range systemKeys(t) {
		if key == talk.ReactionGiven {
			continue // it is the emoji
		}
		for _, actor := range []talk.Actor{alice, greta, console, talk.Guest(talk.GuestSystem)} {
			for _, person := range people {
				for _, viewer := range append(people, talk.Actor{}, carol, console) {
					m := example(key, actor, person)
					got := render(m, viewer, everybody)
					checkSentence(t, got, viewer)
				}
			}
		}
	}
}

// checkSentence holds one worded message against the rules for all of them.
func checkSentence(t *testing.T, got talk.Rendered, viewer talk.Actor) {
	t.Helper()
	text, m := got.Wording, got.Message
	if !sentence.MatchString(text) || strings.Contains(text, "  ") || strings.Contains(text, "%") {
		t.Errorf("%s is not a sentence: %q", m.System, text)
	}
	if strings.Contains(text, strings.ReplaceAll(string(m.System), "_", " ")) {
		t.Errorf("%s falls back to its key: %q", m.System, text)
	}
	for _, name := range placeholder.FindAllString(text, -1) {
		if _, ok := got.Objects[strings.Trim(name, "{}")]; !ok {
			t.Errorf("%s: %q has no parameter %s", m.System, text, name)
		}
	}
	spokenTo := viewer.Type == talk.ActorUsers && (viewer == m.Actor || viewer == m.About) &&
		!slices.Contains([]talk.SystemKey{talk.LobbyTimerReached, talk.PollVoted, talk.ReactionDeleted, talk.CallMissed, talk.CallTried,
			talk.CallEnded, talk.CallEndedEveryone}, m.System)
	if secondWord.MatchString(text) != spokenTo {
		t.Errorf("%s by %v on %v read by %v: %q", m.System, m.Actor, m.About, viewer, text)
	}
}

// TestKeysDiffer: two events never read the same, but guests become moderators
// as users do.
func TestKeysDiffer(t *testing.T) {
	seen := make(map[string]talk.SystemKey)
	for _, key := range systemKeys(t) {
		name := talk.SystemKey(strings.TrimPrefix(string(key), "guest_"))
		text := render(example(key, alice, bob), carol, everybody).Wording
		if other, taken := seen[text]; taken && other != name {
			t.Errorf("%s and %s both read %q", key, other, text)
		}
		seen[text] = name
	}
}

func TestWordingForms(t *testing.T) {
	for _, test := range []struct {
		key                   talk.SystemKey
		actor, person, viewer talk.Actor
		want                  string
	}{
		{talk.ConversationCreated, alice, bob, alice, "You created the conversation"},
		{talk.ConversationCreated, alice, bob, bob, "{actor} created the conversation"},
		{talk.ConversationCreated, greta, bob, greta, "{actor} created the conversation"},
		{talk.ConversationCreated, console, bob, alice, "An administrator created the conversation"},
		{talk.UserAdded, alice, bob, alice, "You added {user}"},
		{talk.UserAdded, alice, bob, bob, "{actor} added you"},
		{talk.UserAdded, alice, bob, carol, "{actor} added {user}"},
		{talk.UserAdded, alice, bob, talk.Actor{}, "{actor} added {user}"},
		{talk.UserAdded, console, bob, bob, "An administrator added you"},
		{talk.UserAdded, console, bob, carol, "An administrator added {user}"},
		{talk.UserAdded, alice, alice, alice, "You joined the conversation"},
		{talk.UserAdded, alice, alice, bob, "{actor} joined the conversation"},
		{talk.UserRemoved, alice, alice, alice, "You left the conversation"},
		{talk.UserRemoved, alice, alice, bob, "{actor} left the conversation"},
		{talk.UserRemoved, alice, bob, bob, "{actor} removed you"},
		{talk.ModeratorPromoted, alice, bob, bob, "{actor} made you a moderator"},
		{talk.ModeratorDemoted, console, bob, bob, "An administrator took the moderator role from you"},
		{talk.GuestModeratorPromote, alice, greta, greta, "{actor} made {user} a moderator"},
		{talk.GuestModeratorDemote, greta, bob, greta, "{actor} took the moderator role from {user}"},
		{talk.GroupAdded, alice, bob, alice, "You added group {group}"},
		{talk.TeamRemoved, alice, bob, bob, "{actor} removed team {circle}"},
		{talk.PhoneAdded, alice, bob, bob, "{actor} added phone {phone}"},
		{talk.LobbyTimerReached, alice, bob, alice, "The conversation is open to everybody now"},
		{talk.ConversationRenamed, alice, bob, alice, "You renamed the conversation from “Lunch” to “Dinner”"},
		{talk.MessageExpirationEnabled, console, bob, alice, "An administrator set messages to expire after 1 hour"},
	} {
		if got := render(example(test.key, test.actor, test.person), test.viewer, everybody).Wording; got != test.want {
			t.Errorf("%s: got %q, want %q", test.key, got, test.want)
		}
	}
}

// TestNamesAreNotWorded: what people typed into a name stays as it is.
func TestNamesAreNotWorded(t *testing.T) {
	m := example(talk.ConversationRenamed, alice, bob)
	m.Params = map[string]string{"oldName": "100 %s", "newName": "{user}"}
	if got, want := render(m, bob, everybody).Wording, "{actor} renamed the conversation from “100 %s” to “{user}”"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestUnknownKey: messages that a newer version stored can still be read.
func TestUnknownKey(t *testing.T) {
	if got := render((talk.Message{Actor: alice, System: "cake_was_served"}), alice, everybody).Wording; got != "cake was served" {
		t.Errorf("got %q", got)
	}
}

func TestDurations(t *testing.T) {
	for seconds, want := range map[string]string{
		"1": "1 minute", "29": "1 minute", "60": "1 minute", "89": "1 minute", "90": "2 minutes", "1800": "30 minutes",
		"3599": "60 minutes", "3600": "1 hour", "5399": "1 hour", "5400": "2 hours", "28800": "8 hours", "86399": "24 hours",
		"86400": "1 day", "129599": "1 day", "129600": "2 days", "604799": "7 days",
		"604800": "1 week", "907199": "1 week", "907200": "2 weeks", "2419200": "4 weeks",
		"": "some time", "soon": "some time",
	} {
		m := talk.Message{Actor: alice, System: talk.MessageExpirationEnabled, Params: map[string]string{"seconds": seconds}}
		if got := render(m, bob, everybody).Wording; got != "{actor} set messages to expire after "+want {
			t.Errorf("%s s: got %q, want the ending %q", seconds, got, want)
		}
	}
}
