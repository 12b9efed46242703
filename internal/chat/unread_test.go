package chat_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"parley/internal/conversation"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// TestUnreadIsCounted compares unread messages with counting, after each step of a random
// history of sending, deleting, reading, expiring and clearing.
func TestUnreadIsCounted(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		seed := uint64(time.Now().UnixNano())
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 2))
		people := []string{"alice", "bob", "carol"}
		for step := range 220 {
			who := people[random.IntN(len(people))]
			all, _ := x.stored()
			switch n := random.IntN(100); {
			case n < 50:
				x.send(who, "hello")
			case n < 60 && len(all) > 0: // also of what cannot be deleted
				_, _ = x.Chat.Delete(t.Context(), x.as("alice", writes), all[random.IntN(len(all))].ID)
			case n < 80 && len(all) > 0:
				id := all[random.IntN(len(all))].ID - int64(random.IntN(2))
				x.Must(x.Chat.MarkRead(t.Context(), x.as(who, member), &id))
			case n < 84:
				x.Must(x.Chat.MarkUnread(t.Context(), x.as(who, member)))
			case n < 90:
				scope := talktest.Scope("alice", x.token, moderates)
				x.Must(x.Conversations.SetMessageExpiration(t.Context(), scope, int64(random.IntN(2)*60)))
			case n < 97:
				x.clock.Advance(40 * time.Second)
				x.Must(x.Chat.RemoveExpired(t.Context()))
			case n < 99:
				_, err := x.Chat.Clear(t.Context(), x.as("alice", clears))
				x.Must(err)
			}
			all, _ = x.stored()
			for _, id := range people {
				read, want := x.me(id).LastReadMessage, int64(0)
				for _, m := range all {
					if m.ID > read && m.Kind.Counts() {
						want++
					}
				}
				if want == 0 && read == talk.NothingRead {
					want = 1
				}
				if got := x.unread(id); got != want {
					t.Fatalf("step %d: %s has %d unread messages, counted %d", step, id, got, want)
				}
			}
		}
	})
}

// TestUnreadInTheList: the list of conversations tells the same as the conversation.
func TestUnreadInTheList(t *testing.T) {
	each(t, func(t *testing.T, x *fixture) {
		x.send("alice", "one")
		x.send("alice", "two @bob")
		m := x.send("alice", "three")
		_, err := x.Chat.Delete(t.Context(), x.as("alice", writes), m.ID)
		x.Must(err)
		views, _, err := x.Conversations.Rooms(t.Context(), talktest.Caller("bob"), conversation.ListOptions{})
		x.Must(err)
		if v := views[0]; v.Unread != 2 || !v.UnreadMention || !v.UnreadDirect {
			t.Errorf("unread %d, mention %v, direct %v", v.Unread, v.UnreadMention, v.UnreadDirect)
		}
	})
}
