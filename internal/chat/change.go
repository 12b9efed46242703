package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Edit changes the text of a message and returns the system message that says so, with
// the changed one as its parent. Failures, in this order: NotFound "message", those of
// [talk.CanEdit], Invalid "message", Unsupported "message" for what has no text,
// TooLarge "message".
func (svc *Service) Edit(ctx context.Context, s room.Scope, id int64, text string) (out *Posted, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		m, err := found(c.Tx, c.Room.ID, id)
		if err != nil {
			return err
		}
		if err := talk.CanEdit(&m.Message, &c.Me.Attendee, c.Room, c.Tx.Now()); err != nil {
			return err
		}
		text, err := talk.TrimMessage(text)
		if err != nil {
			return err
		}
		if m.Kind != talk.KindComment {
			return talk.Fail(talk.Unsupported, "message")
		}
		if err := talk.CheckMessageLength(text); err != nil {
			return err
		}
		before := m.Mentioned()
		m.Text, m.Editor, m.EditedAt = text, c.Me.Actor, c.Tx.Now()
		m.MentionsAll = m.MentionsAll || c.Room.MayMentionAll(&c.Me.Attendee)
		if err := store.UpdateMessage(c.Tx, &m.Message); err != nil {
			return err
		}
		to, err := svc.mentionAdded(c, m, before)
		if err != nil {
			return err
		}
		c.Emit(room.Event{Kind: talk.EventEdit, Actor: c.Me.Actor, Message: &m.Message, Audience: to})
		out, err = svc.followUp(c, talk.MessageEdited, m)
		return err
	})
	return out, err
}

// mentionAdded notes whom an edited message mentions that it did not mention before.
func (svc *Service) mentionAdded(c *room.Change, m *store.NamedMessage, before []talk.Mention) (*store.Audience, error) {
	m.Mentions = m.Mentioned()
	to := audienceOf(c, &m.Message, mentionsWithout(m.Mentions, before), nil)
	to.Message = m.ID
	for _, mention := range mentionsWithout(before, m.Mentions) {
		if mention.Kind == talk.MentionUser {
			to.Withdrawn = append(to.Withdrawn, mention.ID)
		}
	}
	if m.Silent {
		return nil, nil
	}
	return &to, store.MarkMentioned(c.Tx, c.Room.ID, to)
}

// mentionsWithout returns those mentions that are not among others.
func mentionsWithout(all, others []talk.Mention) (out []talk.Mention) {
	known := map[string]bool{}
	for _, m := range others {
		known[m.MentionID()] = true
	}
	for _, m := range all {
		if !known[m.MentionID()] {
			out = append(out, m)
		}
	}
	return out
}

// Delete empties a message and returns the system message that says so, with what is left
// as its parent. Failures, in this order: NotFound "message", those of [talk.CanDelete].
func (svc *Service) Delete(ctx context.Context, s room.Scope, id int64) (out *Posted, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		m, err := found(c.Tx, c.Room.ID, id)
		if err != nil {
			return err
		}
		if err := talk.CanDelete(&m.Message, &c.Me.Attendee, c.Room); err != nil {
			return err
		}
		if err := store.TakeNumbers(c.Tx, c.Room, []int64{m.Number}); err != nil {
			return err
		}
		if m.Kind == talk.KindObject {
			if err := store.DeletePollOf(c.Tx, c.Room.ID, m.ID); err != nil {
				return err
			}
		}
		m.Kind, m.Text, m.About, m.Params, m.List, m.Reactions = talk.KindDeleted, "", c.Me.Actor, nil, "", nil
		m.Editor, m.EditedAt, m.Mentions = talk.Actor{}, 0, nil
		if err := store.UpdateMessage(c.Tx, &m.Message); err != nil {
			return err
		}
		c.Emit(room.Event{Kind: talk.EventDelete, Actor: c.Me.Actor, Message: &m.Message})
		out, err = svc.followUp(c, talk.MessageDeleted, m)
		return err
	})
	return out, err
}

// found returns a message of a conversation. Failure: NotFound "message".
func found(tx *db.Tx, roomID, id int64) (*store.NamedMessage, error) {
	m, err := store.Message(tx, roomID, id)
	if db.IsNone(err) {
		err = talk.Fail(talk.NotFound, "message")
	}
	return &m, err
}

// followUp posts the system message that tells what happened to another one.
func (svc *Service) followUp(c *room.Change, key talk.SystemKey, about *store.NamedMessage) (*Posted, error) {
	m := &talk.Message{Actor: c.Me.Actor, System: key, ParentID: about.ID}
	if err := c.Post(m); err != nil {
		return nil, err
	}
	if err := store.AddNames(c.Tx, []*store.NamedMessage{about}); err != nil {
		return nil, err
	}
	about.Names[c.Me.Actor] = c.Name()
	return svc.posted(c, m, nil, about)
}

// Clear removes the whole history for everybody and returns the system message that says
// so. Failure: Forbidden in a one-to-one, unless the administrator allows that.
func (svc *Service) Clear(ctx context.Context, s room.Scope) (out *Posted, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		if c.Room.IsOneToOne() && !c.Settings.DeleteOneToOne {
			return talk.Fail(talk.Forbidden, "")
		}
		if err := store.ClearMessages(c.Tx, c.Room); err != nil {
			return err
		}
		c.Emit(room.Event{Kind: talk.EventClear, Actor: c.Me.Actor})
		m := &talk.Message{Actor: c.Me.Actor, System: talk.HistoryCleared}
		if err := c.Post(m); err != nil {
			return err
		}
		out, err = svc.posted(c, m, nil, nil)
		return err
	})
	return out, err
}
