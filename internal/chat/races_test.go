package chat_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/chat"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Requests about the same message at once, each pair run many times on both databases.

const rounds = 15

// failed tells of errors that are none of those expected.
func failed(t *testing.T, errs []error, expected ...talk.Kind) {
	t.Helper()
	for _, err := range errs {
		if err != nil && !slices.Contains(expected, talk.KindOf(err)) {
			t.Errorf("failed: %v", err)
		}
	}
}

// checkReferences: whatever answers or is about another message has one that is there.
func checkReferences(t *testing.T, x *fixture) {
	t.Helper()
	all, r := x.stored()
	ids := map[int64]bool{}
	for _, m := range all {
		ids[m.ID] = true
	}
	counted := int64(0)
	for _, m := range all {
		if m.ParentID != 0 && !ids[m.ParentID] && m.System != talk.MessageDeleted {
			t.Errorf("message %d (%s %s) is about %d, which is gone", m.ID, m.Kind, m.System, m.ParentID)
		}
		if m.Kind.Counts() {
			counted++
		}
	}
	if counted > r.MessageNumber || len(all) > 0 && r.NewestID != all[0].ID {
		t.Errorf("the room knows %d messages up to %d, there are %d up to %v", r.MessageNumber, r.NewestID, counted, all[0].ID)
	}
}

func TestTwoEditsRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range rounds {
			m := x.send("bob", "first")
			edit := func(id, text string) func(context.Context) error {
				return func(ctx context.Context) error {
					_, err := x.Chat.Edit(ctx, x.as(id, writes), m.ID, text)
					return err
				}
			}
			failed(t, talktest.Together(t.Context(), edit("alice", "by alice"), edit("bob", "by bob")))
			shown := x.read("carol")
			last := shown[0].Parent // both reports show the text as it is now
			if !strings.HasPrefix(last.Wording, "by ") || last.Wording != "by "+last.Editor.ID || shown[1].Parent.Wording != last.Wording {
				t.Errorf("text %q, editor %v", last.Wording, last.Editor)
			}
		}
	})
}

func TestEditAndDeleteRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range rounds {
			m := x.send("bob", "first")
			errs := talktest.Together(t.Context(), func(ctx context.Context) error {
				_, err := x.Chat.Edit(ctx, x.as("bob", writes), m.ID, "second")
				return err
			}, func(ctx context.Context) error {
				_, err := x.Chat.Delete(ctx, x.as("alice", writes), m.ID)
				return err
			})
			failed(t, errs[:1], talk.Unsupported)
			failed(t, errs[1:])
			all, _ := x.stored()
			at := slices.IndexFunc(all, func(s namedMessage) bool { return s.ID == m.ID })
			if got := all[at]; got.Kind != talk.KindDeleted || got.Text != "" || got.EditedAt != 0 {
				t.Errorf("what is left: %+v", got.Message)
			}
		}
	})
}

func TestVoteAndCloseRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range rounds {
			p, err := x.Chat.CreatePoll(t.Context(), x.as("alice", writes), talk.Poll{Question: "Q", Options: []string{"a", "b"}})
			x.Must(err)
			errs := talktest.Together(t.Context(), func(ctx context.Context) error {
				_, err := x.Chat.Vote(ctx, x.as("bob", reads), p.ID, []int{1})
				return err
			}, func(ctx context.Context) error {
				_, _, err := x.Chat.ClosePoll(ctx, x.as("alice", reads), p.ID)
				return err
			})
			failed(t, errs[:1], talk.Invalid)
			failed(t, errs[1:])
			v, err := x.Chat.Poll(t.Context(), x.as("carol", reads), p.ID)
			x.Must(err)
			if counted := errs[0] == nil; v.Status != talk.PollIsClosed || (v.Votes[1] == 1) != counted || (v.Voters == 1) != counted {
				t.Errorf("voted: %v, and the poll has %+v", counted, v.PollResult)
			}
		}
	})
}

func TestClearAndSendRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range rounds {
			m := x.send("alice", "before")
			failed(t, talktest.Together(t.Context(), func(ctx context.Context) error {
				_, err := x.Chat.Clear(ctx, x.as("alice", clears))
				return err
			}, func(ctx context.Context) error {
				_, err := x.Chat.Send(ctx, x.as("bob", writes), chat.Draft{Text: "answer", ReplyTo: m.ID})
				return err
			}), talk.Invalid)
			checkReferences(t, x)
			if got := x.unread("carol"); got != 1 {
				t.Errorf("carol has %d unread messages after clearing", got)
			}
		}
	})
}

func TestReadAndSendRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		for range rounds {
			m := x.send("alice", "one")
			failed(t, talktest.Together(t.Context(), func(ctx context.Context) error {
				return x.Chat.MarkRead(ctx, x.as("bob", member), &m.ID)
			}, func(ctx context.Context) error {
				return x.Chat.MarkRead(ctx, x.as("carol", member), &m.ID)
			}, func(ctx context.Context) error {
				_, err := x.Chat.Send(ctx, x.as("alice", writes), chat.Draft{Text: "two"})
				return err
			}))
			if bob, carol := x.me("bob").LastReadMessage, x.me("carol").LastReadMessage; bob != m.ID || carol != m.ID || x.unread("bob") != 1 {
				t.Errorf("markers %d and %d, want %d; bob has %d unread", bob, carol, m.ID, x.unread("bob"))
			}
		}
	})
}

func TestExpiryAndReplyRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.Must(x.Conversations.SetMessageExpiration(t.Context(), x.as("alice", moderates), 60))
		for range rounds {
			m := x.send("alice", "short-lived")
			x.clock.Advance(2 * time.Minute)
			errs := talktest.Together(t.Context(), x.Chat.RemoveExpired, func(ctx context.Context) error {
				_, err := x.Chat.Send(ctx, x.as("bob", writes), chat.Draft{Text: "answer", ReplyTo: m.ID})
				return err
			})
			failed(t, errs[:1])
			if !talk.IsKind(errs[1], talk.Invalid) {
				t.Errorf("an answer to an expired message: %v", errs[1])
			}
			x.send("carol", "still there")
			checkReferences(t, x)
		}
	})
}

// TestManyReadersRace: markers of many readers at once are all there when they are
// acknowledged.
func TestManyReadersRace(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		var all []func(context.Context) error
		var people []string
		for i := range 40 {
			id := fmt.Sprint("reader", i)
			people = append(people, id)
		}
		x.Accounts(people...)
		x.token = x.Room(talk.Group, "alice", people...)
		m := x.send("alice", "for all")
		for _, id := range people {
			all = append(all, func(ctx context.Context) error {
				if err := x.Chat.MarkRead(ctx, x.as(id, member), &m.ID); err != nil {
					return err
				}
				if got := x.me(id).LastReadMessage; got != m.ID {
					return fmt.Errorf("the marker of %s is %d, want %d", id, got, m.ID)
				}
				return nil
			})
		}
		failed(t, talktest.Together(t.Context(), all...))
	})
}

// TestMarkerOutlivesItsReader: whoever hangs up does not take the markers of others along.
func TestMarkerOutlivesItsReader(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		m := x.send("alice", "one")
		gone, hangUp := context.WithCancel(t.Context())
		failed(t, talktest.Together(t.Context(), func(context.Context) error {
			err := x.Chat.MarkRead(gone, x.as("bob", member), &m.ID)
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}, func(context.Context) error {
			hangUp()
			return nil
		}, func(ctx context.Context) error { return x.Chat.MarkRead(ctx, x.as("carol", member), &m.ID) }))
		if got := x.me("carol").LastReadMessage; got != m.ID {
			t.Errorf("carol's marker is %d, want %d", got, m.ID)
		}
	})
}
