package conversation

import (
	"context"
	"fmt"
	"math/rand/v2"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// SplitRoom makes breakout rooms for a conversation. Its moderators moderate
// all of them; the other users are distributed as the mode says, by the given
// distribution in manual mode. Failures: Invalid config where the administrator
// wants no breakout rooms, room, mode, amount, attendeeMap, moderator.
func (svc *Service) SplitRoom(ctx context.Context, s room.Scope, mode, amount int, d talk.Distribution) ([]RoomView, error) {
	return svc.changeFamily(ctx, s, func(c *room.Change) error {
		if err := wantsBreakouts(c.Settings); err != nil {
			return err
		}
		if err := c.Room.CanSplit(mode, amount); err != nil {
			return err
		}
		users, err := store.AttendeesOfTypes(c.Tx, c.Room.ID, talk.ActorUsers)
		if err != nil {
			return err
		}
		c.Room.BreakoutMode, c.Room.BreakoutStatus = mode, talk.BreakoutStopped
		if err := c.SaveRoom(talk.EventSettings); err != nil {
			return err
		}
		for i := range amount {
			if err := createBreakout(c, i+1, users); err != nil {
				return err
			}
		}
		switch mode {
		case talk.BreakoutAutomatic:
			return distribute(c, talk.Deal(ordinary(users), amount, rand.Shuffle))
		case talk.BreakoutFree:
			return distribute(c, nil)
		}
		return distribute(c, d)
	})
}

// wantsBreakouts fails with Invalid config where the administrator wants no
// breakout rooms. Those that exist can be used and deleted.
func wantsBreakouts(s *settings.Settings) error {
	if !s.BreakoutRooms {
		return talk.Fail(talk.Invalid, "config")
	}
	return nil
}

// CanSplit reports why the conversation cannot get breakout rooms, see
// talk.Room.CanSplit. Failure: also Invalid config.
func CanSplit(v *room.Access, mode, amount int) error {
	if err := wantsBreakouts(v.Settings); err != nil {
		return err
	}
	return v.Room.CanSplit(mode, amount)
}

// CanDistribute reports why nobody can be distributed over the breakout rooms of
// the visited conversation. Failures: Invalid config, mode.
func CanDistribute(v *room.Access) error {
	if err := wantsBreakouts(v.Settings); err != nil {
		return err
	}
	return v.Room.HasBreakouts()
}

// ordinary returns the ids of those who moderate nothing.
func ordinary(users []talk.Attendee) (ids []int64) {
	for i := range users {
		if !users[i].IsModerator() {
			ids = append(ids, users[i].ID)
		}
	}
	return ids
}

// createBreakout creates one breakout room with the moderators among the users.
func createBreakout(c *room.Change, number int, users []talk.Attendee) error {
	room := talk.Room{
		Type: talk.Group, Name: fmt.Sprintf("Room %d", number), LobbyState: talk.LobbyNonModerators,
		ObjectType: talk.ObjectBreakout, ObjectID: c.Room.Token,
	}
	if err := insertRoom(c.Tx, c.Settings, &room); err != nil {
		return err
	}
	b := c.Of(&room)
	if err := b.PostSystem(talk.ConversationCreated); err != nil {
		return err
	}
	for i := range users {
		if !users[i].IsModerator() {
			continue
		}
		if err := insertPeer(b, &users[i]); err != nil {
			return err
		}
	}
	return nil
}

// MergeRoom deletes the breakout rooms of a conversation, if it has any.
func (svc *Service) MergeRoom(ctx context.Context, s room.Scope) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := inBreakouts(c, func(b *room.Change) error { return b.DeleteRoom() }); err != nil {
			return err
		}
		c.Room.BreakoutMode, c.Room.BreakoutStatus = talk.BreakoutOff, talk.BreakoutStopped
		return c.SaveRoom(talk.EventSettings)
	})
}

// DistributeUsers distributes the users of the parent anew. Failures: Invalid
// config, mode, attendeeMap, moderator for one who moderates a breakout room.
func (svc *Service) DistributeUsers(ctx context.Context, s room.Scope, d talk.Distribution) ([]RoomView, error) {
	return svc.changeFamily(ctx, s, func(c *room.Change) error {
		if err := wantsBreakouts(c.Settings); err != nil {
			return err
		}
		if err := c.Room.HasBreakouts(); err != nil {
			return err
		}
		return distribute(c, d)
	})
}

// StartBreakouts lets people into their breakout rooms. Failure: Invalid mode.
func (svc *Service) StartBreakouts(ctx context.Context, s room.Scope) ([]RoomView, error) {
	return svc.setBreakouts(ctx, s, talk.BreakoutStarted, talk.LobbyOff, talk.BreakoutRoomsStarted)
}

// StopBreakouts closes the breakout rooms; nobody asks for help any more.
// Failure: Invalid mode.
func (svc *Service) StopBreakouts(ctx context.Context, s room.Scope) ([]RoomView, error) {
	return svc.setBreakouts(ctx, s, talk.BreakoutStopped, talk.LobbyNonModerators, talk.BreakoutRoomsStopped)
}

func (svc *Service) setBreakouts(ctx context.Context, s room.Scope, status int, lobby talk.LobbyState, key talk.SystemKey) ([]RoomView, error) {
	return svc.changeFamily(ctx, s, func(c *room.Change) error {
		if err := c.Room.HasBreakouts(); err != nil {
			return err
		}
		c.Room.BreakoutStatus = status
		if err := c.SaveRoom(talk.EventSettings); err != nil {
			return err
		}
		return inBreakouts(c, func(b *room.Change) error {
			changed := b.Room.LobbyState != lobby
			b.Room.LobbyState, b.Room.BreakoutStatus = lobby, talk.BreakoutStopped
			if err := b.SaveRoom(talk.EventLobby); err != nil || !changed {
				return err
			}
			if err := b.PostSystem(key); err != nil {
				return err
			}
			return b.KeepWaitingOut()
		})
	})
}

// AskForHelp tells the moderators that somebody in a breakout room needs help,
// or does so no more. Failure: Invalid room.
func (svc *Service) AskForHelp(ctx context.Context, s room.Scope, need bool) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := c.Room.CanAskForHelp(); err != nil {
			return err
		}
		c.Room.BreakoutStatus = talk.BreakoutStopped
		if need {
			c.Room.BreakoutStatus = talk.BreakoutAssistance
		}
		return c.SaveRoom(talk.EventSettings)
	})
}

// SwitchBreakout moves the caller to the breakout room that they chose.
// Failures: Invalid mode, status, moderator, target.
func (svc *Service) SwitchBreakout(ctx context.Context, s room.Scope, target string) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := c.Room.CanSwitchBreakout(&c.Me.Attendee); err != nil {
			return err
		}
		found := false
		err := inBreakouts(c, func(b *room.Change) error {
			if b.Room.Token != target {
				return dismiss(b, c.Me.Actor)
			}
			found = true
			return keepInBreakout(b, &c.Me.Attendee, false, true)
		})
		if err == nil && !found {
			return talk.Fail(talk.Invalid, "target")
		}
		return err
	})
}

// changeFamily changes a parent and returns it with all its breakout rooms.
func (svc *Service) changeFamily(ctx context.Context, s room.Scope, f func(*room.Change) error) ([]RoomView, error) {
	err := svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := store.LockFamily(c.Tx, c.Room.Token); err != nil {
			return err
		}
		return f(c)
	})
	if err != nil {
		return nil, err
	}
	var views []RoomView
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, known *room.Facts) error {
		family, err := store.RoomsByObject(tx, talk.ObjectBreakout, s.Token)
		if err == nil {
			views, err = familyViews(tx, known, s.Caller, append([]talk.Room{*known.Room}, family...))
		}
		return err
	})
	return views, err
}

// InBreakouts runs f on each breakout room of a conversation, as the caller, and returns
// the conversation with all of them. Failure: Invalid "mode" when it is not split.
func (svc *Service) InBreakouts(ctx context.Context, s room.Scope, f func(*room.Change) error) ([]RoomView, error) {
	return svc.changeFamily(ctx, s, func(c *room.Change) error {
		if c.Room.BreakoutMode == talk.BreakoutOff {
			return talk.Fail(talk.Invalid, "mode")
		}
		family, err := store.RoomsByObject(c.Tx, talk.ObjectBreakout, c.Room.Token)
		if err != nil {
			return err
		}
		for i := range family {
			b, err := c.Beside(family[i].Token)
			if err == nil && b.Room != nil && b.Me != nil {
				err = f(b)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Breakouts returns the breakout rooms that the caller may see. Failures:
// Invalid mode, status.
func (svc *Service) Breakouts(ctx context.Context, s room.Scope) ([]RoomView, error) {
	var views []RoomView
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, known *room.Facts) error {
		visible, err := visibleBreakouts(tx, known)
		if err == nil {
			views, err = familyViews(tx, known, s.Caller, visible)
		}
		return err
	})
	return views, err
}

func visibleBreakouts(tx *db.Tx, known *room.Facts) ([]talk.Room, error) {
	me := &known.Me.Attendee
	if err := known.Room.CanSeeBreakouts(me); err != nil {
		return nil, err
	}
	family, err := store.RoomsByObject(tx, talk.ObjectBreakout, known.Room.Token)
	if err != nil || known.Room.SeesAllBreakouts(me) {
		return family, err
	}
	own, err := store.RoomsOf(tx, me.Actor)
	mine := make(map[string]bool, len(own))
	for _, token := range own {
		mine[token] = true
	}
	visible := family[:0]
	for _, r := range family {
		if mine[r.Token] {
			visible = append(visible, r)
		}
	}
	return visible, err
}

// familyViews describes conversations of one family to somebody who may not be
// in all of them.
func familyViews(tx *db.Tx, known *room.Facts, caller talk.Caller, rooms []talk.Room) ([]RoomView, error) {
	memberships := make([]store.Membership, len(rooms))
	for i := range rooms {
		p, err := room.CallerRoomOf(tx, rooms[i].Token, caller, talk.Guard{})
		if err != nil {
			return nil, err
		}
		memberships[i].Room = rooms[i]
		if p.Me != nil {
			memberships[i].Me = p.Me.Attendee
		}
	}
	sessions, err := store.SessionsHeld(tx, caller)
	if err != nil {
		return nil, err
	}
	views, err := completeViews(tx, known.Settings, caller, memberships, sessions)
	if err == nil {
		err = addLastMessages(tx, caller, views)
	}
	for i := range views {
		if memberships[i].Me.ID == 0 {
			views[i].Me, views[i].Listed = nil, true
		}
	}
	return views, err
}

// BreakoutParticipants returns the participants of the visible breakout rooms
// and of the parent by the tokens of the conversations, the parent last.
// Failures: Forbidden for guests, Invalid mode, status.
func (svc *Service) BreakoutParticipants(ctx context.Context, s room.Scope) ([]RoomEntries, error) {
	var all []RoomEntries
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, known *room.Facts) error {
		all = nil
		if err := known.Me.CanList(); err != nil {
			return err
		}
		visible, err := visibleBreakouts(tx, known)
		if err != nil {
			return err
		}
		for _, r := range append(visible, *known.Room) {
			found, err := roster(tx, &r, known.Settings, visibility{})
			if err != nil {
				return err
			}
			all = append(all, RoomEntries{r.Token, found.Entries})
		}
		return nil
	})
	return all, err
}

// RoomEntries are the participants of one conversation.
type RoomEntries struct {
	Token   string
	Entries []Entry
}
