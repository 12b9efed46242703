package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Reaction is an emoji that somebody gave to a message.
type Reaction = store.Reaction

// React gives a message an emoji. It returns all reactions to it, and whether this one is
// new. Failures: NotFound when no conversation has the message, Invalid when this one has
// not, when nobody can react to it, or when it is no emoji.
func (svc *Service) React(ctx context.Context, s room.Scope, id int64, emoji string) (all []store.Reaction, added bool, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if added, err = svc.ReactAs(c, c.Me.Actor, id, emoji); err != nil {
			return err
		}
		all, err = store.ReactionsTo(c.Tx, c.Room.ID, id, "")
		return err
	})
	return all, added, err
}

// ReactAs gives a message the emoji of an actor and reports whether it is new. Failures: as
// React.
func (svc *Service) ReactAs(c *room.Change, who talk.Actor, id int64, emoji string) (added bool, err error) {
	m, err := reactable(c, id)
	if err != nil {
		return false, err
	}
	if !talk.IsEmoji(emoji) {
		return false, talk.Fail(talk.Invalid, "")
	}
	given := store.Reaction{MessageID: id, Actor: who, Emoji: emoji}
	if added, err = store.InsertReaction(c.Tx, c.Room.ID, given); err != nil || !added {
		return false, err
	}
	if m.Reactions == nil {
		m.Reactions = map[string]int{}
	}
	m.Reactions[emoji]++
	if err := reacted(c, m, talk.EventReaction, emoji, &talk.Message{Actor: who, System: talk.ReactionGiven, Text: emoji}); err != nil {
		return false, err
	}
	return true, store.SetReport(c.Tx, c.Room.ID, given)
}

// reacted stores the counts of the reactions to a message and what tells of the change.
func reacted(c *room.Change, m *store.NamedMessage, kind talk.EventKind, emoji string, report *talk.Message) error {
	if err := store.UpdateMessage(c.Tx, &m.Message); err != nil {
		return err
	}
	report.ParentID = m.ID
	if err := c.Post(report); err != nil {
		return err
	}
	c.Emit(room.Event{Kind: kind, Actor: report.Actor, About: m.Actor, Message: &m.Message, Emoji: emoji})
	return nil
}

// reactable returns a message that can have reactions.
func reactable(c *room.Change, id int64) (*store.NamedMessage, error) {
	m, err := store.Message(c.Tx, c.Room.ID, id)
	switch {
	case db.IsNone(err):
		elsewhere, err := store.MessageExists(c.Tx, id)
		if err == nil {
			err = talk.Fail(talk.NotFound, "")
		}
		if elsewhere {
			err = talk.Fail(talk.Invalid, "")
		}
		return nil, err
	case err != nil:
		return nil, err
	case !m.Replyable():
		return nil, talk.Fail(talk.Invalid, "")
	}
	return &m, nil
}

// Unreact takes an emoji of the caller's back and returns the reactions that are left.
// Failures: NotFound without such a message or reaction.
func (svc *Service) Unreact(ctx context.Context, s room.Scope, id int64, emoji string) (all []store.Reaction, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if err := svc.UnreactAs(c, c.Me.Actor, id, emoji); err != nil {
			return err
		}
		all, err = store.ReactionsTo(c.Tx, c.Room.ID, id, "")
		return err
	})
	return all, err
}

// UnreactAs takes an emoji of an actor back. Failures: as Unreact.
func (svc *Service) UnreactAs(c *room.Change, who talk.Actor, id int64, emoji string) error {
	m, err := store.Message(c.Tx, c.Room.ID, id)
	if err == nil && !m.Kind.Counts() {
		err = db.ErrNotFound
	}
	var report int64
	if err == nil {
		report, err = store.DeleteReaction(c.Tx, c.Room.ID, store.Reaction{MessageID: id, Actor: who, Emoji: emoji})
	}
	if db.IsNone(err) {
		err = talk.Fail(talk.NotFound, "")
	}
	if err != nil {
		return err
	}
	if m.Reactions[emoji]--; m.Reactions[emoji] <= 0 {
		delete(m.Reactions, emoji)
	}
	if err := store.RetractReport(c.Tx, c.Room.ID, report); err != nil {
		return err
	}
	return reacted(c, &m, talk.EventReactionRemoved, emoji, &talk.Message{Actor: who, System: talk.ReactionRevoked})
}

// Reactions returns the reactions to a message, those with one emoji or all of them for
// none. Failure: NotFound without a message that can have any.
func (svc *Service) Reactions(ctx context.Context, s room.Scope, id int64, emoji string) (all []store.Reaction, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		m, err := store.Message(tx, f.Room.ID, id)
		if db.IsNone(err) || err == nil && !m.Replyable() {
			err = talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		all, err = store.ReactionsTo(tx, f.Room.ID, id, emoji)
		return err
	})
	return all, err
}
