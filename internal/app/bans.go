package app

import (
	"context"
	"errors"

	"parley/internal/store"
	"parley/internal/talk"
)

// Bans returns the bans of a conversation in the order of their ids.
func (a *App) Bans(ctx context.Context, s Scope) (bans talk.Bans, err error) {
	err = a.read(ctx, s.Token, func(tx *store.Tx, f *facts) error {
		if err := f.check(s.Guard); err != nil {
			return err
		}
		bans, err = tx.Bans(f.Room.ID)
		return err
	}, s.Caller, s.Guard)
	return bans, err
}

// Ban keeps somebody out of the conversation and removes them if they are in
// it. They need not exist. Failures: Invalid room, bannedActor (also for a
// second ban of the same actor), internalNote, self, moderator.
func (a *App) Ban(ctx context.Context, s Scope, who talk.Actor, note string) (talk.Ban, error) {
	var b talk.Ban
	err := a.change(ctx, s, func(c *change) error {
		b = talk.Ban{RoomID: c.room.ID, Moderator: c.actor(), ModeratorName: c.me.DisplayName, Banned: who, Note: note}
		target, err := c.identify(&b)
		if err != nil {
			return err
		}
		if err := b.Check(c.room, c.actor(), target); err != nil {
			return err
		}
		err = c.InsertBan(&b)
		if errors.Is(err, store.ErrDuplicate) {
			return talk.Fail(talk.Invalid, "bannedActor")
		}
		if err != nil || target == nil {
			return err
		}
		return c.remove(target)
	})
	return b, err
}

// identify spells the banned actor as everybody else does, names it, and finds
// its row, nil without one.
func (c *change) identify(b *talk.Ban) (*talk.Attendee, error) {
	switch b.Banned.Type {
	case talk.ActorAddress:
		b.Banned.ID = talk.CanonicalNetwork(b.Banned.ID)
	case talk.ActorUsers:
		account, err := c.Account(b.Banned.ID)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			b.Banned.ID, b.BannedName = account.UserID, account.DisplayName
		}
	}
	at, err := c.AttendeeOf(c.room.ID, b.Banned)
	found := err == nil
	if found && at.DisplayName != "" {
		b.BannedName = at.DisplayName
	}
	if b.BannedName == "" {
		b.BannedName = b.Banned.ID
	}
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	if !found {
		return nil, err
	}
	return &at, nil
}

// Unban lifts a ban; one that does not exist is fine.
func (a *App) Unban(ctx context.Context, s Scope, id int64) error {
	return a.change(ctx, s, func(c *change) error { return c.DeleteBan(c.room.ID, id) })
}

// banned reports whether a ban of the room meets the caller. Participants with
// an account cannot be banned, since banning removes them, but a guest may have
// come into a banned network, and some guards let non-participants through.
func banned(tx *store.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (bool, error) {
	if !room.HasBans {
		return false, nil
	}
	m, err := bansMeeting(tx, room, me, c)
	return m.met(), err
}

// meeting are the bans that meet a caller.
type meeting struct {
	// byName names the caller, byAddress the network of a guest.
	byName, byAddress *talk.Ban
}

func (m meeting) met() bool { return m.byName != nil || m.byAddress != nil }

// bansMeeting looks for bans of the account, or of the guest that the client is
// or was, and of a guest's address. E-mail guests are only met by name.
func bansMeeting(tx *store.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (meeting, error) {
	who, err := suspect(tx, room, me, c)
	if err != nil {
		return meeting{}, err
	}
	anonymous := who.IsZero() || who.Type == talk.ActorGuests
	bans, err := tx.BansAgainst(room.ID, who, anonymous)
	return meeting{bans.Of(who), bans.Covering(c.Address)}, err
}

// suspect is the actor that bans are compared with, zero for a guest who was
// never seen before.
func suspect(tx *store.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (talk.Actor, error) {
	switch {
	case c.LoggedIn():
		return talk.User(c.UserID), nil
	case me != nil:
		return me.Actor, nil
	}
	known, err := tx.ClientRoom(c.Client, room.Token)
	switch {
	case known.EmailActor != "":
		return talk.Actor{Type: talk.ActorEmails, ID: known.EmailActor}, err
	case known.GuestActor != "":
		return talk.Guest(known.GuestActor), err
	}
	return talk.Actor{}, err
}

// refuseBanned denies a join that a ban meets. Somebody banned as a guest gets
// their address banned too, or else they would come back as another guest.
func (j *joining) refuseBanned() error {
	if !j.room.HasBans {
		return nil
	}
	m, err := bansMeeting(j.Tx, j.room, j.me, j.caller)
	if err != nil || !m.met() {
		return err
	}
	j.denied = talk.Fail(talk.Forbidden, "ban")
	if j.caller.LoggedIn() || m.byAddress != nil || j.caller.Address == "" {
		return nil
	}
	b := *m.byName
	b.Banned, b.BannedName = talk.Actor{Type: talk.ActorAddress, ID: j.caller.Address}, j.caller.Address
	if err := j.InsertBan(&b); !errors.Is(err, store.ErrDuplicate) {
		return err
	}
	return nil
}

// isBanned reports whether a ban of the room names the actor.
func (c *change) isBanned(who talk.Actor) (bool, error) {
	if !c.room.HasBans {
		return false, nil
	}
	bans, err := c.BansAgainst(c.room.ID, who, false)
	return bans.Of(who) != nil, err
}

// bannedAmong returns those of the accounts that are banned in the room.
func (c *change) bannedAmong(users []string) (map[string]bool, error) {
	if !c.room.HasBans {
		return nil, nil
	}
	return c.BannedAmong(c.room.ID, users)
}
