package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Draft is a message that somebody wants to send.
type Draft struct {
	Text        string
	ReferenceID string
	// ReplyTo is the message that it answers, 0 for none.
	ReplyTo int64
	Silent  bool
	// GuestName is another name of the guest who sends it, empty for the same.
	GuestName string
}

// Posted is a message as its sender sees it.
type Posted struct {
	talk.Rendered
	Room talk.Room
	Reading
}

// Reading is how far the participants of a conversation have read.
type Reading struct {
	// CommonRead is the newest message that everybody has read; Public tells whether the
	// caller takes part in such information.
	CommonRead int64
	Public     bool
}

// Send posts a message. Failures, in this order: Invalid "message" without a text,
// NotFound "actor", Invalid "reply-to", TooLarge "message".
func (svc *Service) Send(ctx context.Context, s room.Scope, d Draft) (out *Posted, err error) {
	text, err := talk.TrimMessage(d.Text)
	if err != nil {
		return nil, err
	}
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if err := svc.prepare(c, d.GuestName); err != nil {
			return err
		}
		parent, err := parentOf(c, d.ReplyTo)
		if err != nil {
			return err
		}
		if err := talk.CheckMessageLength(text); err != nil {
			return err
		}
		out, err = svc.post(c, &talk.Message{
			Actor: c.Me.Actor, Kind: talk.KindComment, Text: text, ParentID: d.ReplyTo,
			ReferenceID: talk.TrimReference(d.ReferenceID), Silent: d.Silent, MentionsAll: c.Room.MayMentionAll(&c.Me.Attendee),
		}, parent)
		return err
	})
	return out, err
}

// Say posts a text in the conversation of a change, as whoever makes it.
func (svc *Service) Say(c *room.Change, text string) error {
	_, err := svc.post(c, &talk.Message{
		Actor: c.Me.Actor, Kind: talk.KindComment, Text: text, MentionsAll: c.Room.MayMentionAll(&c.Me.Attendee),
	}, nil)
	return err
}

// prepare makes the caller ready to write: a guest may take another name, and the other
// one of a one-to-one comes back.
func (svc *Service) prepare(c *room.Change, guestName string) error {
	if c.Me.Actor.IsZero() {
		return talk.Fail(talk.NotFound, "actor")
	}
	if guestName != "" && c.Me.Type.IsGuest() && c.Me.Actor.Type == talk.ActorGuests {
		if err := svc.renameGuest(c, guestName); err != nil {
			return err
		}
	}
	if c.Room.Type == talk.OneToOne {
		return svc.completePair(c)
	}
	return nil
}

// parentOf returns the message that is answered, nil for none.
func parentOf(c *room.Change, id int64) (*store.NamedMessage, error) {
	if id == 0 {
		return nil, nil
	}
	parent, err := store.Message(c.Tx, c.Room.ID, id)
	if db.IsNone(err) || err == nil && !parent.Replyable() {
		return nil, talk.Fail(talk.Invalid, "reply-to")
	}
	return &parent, err
}

// post stores a message of the caller, tells those whom it concerns, and returns what the
// caller sees of it.
func (svc *Service) post(c *room.Change, m *talk.Message, parent *store.NamedMessage) (*Posted, error) {
	mentions := m.Mentioned()
	if err := publish(c, m, mentions, parent); err != nil {
		return nil, err
	}
	if err := store.MarkRead(c.Tx, c.Room.ID, []store.ReadMark{{Attendee: c.Me.ID, Reader: c.Me.Actor}}); err != nil {
		return nil, err
	}
	return svc.posted(c, m, mentions, parent)
}

// publish stores a message and tells those whom it concerns.
func publish(c *room.Change, m *talk.Message, mentions []talk.Mention, parent *store.NamedMessage) error {
	to := audienceOf(c, m, mentions, parent)
	if err := c.PostTo(&to, m); err != nil {
		return err
	}
	return store.MarkMentioned(c.Tx, c.Room.ID, to)
}

// SayAs posts a message of somebody who is not in the conversation: a bot. Failures:
// Invalid "reply-to", TooLarge "message".
func (svc *Service) SayAs(c *room.Change, who talk.Actor, d Draft) error {
	text, err := talk.TrimMessage(d.Text)
	if err != nil {
		return err
	}
	parent, err := parentOf(c, d.ReplyTo)
	if err != nil {
		return err
	}
	if err := talk.CheckMessageLength(text); err != nil {
		return err
	}
	m := &talk.Message{
		Actor: who, Kind: talk.KindComment, Text: text, ParentID: d.ReplyTo, ReferenceID: talk.TrimReference(d.ReferenceID),
		Silent: d.Silent, MentionsAll: c.Room.MentionPermissions == 0,
	}
	return publish(c, m, m.Mentioned(), parent)
}

// audienceOf is whom a message concerns.
func audienceOf(c *room.Change, m *talk.Message, mentions []talk.Mention, parent *store.NamedMessage) store.Audience {
	to := store.Audience{
		Author: m.Actor, Default: talk.NotificationLevel(c.Room, &talk.Attendee{Actor: talk.User("")}, c.Settings.GroupNotification),
		Lobby: c.Room.LobbyState != talk.LobbyOff,
		Enters: talk.FinalPermissions(c.Room, &talk.Attendee{Actor: talk.User(""), Type: talk.Member}, c.Settings.DefaultPermissions).
			Has(talk.PermissionIgnoreLobby),
	}
	if parent != nil && parent.Actor.Type == talk.ActorUsers {
		to.Replied = parent.Actor.ID
		to.Direct = append(to.Direct, parent.Actor.ID)
	}
	for _, mention := range mentions {
		switch mention.Kind {
		case talk.MentionUser:
			to.Direct = append(to.Direct, mention.ID)
		case talk.MentionGroup:
			to.Groups = append(to.Groups, mention.ID)
		case talk.MentionTeam:
			to.Teams = append(to.Teams, mention.ID)
		case talk.MentionAll:
			to.All = to.All || m.MentionsAll
		}
	}
	return to
}

// posted returns a new message as its author sees it. It is complete once the change is
// committed: nobody has to wait for the number of the message before that.
func (svc *Service) posted(c *room.Change, m *talk.Message, mentions []talk.Mention, parent *store.NamedMessage) (*Posted, error) {
	named := store.NamedMessage{Message: *m, Names: talk.Names{}, Mentions: mentions}
	if err := store.AddNames(c.Tx, []*store.NamedMessage{&named}); err != nil {
		return nil, err
	}
	named.Names[m.Actor] = c.Name()
	reader, err := readerOf(c.Tx, c.Room, c.Caller)
	if err != nil {
		return nil, err
	}
	var above *talk.Rendered
	if parent != nil {
		shown, err := renderAll(c.Tx, reader, c.Me.Actor, []*store.NamedMessage{parent})
		if err != nil {
			return nil, err
		}
		above = &shown[0]
	}
	out := &Posted{Room: *c.Room}
	if err := out.read(c); err != nil {
		return nil, err
	}
	c.Tx.AfterCommit(func() {
		named.Message = *m
		out.Rendered = named.Render(reader)
		out.Parent = above
	})
	return out, nil
}

// read asks how far everybody has read, after all that was written so far. The answer is there
// when the change is committed.
func (r *Reading) read(c *room.Change) error {
	r.Public = c.Me != nil && c.Me.ReadPrivacy == 0
	return store.CommonRead(c.Tx, []int64{c.Room.ID}, func(_, message int64) { r.CommonRead = message })
}
