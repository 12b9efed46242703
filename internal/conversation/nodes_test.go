package conversation_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Races of changes that lock more than one conversation, on both databases and
// between two nodes. PARLEY_RACE_ROUNDS is how often each is run.

// raceRounds returns how often to run a race.
func raceRounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("PARLEY_RACE_ROUNDS"))
	if err != nil || n < 1 {
		return 12
	}
	return n
}

// nodes are two apps on one database, the same one on SQLite. Others write beside
// them, so that writes meet in groups.
type nodes [2]*fixture

func eachNodes(t *testing.T, f func(*testing.T, nodes)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			url := d.URL(t)
			talktest.NoDeadlocks(t, url)
			first := newFixture(t, talktest.Open(t, db.Options{URL: url}))
			n := nodes{first, first}
			if d.Name == "postgres" {
				n[1] = nodeOn(t, talktest.Open(t, db.Options{URL: url}))
			}
			first.noise(t)
			f(t, n)
		})
	}
}

// noise renames conversations until the test ends.
func (w *fixture) noise(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var all sync.WaitGroup
	for i := range 24 {
		token := w.room(talk.Group)
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				err := w.Conversations.Rename(ctx, moderatorOf(token), fmt.Sprint("noise ", i, n))
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	t.Cleanup(func() {
		stop()
		all.Wait()
	})
}

func moderatorOf(token string) room.Scope { return guarded(as("alice"), token, talk.NeedModerator) }

// split makes a conversation with members and breakout rooms, and returns their
// tokens, that of the parent first.
func (w *fixture) split(children int, members ...string) (tokens []string) {
	w.t.Helper()
	parent := moderatorOf(w.room(talk.Group, members...))
	views, err := w.Conversations.SplitRoom(w.t.Context(), parent, talk.BreakoutManual, children, nil)
	w.must(err)
	for _, v := range views {
		tokens = append(tokens, v.Room.Token)
	}
	return tokens
}

func (w *fixture) stored(token string) (r talk.Room, exists bool) {
	w.t.Helper()
	err := w.st.Read(w.t.Context(), func(tx *db.Tx) (err error) {
		r, err = store.Room(tx, token)
		return err
	})
	if !errors.Is(err, db.ErrNotFound) {
		w.must(err)
	}
	return r, err == nil
}

// gone accepts that somebody else was faster.
func gone(err error) error {
	if talk.IsKind(err, talk.NotFound) || talk.IsKind(err, talk.Unauthenticated) {
		return nil
	}
	return err
}

// Breakout rooms are opened, closed and moderated by changes of their parent while
// they are changed themselves: each change is there afterwards.
func TestFamilyRaces(t *testing.T) {
	eachNodes(t, func(t *testing.T, n nodes) {
		w := n[0]
		family := w.split(2, "bob", "carol")
		parent, child := family[0], family[1]
		bob := w.attendees(parent)[talk.User("bob")].ID
		for i := range raceRounds(t) {
			other := w // so that most rounds meet in the groups of one node
			if i%3 == 2 {
				other = n[1]
			}
			lobby, change, role, appoint := talk.LobbyOff, w.Conversations.StartBreakouts, talk.Moderator, other.Conversations.Promote
			if i%2 == 1 {
				lobby, change, role, appoint = talk.LobbyNonModerators, w.Conversations.StopBreakouts, talk.Member, other.Conversations.Demote
			}
			prefix := fmt.Sprintf("round %d ", i)
			fs := []func(context.Context) error{
				func(ctx context.Context) error {
					_, err := change(ctx, moderatorOf(parent))
					return err
				},
				func(ctx context.Context) error {
					return appoint(ctx, moderatorOf(parent), conversation.Target{AttendeeID: bob})
				},
				func(ctx context.Context) error {
					return other.Conversations.SetDescription(ctx, moderatorOf(parent), prefix)
				},
			}
			for k := range 6 {
				fs = append(fs, func(ctx context.Context) error {
					return other.Conversations.Rename(ctx, moderatorOf(child), prefix+fmt.Sprint(k))
				})
			}
			for _, err := range together(t.Context(), fs...) {
				w.must(err)
			}
			r, _ := w.stored(child)
			p, _ := w.stored(parent)
			at := w.attendees(child)[talk.User("bob")]
			if r.LobbyState != lobby || !strings.HasPrefix(r.Name, prefix) || p.Description != strings.TrimSpace(prefix) {
				t.Fatalf("round %d: lobby %v, name %q, description %q", i, r.LobbyState, r.Name, p.Description)
			}
			if moderates := at.Type == talk.Moderator; moderates != (role == talk.Moderator) {
				t.Fatalf("round %d: bob is %v in a breakout room", i, at.Type)
			}
		}
	})
}

// Breakout rooms are distributed anew and filled one by one, while people come
// and go: nobody is in two of them, nor in one without being in the parent.
func TestDistributionRaces(t *testing.T) {
	eachNodes(t, func(t *testing.T, n nodes) {
		w := n[0]
		family := w.split(3, "bob", "carol", "dave")
		parent := family[0]
		add := func(node *fixture, token, user string) func(context.Context) error {
			return func(ctx context.Context) error {
				_, err := node.Conversations.AddParticipant(ctx, moderatorOf(token), "users", user)
				return err
			}
		}
		for i := range raceRounds(t) {
			rows := w.attendees(parent)
			bob, carol := rows[talk.User("bob")].ID, rows[talk.User("carol")].ID
			errs := together(t.Context(),
				func(ctx context.Context) error {
					_, err := n[0].Conversations.DistributeUsers(ctx, moderatorOf(parent), talk.Distribution{bob: i % 3, carol: 1})
					return err
				},
				add(n[1], family[1+i%3], "dave"), add(n[0], family[1+(i+1)%3], "dave"), add(n[1], family[3], "bob"),
				func(ctx context.Context) error {
					return gone(n[1].Conversations.RemoveAttendee(ctx, moderatorOf(parent), carol))
				},
				func(ctx context.Context) error {
					return n[1].Conversations.Rename(ctx, moderatorOf(family[1]), fmt.Sprint("n", i))
				},
			)
			for _, err := range errs {
				w.must(err)
			}
			w.must(add(w, parent, "carol")(t.Context()))
			if r, _ := w.stored(family[1]); r.Name != fmt.Sprint("n", i) {
				t.Fatalf("the new name is lost: %q", r.Name)
			}
			w.expectFamily(family)
		}
	})
}

func (w *fixture) expectFamily(family []string) {
	w.t.Helper()
	members, places := w.attendees(family[0]), map[talk.Actor]int{}
	for _, token := range family[1:] {
		for who, at := range w.attendees(token) {
			if _, in := members[who]; !in {
				w.t.Fatalf("%v is in a breakout room only", who)
			}
			if !at.IsModerator() {
				places[who]++
			}
		}
	}
	for who, n := range places {
		if n > 1 {
			w.t.Fatalf("%v is in %d breakout rooms", who, n)
		}
	}
}

// Breakout rooms that are deleted with their parent's division leave nothing
// behind, whoever changes them meanwhile.
func TestMergeRaces(t *testing.T) {
	eachNodes(t, func(t *testing.T, n nodes) {
		w := n[0]
		for i := range raceRounds(t) {
			family := w.split(2, "bob", "carol")
			errs := together(t.Context(),
				func(ctx context.Context) error { return n[i%2].Conversations.MergeRoom(ctx, moderatorOf(family[0])) },
				func(ctx context.Context) error {
					return gone(n[0].Conversations.Rename(ctx, moderatorOf(family[1]), "x"))
				},
				func(ctx context.Context) error {
					return gone(n[1].Conversations.Rename(ctx, moderatorOf(family[2]), "x"))
				},
				func(ctx context.Context) error {
					return n[1].Conversations.Rename(ctx, moderatorOf(family[0]), "merged")
				},
				func(ctx context.Context) error {
					_, err := n[1].Conversations.AddParticipant(ctx, moderatorOf(family[1]), "users", "bob")
					return gone(err)
				})
			for _, err := range errs {
				w.must(err)
			}
			p, _ := w.stored(family[0])
			if p.Name != "merged" || p.BreakoutMode != talk.BreakoutOff {
				t.Fatalf("round %d: name %q, mode %d", i, p.Name, p.BreakoutMode)
			}
			for _, token := range family[1:] {
				if _, exists := w.stored(token); exists {
					t.Fatal("a breakout room was left behind")
				}
			}
		}
	})
}

// An account is deleted while it comes into conversations, groups and teams from
// all sides: it is in none of them afterwards.
func TestAccountDeletionRaces(t *testing.T) {
	eachNodes(t, func(t *testing.T, n nodes) {
		w := n[0]
		admin := talk.Caller{System: talk.GuestCLI}
		w.must(w.Directory.CreateGroup(t.Context(), "staff", ""))
		team, err := w.Directory.CreateTeam(t.Context(), "Team", "alice")
		w.must(err)
		shared, public := w.room(talk.Group), w.room(talk.Public)
		family := w.split(2)
		for source, id := range map[string]string{"groups": "staff", "circles": team.ID} {
			_, err := w.Conversations.AddParticipant(t.Context(), moderatorOf(shared), source, id)
			w.must(err)
		}
		for i := range raceRounds(t) {
			id := fmt.Sprint("eve", i)
			w.account(id)
			split := w.room(talk.Group, id)
			var fs []func(context.Context) error
			for k, token := range []string{shared, public, family[0], family[1], family[2]} {
				fs = append(fs, func(ctx context.Context) error {
					_, err := n[k%2].Conversations.AddParticipant(ctx, moderatorOf(token), "users", id)
					return err
				})
			}
			name := "Eve"
			fs = append(fs,
				func(ctx context.Context) error { return n[0].Directory.DeleteAccount(ctx, admin, id) },
				func(ctx context.Context) error { return n[1].Directory.AddToGroup(ctx, admin, "staff", id) },
				func(ctx context.Context) error {
					return n[0].Directory.AddTeamMember(ctx, admin, team.ID, talk.User(id))
				},
				func(ctx context.Context) error {
					_, err := n[1].Conversations.Join(ctx, guarded(as(id), public, talk.NeedRoom), conversation.JoinOptions{})
					return err
				},
				func(ctx context.Context) error {
					return n[1].Settings.SetPreference(ctx, as(id), "read_status_privacy", "1")
				},
				func(ctx context.Context) error {
					return n[0].Directory.EditAccount(ctx, id, directory.AccountChange{DisplayName: &name})
				},
				func(ctx context.Context) error {
					_, err := n[1].Conversations.CreateRoom(ctx, as("alice"), conversation.NewRoom{Type: talk.Group, Name: "with", Users: []string{id}})
					return err
				},
				func(ctx context.Context) error {
					_, err := n[0].Conversations.CreateRoom(ctx, as("alice"), conversation.NewRoom{Type: talk.OneToOne, Invite: id})
					return err
				})
			// Breakout rooms come to be where the account is, while it ends.
			fs = append(fs, func(ctx context.Context) error {
				_, err := n[1].Conversations.SplitRoom(ctx, moderatorOf(split), talk.BreakoutAutomatic, 2, nil)
				return err
			})
			for k, err := range together(t.Context(), fs...) {
				if gone(err) != nil && !errors.Is(err, db.ErrNotFound) {
					t.Fatalf("round %d, %d: %v", i, k, err)
				}
			}
			w.must(w.st.Read(t.Context(), func(tx *db.Tx) error {
				left, err := store.RoomsOf(tx, talk.User(id))
				if len(left) > 0 {
					t.Errorf("round %d: left behind in %v", i, left)
				}
				return err
			}))
		}
	})
}

// A group is deleted while it and accounts come into it and into conversations.
func TestGroupDeletionRaces(t *testing.T) {
	eachNodes(t, func(t *testing.T, n nodes) {
		w := n[0]
		admin := talk.Caller{System: talk.GuestCLI}
		shared, other := w.room(talk.Group), w.room(talk.Group)
		for i := range raceRounds(t) {
			id := fmt.Sprint("group", i)
			w.must(w.Directory.CreateGroup(t.Context(), id, ""))
			w.must(w.Directory.AddToGroup(t.Context(), admin, id, "bob"))
			_, err := w.Conversations.AddParticipant(t.Context(), moderatorOf(shared), "groups", id)
			w.must(err)
			name := fmt.Sprint("Carol ", i)
			errs := together(t.Context(),
				func(ctx context.Context) error { return n[i%2].Directory.DeleteGroup(ctx, admin, id) },
				func(ctx context.Context) error { return n[0].Directory.AddToGroup(ctx, admin, id, "carol") },
				func(ctx context.Context) error { return n[1].Directory.AddToGroup(ctx, admin, id, "dave") },
				func(ctx context.Context) error {
					return n[1].Directory.EditAccount(ctx, "carol", directory.AccountChange{DisplayName: &name})
				},
				func(ctx context.Context) error {
					_, err := n[1].Conversations.AddParticipant(ctx, moderatorOf(other), "groups", id)
					return err
				},
				func(ctx context.Context) error { return n[0].Conversations.Rename(ctx, moderatorOf(shared), id) },
			)
			for _, err := range errs {
				w.must(gone(err))
			}
			for _, token := range []string{shared, other} {
				if rows := w.attendees(token); len(rows) != 1 {
					t.Fatalf("round %d: left behind: %v", i, rows)
				}
			}
			if r, _ := w.stored(shared); r.Name != id {
				t.Fatalf("the new name is lost: %q", r.Name)
			}
		}
	})
}
