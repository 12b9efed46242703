package call_test

import (
	"context"
	"testing"

	"parley/internal/call"
	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// rounds is how often requests that race each other do so, on each database.
const rounds = 300

// Guards of the requests of calls.
var (
	inside      = talk.Guard{Need: talk.NeedParticipant, ReadWrite: true, NoLobby: true}
	participant = talk.Guard{Need: talk.NeedParticipant}
	moderator   = talk.Guard{Need: talk.NeedModerator}
)

// duo is alice and bob with sessions in a conversation of alice.
type duo struct {
	*talktest.Node
	t     *testing.T
	token string
}

func newDuo(t *testing.T, n *talktest.Node) *duo {
	d := &duo{Node: n, t: t, token: n.Room(talk.Group, "alice", "bob")}
	d.open("alice")
	d.open("bob")
	return d
}

func (d *duo) open(id string) {
	_, err := d.Conversations.Join(d.t.Context(), talktest.Scope(id, d.token, talk.Guard{}), conversation.JoinOptions{Force: true})
	d.Must(err)
}

func (d *duo) join(id string) func(context.Context) error {
	return func(ctx context.Context) error {
		return d.Calls.Join(ctx, talktest.Scope(id, d.token, inside), call.Join{Flags: talk.JoinedCallFlags})
	}
}

func (d *duo) leave(id string, all bool) func(context.Context) error {
	return func(ctx context.Context) error {
		return d.Calls.Leave(ctx, talktest.Scope(id, d.token, participant), all)
	}
}

// state is a conversation as a race has left it.
type state struct {
	room   talk.Room
	in     []calls.Member
	joined []calls.Attendee
	said   map[talk.SystemKey]int
}

func (d *duo) look() (s state, gone bool) {
	d.t.Helper()
	err := d.Store.Read(d.t.Context(), func(tx *db.Tx) (err error) {
		s.room, err = store.Room(tx, d.token)
		if gone = db.IsNone(err); gone || err != nil {
			return nil
		}
		if s.in, err = calls.In(tx, s.room.ID); err != nil {
			return err
		}
		if s.joined, err = calls.Joined(tx, s.room.ID); err != nil {
			return err
		}
		all, err := store.HistoryOf(tx, store.History{RoomID: s.room.ID, Limit: 100})
		s.said = map[talk.SystemKey]int{}
		for i := range all {
			s.said[all[i].System]++
		}
		return err
	})
	d.Must(err)
	return s, gone
}

// check holds the state of the call against itself.
func (d *duo) check() {
	d.t.Helper()
	s, gone := d.look()
	if gone {
		return
	}
	began, ended := s.said[talk.CallStarted], s.said[talk.CallEnded]+s.said[talk.CallEndedEveryone]
	running := 0
	if s.room.HasCall() {
		running = 1
	}
	if began != ended+running {
		d.t.Fatalf("%d calls began and %d ended, running: %v", began, ended, s.room.HasCall())
	}
	if (len(s.in) > 0) != s.room.HasCall() {
		d.t.Fatalf("%d sessions are in a call that runs: %v", len(s.in), s.room.HasCall())
	}
	if !s.room.HasCall() && (s.room.CallFlag != 0 || len(s.joined) > 0) {
		d.t.Fatalf("of a call that is over there are flags %d and %d who joined", s.room.CallFlag, len(s.joined))
	}
	for _, m := range s.in {
		if s.room.Locked() || s.room.LobbyState != talk.LobbyOff && !m.Type.IsModerator() {
			d.t.Fatalf("%v is in a call that they are kept out of", m.Actor)
		}
	}
	if s.room.HasCall() && (s.room.CallFlag == 0 || len(s.joined) == 0) {
		d.t.Fatal("a call runs that nobody joined")
	}
}

// TestCallRaces runs pairs of requests at the same time, many times: a call begins once and
// ends once, and what the conversation says agrees with the sessions.
func TestCallRaces(t *testing.T) {
	for name, race := range map[string]func(*testing.T, *duo) (before, at []func(context.Context) error){
		"the last two leave": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return []func(context.Context) error{d.join("alice"), d.join("bob")},
				[]func(context.Context) error{d.leave("alice", false), d.leave("bob", false)}
		},
		"end for everybody, join": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return []func(context.Context) error{d.join("alice")},
				[]func(context.Context) error{d.leave("alice", true), d.join("bob")}
		},
		"two ends for everybody": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return []func(context.Context) error{d.join("alice"), d.join("bob")},
				[]func(context.Context) error{d.leave("alice", true), d.leave("alice", true), d.leave("bob", false)}
		},
		"lobby, join": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return nil, []func(context.Context) error{d.join("bob"), func(ctx context.Context) error {
				return d.Conversations.SetLobby(ctx, talktest.Scope("alice", d.token, moderator), talk.LobbyNonModerators, 0)
			}}
		},
		"lock, join": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return nil, []func(context.Context) error{d.join("bob"), func(ctx context.Context) error {
				return d.Conversations.SetReadOnly(ctx, talktest.Scope("alice", d.token, moderator), 1)
			}}
		},
		"remove, join": func(t *testing.T, d *duo) (before, at []func(context.Context) error) {
			bob := d.attendee(t, "bob")
			return nil, []func(context.Context) error{d.join("bob"), func(ctx context.Context) error {
				return d.Conversations.RemoveAttendee(ctx, talktest.Scope("alice", d.token, moderator), bob)
			}}
		},
		"two joins of one session": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return nil, []func(context.Context) error{d.join("bob"), d.join("bob")}
		},
		"two joins": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return nil, []func(context.Context) error{d.join("bob"), d.join("alice")}
		},
		"rejoin, leave": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return []func(context.Context) error{d.join("bob")}, []func(context.Context) error{d.leave("bob", false), func(context.Context) error {
				d.open("bob")
				return nil
			}}
		},
		"delete, join": func(_ *testing.T, d *duo) (before, at []func(context.Context) error) {
			return []func(context.Context) error{d.join("bob")}, []func(context.Context) error{d.join("alice"), func(ctx context.Context) error {
				return d.Conversations.DeleteRoom(ctx, talktest.Scope("alice", d.token, moderator))
			}}
		},
		"account, join": func(t *testing.T, d *duo) (before, at []func(context.Context) error) {
			d.Accounts("carol")
			_, err := d.Conversations.AddParticipant(t.Context(), talktest.Scope("alice", d.token, moderator), "users", "carol")
			d.Must(err)
			d.open("carol")
			return nil, []func(context.Context) error{d.join("carol"), func(ctx context.Context) error {
				return d.Directory.DeleteAccount(ctx, talk.Caller{System: talk.GuestCLI}, "carol")
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			talktest.EachNode(t, func(t *testing.T, n *talktest.Node, _ *talktest.Clock) {
				n.Accounts("alice", "bob")
				for range roundsOf(name) {
					d := newDuo(t, n)
					before, at := race(t, d)
					for _, f := range before {
						d.Must(f(t.Context()))
					}
					for _, err := range talktest.Together(t.Context(), at...) {
						if talk.KindOf(err) == talk.Internal && err != nil {
							t.Fatal(err)
						}
					}
					d.check()
				}
			})
		})
	}
}

// roundsOf is how often a race is run: accounts are costly to make.
func roundsOf(name string) int {
	if name == "account, join" {
		return rounds / 10
	}
	return rounds
}

func (d *duo) attendee(t *testing.T, id string) int64 {
	var at talk.Attendee
	d.Must(d.Store.Read(t.Context(), func(tx *db.Tx) error {
		r, err := store.Room(tx, d.token)
		if err == nil {
			at, err = store.AttendeeOf(tx, r.ID, talk.User(id))
		}
		return err
	}))
	return at.ID
}
