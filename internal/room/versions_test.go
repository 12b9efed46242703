package room_test

import (
	"errors"
	"reflect"
	"testing"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// A change of the chat leaves the version of the conversation alone, until it stores
// something else after all: lists of participants are remembered by it.
func TestChatChangesThatStoreMore(t *testing.T) {
	someone := func(c *room.Change, id string) *talk.Attendee {
		return &talk.Attendee{RoomID: c.Room.ID, Actor: talk.User(id), DisplayName: id, Type: talk.Member}
	}
	message := func(c *room.Change) *talk.Message {
		return &talk.Message{Actor: c.Actor(), Kind: talk.KindComment, Text: "hello"}
	}
	caller := func(c *room.Change) *talk.Participant {
		session := &talk.Session{RoomID: c.Room.ID, AttendeeID: c.Me.ID, SessionID: c.Room.Token, InCall: talk.InCall}
		return &talk.Participant{Attendee: c.Me.Attendee, Session: session}
	}
	stores := map[string]func(*room.Change) error{
		"SaveRoom":       func(c *room.Change) error { return c.SaveRoom(talk.EventSettings) },
		"DeleteRoom":     func(c *room.Change) error { return errors.Join(c.DeleteRoom(), errUndone) },
		"SaveAttendee":   func(c *room.Change) error { return c.SaveAttendee(&c.Me.Attendee, talk.EventPermissions) },
		"SaveOwn":        func(c *room.Change) error { return c.SaveOwn(&c.Me.Attendee) },
		"AddAttendee":    func(c *room.Change) error { return c.AddAttendee(someone(c, "bob")) },
		"AddReader":      func(c *room.Change) error { return c.AddReader(someone(c, "bob")) },
		"AddAttendees":   func(c *room.Change) error { return c.AddAttendees([]*talk.Attendee{someone(c, "bob")}) },
		"RemoveAttendee": func(c *room.Change) error { return c.RemoveAttendee(&c.Me.Attendee) },
		"RemoveRoles":    func(c *room.Change) error { return c.RemoveRoles(talk.Owner) },
		"OpenSession": func(c *room.Change) error {
			session := &talk.Session{RoomID: c.Room.ID, AttendeeID: c.Me.ID, SessionID: c.Room.Token}
			return c.OpenSession(&talk.Participant{Attendee: c.Me.Attendee, Session: session})
		},
		"CloseSession": func(c *room.Change) error { return c.CloseSession(&talk.Session{ID: 1}, &c.Me.Attendee) },
		"JoinCall":     func(c *room.Change) error { return c.JoinCall(caller(c), room.CallEntry{Flags: talk.InCall}) },
		"SetCallFlags": func(c *room.Change) error { return c.SetCallFlags(caller(c), talk.InCall) },
		"LeaveCall":    func(c *room.Change) error { return c.LeaveCall(caller(c).Session, c.Me.Actor) },
		"KeepWaitingOut": func(c *room.Change) error {
			c.Room.LobbyState, c.Room.CallSince = talk.LobbyNonModerators, 1
			return c.KeepWaitingOut()
		},
		"KeepAllOut": func(c *room.Change) error {
			c.Room.ReadOnly, c.Room.CallSince = 1, 1
			return c.KeepAllOut()
		},
		"EndCallIfOver": func(c *room.Change) error { c.Room.CallSince = 1; return c.EndCallIfOver(c.Actor()) },
		"EndCall":       func(c *room.Change) error { c.Room.CallSince = 1; return c.EndCall(c.Actor(), true) },
		"EndDueLobby": func(c *room.Change) error {
			c.Room.LobbyState, c.Room.LobbyTimer = talk.LobbyNonModerators, 1
			return c.EndDueLobby()
		},
	}
	chat := map[string]func(*room.Change) error{
		"PostSystem":      func(c *room.Change) error { return c.PostSystem(talk.DescriptionSet) },
		"PostSystemAbout": func(c *room.Change) error { return c.PostSystemAbout(talk.UserAdded, talk.User("bob")) },
		"PostSystemForEach": func(c *room.Change) error {
			return c.PostSystemForEach(talk.UserAdded, []talk.Actor{talk.User("bob")})
		},
		"Post":          func(c *room.Change) error { return c.Post(message(c)) },
		"PostTo":        func(c *room.Change) error { return c.PostTo(&store.Audience{}, message(c)) },
		"Emit":          func(c *room.Change) error { c.Emit(room.Event{Kind: talk.EventEdit, Actor: c.Actor()}); return nil },
		"RefreshNewest": (*room.Change).RefreshNewest,
	}
	// These change nothing, or begin a change of something else.
	looks := map[string]bool{"Actor": true, "Name": true, "Of": true, "Beside": true, "RememberRoster": true}

	all := reflect.TypeFor[*room.Change]()
	for i := range all.NumMethod() {
		name := all.Method(i).Name
		if stores[name] == nil && chat[name] == nil && !looks[name] {
			t.Errorf("say here whether %s changes more than the chat", name)
		}
	}
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			w, _ := clockedFixture(t, kind.URL(t))
			raised := func(f func(*room.Change) error) (yes bool) {
				scope := room.Scope{Caller: as("alice"), Token: w.room(talk.Group)}
				err := w.Rooms.ChangeChat(t.Context(), scope, func(c *room.Change) error {
					before, err := store.Room(c.Tx, scope.Token)
					if err != nil {
						return err
					}
					if err := f(c); err != nil && !errors.Is(err, errUndone) {
						return err
					}
					after, err := store.Room(c.Tx, scope.Token)
					if db.IsNone(err) {
						yes = true
						return nil
					}
					yes = after.Version != before.Version
					return err
				})
				w.must(err)
				return yes
			}
			for name, f := range stores {
				if !raised(f) {
					t.Errorf("%s leaves the version of the conversation alone", name)
				}
			}
			for name, f := range chat {
				if raised(f) {
					t.Errorf("%s raises the version of the conversation", name)
				}
			}
		})
	}
}
