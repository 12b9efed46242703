package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Requests that change the same conversation at once, each pair run many times on both databases.

const rounds = 25

// world is the use cases on a database with a few accounts.
type fixture struct {
	api.Services
	t  *testing.T
	st *db.DB
}

func eachFixture(t *testing.T, f func(*testing.T, *fixture)) {
	t.Helper()
	talktest.EachDatabase(t, func(t *testing.T, st *db.DB) {
		f(t, newFixture(t, st))
	})
}

// nodeOn is the use cases on a database as it is.
func nodeOn(t *testing.T, st *db.DB) *fixture {
	return &fixture{t: t, st: st, Services: server.NewUseCases(server.UseCaseOptions{
		Store: st, Hasher: secret.NewHasher(secret.TestOptions()), Log: slog.New(slog.DiscardHandler), Now: time.Now,
	})}
}

func newFixture(t *testing.T, st *db.DB) *fixture {
	w := nodeOn(t, st)
	for _, id := range []string{"alice", "bob", "carol", "dave"} {
		w.account(id)
	}
	return w
}

func (w *fixture) account(id string) {
	w.t.Helper()
	w.must(w.Directory.CreateAccount(w.t.Context(), talk.Caller{System: talk.GuestCLI}, directory.NewAccount{UserID: id, Password: "secret"}))
}

func (w *fixture) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// as returns a caller with a client session of their own.
func as(id string) talk.Caller {
	return talk.Caller{UserID: id, DisplayName: id, Client: "browser of " + id}
}

// guest returns a caller without an account.
func guest(client string) talk.Caller { return talk.Caller{Client: client} }

// room creates a conversation of alice with the given members.
func (w *fixture) room(kind talk.RoomType, members ...string) string {
	w.t.Helper()
	created, err := w.Conversations.CreateRoom(w.t.Context(), as("alice"), conversation.NewRoom{Type: kind, Name: "race", Users: members})
	w.must(err)
	return created.Token
}

func (w *fixture) attendees(token string) map[talk.Actor]talk.Attendee {
	w.t.Helper()
	out := map[talk.Actor]talk.Attendee{}
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		rows, err := store.Attendees(tx, room.ID)
		for _, a := range rows {
			out[a.Actor] = a
		}
		return err
	}))
	return out
}

func (w *fixture) sessions(token string) (n int) {
	w.t.Helper()
	w.must(w.st.Read(w.t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		all, err := store.Sessions(tx, room.ID)
		for _, s := range all {
			n += len(s)
		}
		return err
	}))
	return n
}

// together runs all functions at the same time and returns their errors.
func together(ctx context.Context, fs ...func(context.Context) error) []error {
	errs := make([]error, len(fs))
	var start, done sync.WaitGroup
	start.Add(1)
	for i, f := range fs {
		done.Go(func() {
			start.Wait()
			errs[i] = f(ctx)
		})
	}
	start.Done()
	done.Wait()
	return errs
}

// guarded scopes a request as the route table does.
func guarded(c talk.Caller, token string, need talk.Need) room.Scope {
	return room.Scope{Caller: c, Token: token, Guard: talk.Guard{Need: need}}
}

func TestLastTwoModeratorsLeavingAtOnce(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Group, "bob", "carol")
			bob := w.attendees(token)[talk.User("bob")]
			w.must(w.Conversations.Promote(t.Context(), guarded(as("alice"), token, talk.NeedModerator), conversation.Target{AttendeeID: bob.ID}))
			leave := func(id string) func(context.Context) error {
				return func(ctx context.Context) error {
					return w.Conversations.RemoveSelf(ctx, guarded(as(id), token, talk.NeedMember))
				}
			}
			errs := together(t.Context(), leave("alice"), leave("bob"))
			refused := 0
			for _, err := range errs {
				if talk.IsKind(err, talk.Invalid) {
					refused++
				} else {
					w.must(err)
				}
			}
			moderators := 0
			for _, a := range w.attendees(token) {
				if a.IsModerator() {
					moderators++
				}
			}
			if refused != 1 || moderators != 1 {
				t.Fatalf("%d were refused and %d moderators stayed", refused, moderators)
			}
		}
	})
}

func TestOneLeavesWhileTheOtherIsDemoted(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Group, "bob", "carol")
			bob := w.attendees(token)[talk.User("bob")]
			target := conversation.Target{AttendeeID: bob.ID}
			w.must(w.Conversations.Promote(t.Context(), guarded(as("alice"), token, talk.NeedModerator), target))
			together(t.Context(),
				func(ctx context.Context) error {
					return w.Conversations.RemoveSelf(ctx, guarded(as("alice"), token, talk.NeedMember))
				},
				func(ctx context.Context) error {
					return w.Conversations.Demote(ctx, guarded(as("alice"), token, talk.NeedModerator), target)
				},
			)
			moderators := 0
			for _, a := range w.attendees(token) {
				if a.IsModerator() {
					moderators++
				}
			}
			if moderators == 0 {
				t.Fatal("nobody moderates the conversation any more")
			}
		}
	})
}

func TestSameUserJoiningTwice(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Public)
			join := func(ctx context.Context) error {
				_, err := w.Conversations.Join(ctx, guarded(as("dave"), token, talk.NeedNothing), conversation.JoinOptions{Force: true})
				return err
			}
			for _, err := range together(t.Context(), join, join, join, join) {
				w.must(err)
			}
			rows := w.attendees(token)
			if n := w.sessions(token); n != 1 || len(rows) != 2 || rows[talk.User("dave")].Type != talk.SelfJoined {
				t.Fatalf("%d sessions and %d attendees", n, len(rows))
			}
		}
	})
}

func TestSameGuestJoiningTwice(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			token := w.room(talk.Public)
			join := func(ctx context.Context) error {
				_, err := w.Conversations.Join(ctx, guarded(guest(fmt.Sprint("phone ", i)), token, talk.NeedNothing), conversation.JoinOptions{Force: true})
				return err
			}
			for _, err := range together(t.Context(), join, join, join) {
				w.must(err)
			}
			if n, rows := w.sessions(token), w.attendees(token); n != 1 || len(rows) != 2 {
				t.Fatalf("%d sessions and %d attendees", n, len(rows))
			}
		}
	})
}

func TestJoinAgainstMakePrivate(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			token := w.room(talk.Public)
			errs := together(t.Context(),
				func(ctx context.Context) error {
					return w.Conversations.DisallowGuests(ctx, guarded(as("alice"), token, talk.NeedAccountModerator))
				},
				func(ctx context.Context) error {
					_, err := w.Conversations.Join(ctx, guarded(as("dave"), token, talk.NeedNothing), conversation.JoinOptions{Force: true})
					return err
				},
				func(ctx context.Context) error {
					_, err := w.Conversations.Join(ctx, guarded(guest(fmt.Sprint("tablet ", i)), token, talk.NeedNothing), conversation.JoinOptions{Force: true})
					return err
				},
			)
			w.must(errs[0])
			if rows := w.attendees(token); len(rows) != 1 {
				t.Fatalf("%d attendees survived in the private conversation", len(rows)-1)
			}
		}
	})
}

func TestAddAgainstSelfJoin(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Public)
			add := func(ctx context.Context) error {
				_, err := w.Conversations.AddParticipant(ctx, guarded(as("alice"), token, talk.NeedAccountModerator), "users", "dave")
				return err
			}
			join := func(ctx context.Context) error {
				_, err := w.Conversations.Join(ctx, guarded(as("dave"), token, talk.NeedNothing), conversation.JoinOptions{Force: true})
				return err
			}
			for _, err := range together(t.Context(), add, join, add) {
				w.must(err)
			}
			rows := w.attendees(token)
			if len(rows) != 2 || rows[talk.User("dave")].Type != talk.Member {
				t.Fatalf("dave is %v among %d attendees", rows[talk.User("dave")].Type, len(rows))
			}
		}
	})
}

func TestLastOneLeavesWhileSomebodyIsAdded(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			token := w.room(talk.Group)
			errs := together(t.Context(),
				func(ctx context.Context) error {
					return w.Conversations.RemoveSelf(ctx, guarded(as("alice"), token, talk.NeedMember))
				},
				func(ctx context.Context) error {
					_, err := w.Conversations.AddParticipant(ctx, guarded(as("alice"), token, talk.NeedAccountModerator), "users", "bob")
					return err
				},
			)
			rows := w.attendees(token)
			deleted := errs[0] == nil && talk.IsKind(errs[1], talk.NotFound) && len(rows) == 0
			stayed := talk.IsKind(errs[0], talk.Invalid) && errs[1] == nil && len(rows) == 2
			if !deleted && !stayed {
				t.Fatalf("leaving answered %v, adding %v, %d attendees", errs[0], errs[1], len(rows))
			}
		}
	})
}

func TestBothOpenTheOneToOne(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			x, y := fmt.Sprint("x", i), fmt.Sprint("y", i)
			w.account(x)
			w.account(y)
			tokens := make([]string, 2)
			open := func(n int, me, other string) func(context.Context) error {
				return func(ctx context.Context) error {
					created, err := w.Conversations.CreateRoom(ctx, as(me), conversation.NewRoom{Type: talk.OneToOne, Invite: other})
					tokens[n] = created.Token
					return err
				}
			}
			for _, err := range together(t.Context(), open(0, x, y), open(1, y, x)) {
				w.must(err)
			}
			if tokens[0] != tokens[1] || len(w.attendees(tokens[0])) != 2 {
				t.Fatalf("two conversations of one pair: %v", tokens)
			}
		}
	})
}

func TestNotesAreOpenedOnce(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		tokens := make([]string, 8)
		var fs []func(context.Context) error
		for i := range tokens {
			fs = append(fs, func(ctx context.Context) (err error) {
				tokens[i], err = w.Conversations.NoteToSelf(ctx, as("carol"))
				return err
			})
		}
		for _, err := range together(t.Context(), fs...) {
			w.must(err)
		}
		for _, token := range tokens {
			if token != tokens[0] {
				t.Fatalf("several notes: %v", tokens)
			}
		}
	})
}

func TestGroupIsAddedWhileItGrows(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			group := fmt.Sprint("crew ", i)
			w.must(w.Directory.CreateGroup(t.Context(), group, ""))
			w.must(w.Directory.AddToGroup(t.Context(), as("alice"), group, "bob"))
			token := w.room(talk.Group)
			for _, err := range together(t.Context(),
				func(ctx context.Context) error {
					_, err := w.Conversations.AddParticipant(ctx, guarded(as("alice"), token, talk.NeedAccountModerator), "groups", group)
					return err
				},
				func(ctx context.Context) error { return w.Directory.AddToGroup(ctx, as("alice"), group, "carol") },
			) {
				w.must(err)
			}
			if rows := w.attendees(token); len(rows) != 4 {
				t.Fatalf("%d attendees instead of alice, bob, carol and the group", len(rows))
			}
		}
	})
}

func TestGroupIsRemovedWhileItGrows(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			group := fmt.Sprint("crew ", i)
			w.must(w.Directory.CreateGroup(t.Context(), group, ""))
			w.must(w.Directory.AddToGroup(t.Context(), as("alice"), group, "bob"))
			token := w.room(talk.Group)
			owner := guarded(as("alice"), token, talk.NeedAccountModerator)
			_, err := w.Conversations.AddParticipant(t.Context(), owner, "groups", group)
			w.must(err)
			row := w.attendees(token)[talk.Actor{Type: talk.ActorGroups, ID: group}]
			for _, err := range together(t.Context(),
				func(ctx context.Context) error { return w.Conversations.RemoveAttendee(ctx, owner, row.ID) },
				func(ctx context.Context) error { return w.Directory.AddToGroup(ctx, as("alice"), group, "carol") },
			) {
				w.must(err)
			}
			if rows := w.attendees(token); len(rows) != 1 {
				t.Fatalf("%d attendees were left of a group that is gone", len(rows)-1)
			}
		}
	})
}
