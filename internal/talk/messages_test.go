package talk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talk"
)

// render shows a message of a group to a viewer.
func render(m talk.Message, viewer talk.Actor, names talk.Names) talk.Rendered {
	m.Kind = talk.KindComment
	if m.System != "" {
		m.Kind = talk.KindSystem
	}
	return talk.Reader{Viewer: viewer, Room: &talk.Room{Type: talk.Group}}.Render(&m, m.Mentioned(), names)
}

// object is a rich object, with or without a mention id.
func object(kind, id, name, mention string) talk.RichObject {
	o := talk.RichObject{"type": kind, "id": id, "name": name}
	if mention != "" {
		o["mention-id"] = mention
	}
	return o
}

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
		got := render(talk.Message{Actor: test.actor, Text: "{actor} says hello"}, alice, everybody)
		if got.Shown != test.shown || got.ActorName != test.name {
			t.Errorf("%s: shown as %v %q, want %v %q", name, got.Shown, got.ActorName, test.shown, test.name)
		}
		if got.Wording != "{actor} says hello" || got.Objects != nil {
			t.Errorf("%s: a message of a person became %q with %v", name, got.Wording, got.Objects)
		}
	}
}

// TestUserWithoutName: an account that has an empty name is not a deleted one.
func TestUserWithoutName(t *testing.T) {
	got := render(talk.Message{Actor: bob, System: talk.ConversationCreated}, alice, talk.Names{bob: ""})
	if got.Shown != bob || got.Objects["actor"]["type"] != "user" {
		t.Errorf("shown as %v with %v", got.Shown, got.Objects)
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
		want  talk.RichObject
	}{
		"user":           {bob, "user", object("user", "bob", "Bob B.", "bob")},
		"deleted user":   {carol, "user", object("highlight", "deleted_users", "Deleted user", "")},
		"guest":          {greta, "user", object("guest", "guest/ab12", "Greta (guest)", "guest/ab12")},
		"guest gone":     {talk.Guest("ff"), "user", object("guest", "guest/ff", "Guest (guest)", "guest/ff")},
		"administrator":  {console, "user", object("guest", "guest/cli", "Administration", "guest/cli")},
		"server":         {talk.Guest("system"), "user", object("guest", "guest/system", "System", "guest/system")},
		"e-mail":         {of("emails", "e1"), "user", object("guest", "email/e1", "Eve (guest)", "email/e1")},
		"e-mail unnamed": {of("emails", "e2"), "user", object("guest", "email/e2", "Guest (guest)", "email/e2")},
		"group":          {of("groups", "staff"), "group", object("group", "staff", "Staff", "user-group/staff")},
		"group gone":     {of("groups", "old"), "group", object("group", "old", "old", "user-group/old")},
		"team":           {of("circles", "t1"), "circle", object("circle", "t1", "Team", "team/t1")},
		"team gone":      {of("circles", "t2"), "circle", object("circle", "t2", "t2", "team/t2")},
		"phone":          {of("phones", "p1"), "phone", object("highlight", "p1", "+49 …", "")},
		"phone gone":     {of("phones", "p2"), "phone", object("highlight", "p2", "Phone", "")},
		"bot":            {of("bots", "b1"), "user", object("highlight", "b1", "Robot", "")},
		"bot gone":       {of("bots", "b2"), "user", object("highlight", "b2", "b2-bot", "")},
	} {
		got := render(talk.Message{Actor: greta, System: talk.UserAdded, About: test.about}, alice, names).Objects
		want := map[string]talk.RichObject{
			"actor":    object("guest", "guest/ab12", "Greta (guest)", "guest/ab12"),
			test.param: test.want,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
}

// TestOnlyActorIsMentioned: a message on nobody has one parameter.
func TestOnlyActorIsMentioned(t *testing.T) {
	got := render(talk.Message{Actor: bob, System: talk.PasswordSet}, alice, everybody).Objects
	want := map[string]talk.RichObject{"actor": object("user", "bob", "Bob B.", "bob")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
