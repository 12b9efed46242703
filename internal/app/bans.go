package app

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Bans returns the bans of a conversation in the order of their ids.
func (a *App) Bans(ctx context.Context, s Scope) (bans talk.Bans, err error) {
	err = a.view(ctx, s, func(tx *db.Tx, f *facts) error {
		bans, err = store.Bans(tx, f.Room.ID)
		return err
	})
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
		known, err := c.isBanned(b.Banned)
		if err != nil {
			return err
		}
		if known {
			return talk.Fail(talk.Invalid, "bannedActor")
		}
		err = store.InsertBan(c.Tx, &b)
		if err != nil || target == nil {
			return err
		}
		return c.remove(target)
	})
	return b, err
}

// identify spells the banned actor as everybody else does, names it, and finds
// its row, nil without one. Actors that nobody can be are left for the rule.
func (c *change) identify(b *talk.Ban) (*talk.Attendee, error) {
	given := b.Banned.ID
	b.Banned, _ = b.Banned.Bannable()
	if b.Banned.Type == talk.ActorUsers {
		account, err := store.AccountByID(c.Tx, b.Banned.ID)
		switch {
		case err == nil:
			b.Banned.ID, b.BannedName = account.UserID, account.DisplayName
		case !errors.Is(err, db.ErrNotFound):
			return nil, err
		case !talk.ValidUserID(b.Banned.ID):
			b.Banned.ID = "" // no account will ever have it
		}
	}
	at, err := c.row(b.Banned)
	if at != nil && at.DisplayName != "" {
		b.BannedName = at.DisplayName
	}
	if b.BannedName == "" && b.Banned.Type == talk.ActorEmails {
		b.BannedName = given // an address says more than its digest
	}
	if b.BannedName == "" {
		b.BannedName = b.Banned.ID
	}
	return at, err
}

// Unban lifts a ban; one that does not exist is fine.
func (a *App) Unban(ctx context.Context, s Scope, id int64) error {
	return a.change(ctx, s, func(c *change) error { return store.DeleteBan(c.Tx, c.room.ID, id) })
}

// banned reports whether a ban of the room meets the caller. Participants with
// an account cannot be banned, since banning removes them, but a guest may have
// come into a banned network, and some guards let non-participants through.
func banned(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (bool, error) {
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
func bansMeeting(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (meeting, error) {
	who, err := suspect(tx, room, me, c)
	if err != nil {
		return meeting{}, err
	}
	anonymous := who.IsZero() || who.Type == talk.ActorGuests
	bans, err := store.BansAgainst(tx, room.ID, who, anonymous)
	return meeting{bans.Of(who), bans.Covering(c.Address)}, err
}

// suspect is the actor that bans are compared with, zero for a guest who was
// never seen before.
func suspect(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (talk.Actor, error) {
	switch {
	case c.LoggedIn():
		return talk.User(c.UserID), nil
	case me != nil:
		return me.Actor, nil
	}
	known, err := store.ClientRoomOf(tx, c.Client, room.Token)
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
	address, ok := talk.CanonicalAddress(j.caller.Address)
	if j.caller.LoggedIn() || m.byAddress != nil || !ok {
		return nil
	}
	b := *m.byName
	b.Banned, b.BannedName = talk.Actor{Type: talk.ActorAddress, ID: address}, address
	if err := store.InsertBan(j.change.Tx, &b); !errors.Is(err, db.ErrDuplicate) {
		return err
	}
	return nil
}

// isBanned reports whether a ban of the room names the actor.
func (c *change) isBanned(who talk.Actor) (bool, error) {
	if !c.room.HasBans {
		return false, nil
	}
	bans, err := store.BansAgainst(c.Tx, c.room.ID, who, false)
	return bans.Of(who) != nil, err
}

// bansByName are the bans of the room, for those that are compared by name.
func (c *change) bansByName() (talk.Bans, error) {
	if !c.room.HasBans {
		return nil, nil
	}
	return store.Bans(c.Tx, c.room.ID)
}

// bannedAmong returns those of the accounts that are banned in the room.
func (c *change) bannedAmong(users []string) (map[string]bool, error) {
	if !c.room.HasBans {
		return nil, nil
	}
	return store.BannedAmong(c.Tx, c.room.ID, users)
}
