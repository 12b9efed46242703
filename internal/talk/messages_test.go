package talk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talk"
)

// TestShownActor tells how authors are shown.
func TestShownActor(t *testing.T) {
	mail := talk.Actor{Type: talk.ActorEmails, ID: "e1"}
	for name, test := range map[string]struct {
		actor, shown talk.Actor
		name         string
	}{
		"user":          {alice, alice, "Alice A."},
		"deleted user":  {talk.User("dave"), talk.Actor{Type: "deleted_users", ID: "deleted_users"}, ""},
		"guest":         {greta, greta, "Greta"},
		"guest gone":    {talk.Guest("ff"), talk.Guest("ff"), ""},
		"e-mail guest":  {mail, mail, ""},
		"administrator": {console, console, "Administration"},
		"server":        {talk.Guest(talk.GuestSystem), talk.Guest(talk.GuestSystem), ""},
	} {
		got := talk.Message{Actor: test.actor, Text: "{actor} says hello"}.Render(alice, everybody)
		if got.Shown != test.shown || got.ActorName != test.name {
			t.Errorf("%s: shown as %v %q, want %v %q", name, got.Shown, got.ActorName, test.shown, test.name)
		}
		if got.Wording != "{actor} says hello" || got.Mentions != nil {
			t.Errorf("%s: a message of a person became %q with %v", name, got.Wording, got.Mentions)
		}
	}
}

// TestUserWithoutName: an account that has an empty name is not a deleted one.
func TestUserWithoutName(t *testing.T) {
	got := talk.Message{Actor: bob, System: talk.ConversationCreated}.Render(alice, talk.Names{bob: ""})
	if got.Shown != bob || got.Mentions["actor"].Type != "user" {
		t.Errorf("shown as %v with %v", got.Shown, got.Mentions)
	}
}

// TestMentions is the table of rich objects, as far as system messages use it.
func TestMentions(t *testing.T) {
	of := func(kind talk.ActorType, id string) talk.Actor { return talk.Actor{Type: kind, ID: id} }
	names := talk.Names{
		bob: "Bob B.", greta: "Greta", of("groups", "staff"): "Staff", of("circles", "t1"): "Team",
		of("emails", "e1"): "Eve", of("phones", "p1"): "+49 …", of("bots", "b1"): "Robot",
	}
	for key, test := range map[string]struct {
		about talk.Actor
		param string
		want  talk.Mention
	}{
		"user":           {bob, "user", talk.Mention{Type: "user", ID: "bob", Name: "Bob B.", MentionID: "bob"}},
		"deleted user":   {carol, "user", talk.Mention{Type: "highlight", ID: "deleted_users", Name: "Deleted user"}},
		"guest":          {greta, "user", talk.Mention{Type: "guest", ID: "guest/ab12", Name: "Greta (guest)", MentionID: "guest/ab12"}},
		"guest gone":     {talk.Guest("ff"), "user", talk.Mention{Type: "guest", ID: "guest/ff", Name: "Guest (guest)", MentionID: "guest/ff"}},
		"administrator":  {console, "user", talk.Mention{Type: "guest", ID: "guest/cli", Name: "Administration", MentionID: "guest/cli"}},
		"server":         {talk.Guest("system"), "user", talk.Mention{Type: "guest", ID: "guest/system", Name: "System", MentionID: "guest/system"}},
		"e-mail":         {of("emails", "e1"), "user", talk.Mention{Type: "guest", ID: "email/e1", Name: "Eve (guest)", MentionID: "email/e1"}},
		"e-mail unnamed": {of("emails", "e2"), "user", talk.Mention{Type: "guest", ID: "email/e2", Name: "Guest (guest)", MentionID: "email/e2"}},
		"group":          {of("groups", "staff"), "group", talk.Mention{Type: "group", ID: "staff", Name: "Staff", MentionID: "user-group/staff"}},
		"group gone":     {of("groups", "old"), "group", talk.Mention{Type: "group", ID: "old", Name: "old", MentionID: "user-group/old"}},
		"team":           {of("circles", "t1"), "circle", talk.Mention{Type: "circle", ID: "t1", Name: "Team", MentionID: "team/t1"}},
		"team gone":      {of("circles", "t2"), "circle", talk.Mention{Type: "circle", ID: "t2", Name: "t2", MentionID: "team/t2"}},
		"phone":          {of("phones", "p1"), "phone", talk.Mention{Type: "highlight", ID: "p1", Name: "+49 …"}},
		"phone gone":     {of("phones", "p2"), "phone", talk.Mention{Type: "highlight", ID: "p2", Name: "Phone"}},
		"bot":            {of("bots", "b1"), "user", talk.Mention{Type: "highlight", ID: "b1", Name: "Robot"}},
		"bot gone":       {of("bots", "b2"), "user", talk.Mention{Type: "highlight", ID: "b2", Name: "b2"}},
	} {
		got := talk.Message{Actor: greta, System: talk.UserAdded, About: test.about}.Render(alice, names).Mentions
		want := map[string]talk.Mention{
			"actor":    {Type: "guest", ID: "guest/ab12", Name: "Greta (guest)", MentionID: "guest/ab12"},
			test.param: test.want,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

// TestOnlyActorIsMentioned: a message on nobody has one parameter.
func TestOnlyActorIsMentioned(t *testing.T) {
	got := talk.Message{Actor: bob, System: talk.PasswordSet}.Render(alice, everybody).Mentions
	want := map[string]talk.Mention{"actor": {Type: "user", ID: "bob", Name: "Bob B.", MentionID: "bob"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
