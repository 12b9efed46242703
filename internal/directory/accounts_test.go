package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/store"
	"parley/internal/talk"
)

// operator is an administrator at the command line.
func operator() talk.Caller { return talk.Caller{System: talk.GuestCLI} }

// refused checks that a use case failed in the expected way.
func refused(t *testing.T, err error, kind talk.Kind, reason string) {
	t.Helper()
	e, ok := errors.AsType[*talk.Error](err)
	if !ok || e.Kind != kind || e.Reason != reason {
		t.Errorf("got %v, want %v: %s", err, kind, reason)
	}
}

// conversation returns what is stored of a conversation, nil when it is gone.
func (w *fixture) conversation(token string) (found *talk.Room) {
	w.t.Helper()
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		found = &room
		return err
	}))
	return found
}

// types returns the roles of all attendees by their id.
func (w *fixture) types(token string) map[string]talk.ParticipantType {
	w.t.Helper()
	out := map[string]talk.ParticipantType{}
	for who, at := range w.attendees(token) {
		out[who.ID] = at.Type
	}
	return out
}

// told returns the system messages of a conversation behind the first one that
// says that it was created, oldest first, as "actor key about".
func (w *fixture) told(token string) (out []string) {
	w.t.Helper()
	id := w.conversation(token).ID
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		found, err := store.HistoryOf(tx, store.History{RoomID: id, Limit: 100})
		for _, m := range slices.Backward(found) {
			if m.System != talk.ConversationCreated {
				out = append(out, fmt.Sprint(m.Actor.ID, " ", m.System, " ", m.About.ID))
			}
		}
		return err
	}))
	return out
}

func (w *fixture) join(c talk.Caller, token string) {
	w.t.Helper()
	_, err := w.Conversations.Join(w.t.Context(), guarded(c, token, talk.NeedNothing), conversation.JoinOptions{Force: true})
	w.must(err)
}

func (w *fixture) promote(token, id string) {
	w.t.Helper()
	target := conversation.Target{AttendeeID: w.attendees(token)[talk.User(id)].ID}
	w.must(w.Conversations.Promote(w.t.Context(), guarded(as("alice"), token, talk.NeedModerator), target))
}

func (w *fixture) oneToOne(from, to string) string {
	w.t.Helper()
	created, err := w.Conversations.CreateRoom(w.t.Context(), as(from), conversation.NewRoom{Type: talk.OneToOne, Invite: to})
	w.must(err)
	return created.Token
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestDeletedAccountLeavesItsConversations(t *testing.T) {
	for name, by := range map[string]talk.Caller{"dave": as("dave"), talk.GuestCLI: operator()} {
		t.Run(name, func(t *testing.T) {
			eachFixture(t, func(t *testing.T, w *fixture) {
				shared, public := w.room(talk.Group, "bob"), w.room(talk.Public)
				w.join(as("bob"), public) // self-joined, with a session
				own, err := w.Conversations.CreateRoom(t.Context(), as("bob"), conversation.NewRoom{Type: talk.Public, Name: "bob's"})
				w.must(err)
				w.join(guest("passer-by"), own.Token)
				notes, err := w.Conversations.NoteToSelf(t.Context(), as("bob"))
				w.must(err)

				w.must(w.Directory.DeleteAccount(t.Context(), by, "BOB"))
				equal(t, "shared", w.types(shared), map[string]talk.ParticipantType{"alice": talk.Owner})
				equal(t, "told", w.told(shared), []string{"alice user_added bob", name + " user_removed bob"})
				equal(t, "self-joined", w.types(public), map[string]talk.ParticipantType{"alice": talk.Owner})
				equal(t, "sessions", w.sessions(public), 0)
				for _, token := range []string{own.Token, notes} {
					if room := w.conversation(token); room != nil {
						t.Errorf("%q is still there", room.Name)
					}
				}
				_, err = w.Directory.Account(t.Context(), "bob")
				refused(t, err, talk.NotFound, directory.ReasonUser)
				refused(t, w.Directory.DeleteAccount(t.Context(), by, "bob"), talk.NotFound, directory.ReasonUser)
			})
		})
	}
}

// TestConversationOutlivesItsOwner deletes the only moderator of a conversation
// that others are in.
func TestConversationOutlivesItsOwner(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		token := w.room(talk.Group, "bob")
		w.must(w.Directory.DeleteAccount(t.Context(), operator(), "alice"))
		equal(t, "attendees", w.types(token), map[string]talk.ParticipantType{"bob": talk.Moderator})
	})
}

func TestOneToOnesOfDeletedAccounts(t *testing.T) {
	for what, c := range map[string]struct {
		deleted string
		both    bool // whether bob opened it too
		left    string
	}{
		"the other one":           {"bob", true, "alice"},
		"the one who opened it":   {"alice", true, "bob"},
		"somebody not in it yet":  {"bob", false, "alice"},
		"the only one who saw it": {"alice", false, ""},
	} {
		t.Run(what, func(t *testing.T) {
			eachFixture(t, func(t *testing.T, w *fixture) {
				name := "Somebody"
				w.must(w.Directory.EditAccount(t.Context(), c.deleted, directory.AccountChange{DisplayName: &name}))
				token := w.oneToOne("alice", "bob")
				if c.both {
					w.oneToOne("bob", "alice")
				}
				w.must(w.Directory.DeleteAccount(t.Context(), operator(), c.deleted))
				room := w.conversation(token)
				if c.left == "" {
					if room != nil {
						t.Error("a conversation without anybody is kept")
					}
					return
				}
				equal(t, "attendees", w.types(token), map[string]talk.ParticipantType{c.left: talk.Owner})
				got := talk.Room{Type: room.Type, ReadOnly: room.ReadOnly, Name: room.Name, Identity: room.Identity}
				equal(t, "conversation", got, talk.Room{Type: talk.FormerOneToOne, ReadOnly: 1, Name: name})

				// Somebody else with the same id does not get it back.
				w.account(c.deleted)
				if again := w.oneToOne(c.left, c.deleted); again == token {
					t.Error("the old conversation came back")
				}
				w.must(w.Directory.DeleteAccount(t.Context(), operator(), c.left))
				if w.conversation(token) != nil {
					t.Error("a former one-to-one outlives both")
				}
			})
		})
	}
}

func TestRenamedAccount(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		first, second := w.room(talk.Group, "bob"), w.room(talk.Public, "bob")
		before := w.conversation(first).Version
		name, phone := " Bob B. ", "+49 30 123456"
		w.must(w.Directory.EditAccount(t.Context(), "BOB", directory.AccountChange{DisplayName: &name, Profile: map[string]string{"phone": phone}}))
		for _, token := range []string{first, second} {
			equal(t, "name", w.attendees(token)[talk.User("bob")].DisplayName, "Bob B.")
			equal(t, "name of others", w.attendees(token)[talk.User("alice")].DisplayName, "alice")
		}
		after := w.conversation(first).Version
		if after <= before {
			t.Error("clients do not learn of the name")
		}
		w.must(w.Directory.EditAccount(t.Context(), "bob", directory.AccountChange{Profile: map[string]string{"phone": ""}}))
		equal(t, "version after a change that nobody sees", w.conversation(first).Version, after)
		v, err := w.Directory.Account(t.Context(), "bob")
		w.must(err)
		equal(t, "profile", v.Profile, map[string]string{})
	})
}

// TestEditsDoNotUndoEachOther changes different things of one account at once.
func TestEditsDoNotUndoEachOther(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			name, mail, enabled := fmt.Sprint("Bob ", i), fmt.Sprintf("bob%d@example.org", i), i%2 == 0
			edit := func(ch directory.AccountChange) func(context.Context) error {
				return func(ctx context.Context) error { return w.Directory.EditAccount(ctx, "bob", ch) }
			}
			for _, err := range together(t.Context(), edit(directory.AccountChange{DisplayName: &name}),
				edit(directory.AccountChange{Email: &mail}), edit(directory.AccountChange{Enabled: &enabled})) {
				w.must(err)
			}
			v, err := w.Directory.Account(t.Context(), "bob")
			w.must(err)
			if v.DisplayName != name || v.Email != mail || v.Enabled != enabled {
				t.Fatalf("%q <%s> %v, want %q <%s> %v", v.DisplayName, v.Email, v.Enabled, name, mail, enabled)
			}
		}
	})
}

// TestOneAdministratorStays lets two administrators go at the same time, each
// in another way.
func TestOneAdministratorStays(t *testing.T) {
	off, on := false, true
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.must(w.Directory.CreateGroup(t.Context(), directory.AdminGroup, ""))
		ways := []func(id string) func(context.Context) error{
			func(id string) func(context.Context) error {
				return func(ctx context.Context) error { return w.Directory.DeleteAccount(ctx, operator(), id) }
			},
			func(id string) func(context.Context) error {
				return func(ctx context.Context) error {
					return w.Directory.EditAccount(ctx, id, directory.AccountChange{Enabled: &off})
				}
			},
			func(id string) func(context.Context) error {
				return func(ctx context.Context) error {
					return w.Directory.RemoveFromGroup(ctx, operator(), directory.AdminGroup, id)
				}
			},
		}
		for i, first := range ways {
			for j, second := range ways {
				x, y := fmt.Sprint("x", i, j), fmt.Sprint("y", i, j)
				for _, id := range []string{x, y} {
					w.account(id)
					w.must(w.Directory.AddToGroup(t.Context(), operator(), directory.AdminGroup, id))
				}
				refusals := 0
				for _, err := range together(t.Context(), first(x), second(y)) {
					if err != nil {
						refused(t, err, talk.Forbidden, directory.ReasonLastAdmin)
						refusals++
					}
				}
				if refusals != 1 {
					t.Errorf("%d and %d: %d were refused", i, j, refusals)
				}
				// Make room for the next pair.
				w.must(w.Directory.AddToGroup(t.Context(), operator(), directory.AdminGroup, "carol"))
				w.must(w.Directory.EditAccount(t.Context(), "carol", directory.AccountChange{Enabled: &on}))
				for _, id := range []string{x, y} {
					if err := w.Directory.DeleteAccount(t.Context(), operator(), id); err != nil {
						refused(t, err, talk.NotFound, directory.ReasonUser)
					}
				}
				w.must(w.st.Write(t.Context(), func(tx *db.Tx) error {
					_, err := store.RemoveGroupMember(tx, directory.AdminGroup, "carol")
					return err
				}))
			}
		}
	})
}
