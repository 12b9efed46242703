package directory_test

import (
	"testing"

	"parley/internal/chat"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// What a person left behind is theirs to take along: all of it, and nothing of others.
func TestPersonalData(t *testing.T) {
	talktest.EachNode(t, func(t *testing.T, n *talktest.Node, _ *talktest.Clock) {
		ctx := t.Context()
		n.Accounts("alice", "bob")
		token := n.Room(talk.Group, "alice", "bob")
		for _, id := range []string{"alice", "bob"} {
			s := talktest.Scope(id, token, talk.Guard{})
			said, err := n.Chat.Send(ctx, s, chat.Draft{Text: "hello @alice @bob"})
			n.Must(err)
			_, _, err = n.Chat.React(ctx, s, said.ID, "🎉")
			n.Must(err)
			poll, err := n.Chat.CreatePoll(ctx, s, talk.Poll{Question: "Tea?", Options: []string{"yes", "no"}})
			n.Must(err)
			_, err = n.Chat.Vote(ctx, s, poll.ID, []int{0, 1})
			n.Must(err)
			_, err = n.Chat.SetReminder(ctx, s, said.ID, 1_900_000_000)
			n.Must(err)
		}
		n.Must(n.Store.Write(ctx, func(tx *db.Tx) error {
			id, err := store.InsertAppPassword(tx, "alice", "hash", "phone")
			if err != nil {
				return err
			}
			return store.ReplacePushSubscription(tx, &store.PushSubscription{UserID: "alice", AppPasswordID: id, Service: "https://push.example.org"}, 1)
		}))
		p, err := n.Directory.PersonalDataOf(ctx, "Alice")
		n.Must(err)
		if len(p.Reactions) != 1 || p.Reactions[0].Emoji != "🎉" || len(p.Polls) != 1 || len(p.Polls[0].Options) != 2 || len(p.Votes) != 2 ||
			len(p.Push) != 1 || p.Push[0].Service != "https://push.example.org" || len(p.Reminders) != 1 || p.Reminders[0].At != 1_900_000_000 || len(p.Notifications) != 1 || p.Notifications[0].Subject == "" {
			t.Errorf("of alice: %+v", p)
		}
		var texts []string
		n.Must(n.Directory.MessagesBy(ctx, "alice", func(m *store.WrittenMessage) error {
			if m.Text != "" {
				texts = append(texts, m.Text)
			}
			return nil
		}))
		if len(texts) == 0 || texts[0] != "hello @alice @bob" {
			t.Errorf("alice wrote %q", texts)
		}
	})
}
