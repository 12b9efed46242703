package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// Bans returns the bans of a conversation in the order of their ids.
func (svc *Service) Bans(ctx context.Context, s room.Scope) (bans talk.Bans, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		bans, err = store.Bans(tx, f.Room.ID)
		return err
	})
	return bans, err
}

// Ban keeps somebody out of the conversation and removes them if they are in
// it. They need not exist. Failures: Invalid room, bannedActor (also for a
// second ban of the same actor), internalNote, self, moderator.
func (svc *Service) Ban(ctx context.Context, s room.Scope, who talk.Actor, note string) (talk.Ban, error) {
	var b talk.Ban
	err := svc.rooms.Change(ctx, s, func(c *room.Change) error {
		b = talk.Ban{RoomID: c.Room.ID, Moderator: c.Actor(), ModeratorName: c.Me.DisplayName, Banned: who, Note: note}
		target, err := identify(c, &b)
		if err != nil {
			return err
		}
		if err := b.Check(c.Room, c.Actor(), target); err != nil {
			return err
		}
		known, err := isBanned(c, b.Banned)
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
		return Remove(c, target)
	})
	return b, err
}

// identify spells the banned actor as everybody else does, names it, and finds
// its row, nil without one. Actors that nobody can be are left for the rule.
func identify(c *room.Change, b *talk.Ban) (*talk.Attendee, error) {
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
	at, err := row(c, b.Banned)
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
func (svc *Service) Unban(ctx context.Context, s room.Scope, id int64) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error { return store.DeleteBan(c.Tx, c.Room.ID, id) })
}

// refuseBanned denies a join that a ban meets. Somebody banned as a guest gets
// their address banned too, or else they would come back as another guest.
func (j *joining) refuseBanned() error {
	if !j.c.Room.HasBans {
		return nil
	}
	m, err := room.BansMeeting(j.c.Tx, j.c.Room, j.c.Me, j.c.Caller)
	if err != nil || !m.Met() {
		return err
	}
	j.denied = talk.Fail(talk.Forbidden, "ban")
	return banAddress(j.c, m)
}

// banAddress bans the address of a caller whom bans meet as a guest, but not by their address.
func banAddress(c *room.Change, m room.Meeting) error {
	address, ok := talk.CanonicalAddress(c.Caller.Address)
	if c.Caller.LoggedIn() || m.ByName == nil || m.ByAddress != nil || !ok {
		return nil
	}
	b := *m.ByName
	b.Banned, b.BannedName = talk.Actor{Type: talk.ActorAddress, ID: address}, address
	if err := store.InsertBan(c.Tx, &b); !errors.Is(err, db.ErrDuplicate) {
		return err
	}
	return nil
}

// NoteBanned bans the address of the caller if they were banned as a guest, since they are still
// here and would come back as another one. Of others it changes nothing.
func (svc *Service) NoteBanned(ctx context.Context, s room.Scope) error {
	if s.Caller.LoggedIn() {
		return nil
	}
	news := false
	err := svc.rooms.Inspect(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if !f.Banned {
			return nil
		}
		m, err := room.BansMeeting(tx, f.Room, f.Me, s.Caller)
		news = m.ByName != nil && m.ByAddress == nil
		return err
	})
	if err != nil || !news {
		return err
	}
	return svc.store.WriteKey(ctx, s.Token, func(tx *db.Tx) error {
		c, f, err := svc.rooms.Lock(tx, s)
		if err != nil || !f.Banned {
			return err
		}
		m, err := room.BansMeeting(tx, c.Room, c.Me, c.Caller)
		if err != nil {
			return err
		}
		return banAddress(c, m)
	})
}

// isBanned reports whether a ban of the room names the actor.
func isBanned(c *room.Change, who talk.Actor) (bool, error) {
	if !c.Room.HasBans {
		return false, nil
	}
	bans, err := store.BansAgainst(c.Tx, c.Room.ID, who, false)
	return bans.Of(who) != nil, err
}

// bansByName are the bans of the room, for those that are compared by name.
func bansByName(c *room.Change) (talk.Bans, error) {
	if !c.Room.HasBans {
		return nil, nil
	}
	return store.Bans(c.Tx, c.Room.ID)
}

// bannedAmong returns those of the accounts that are banned in the room.
func bannedAmong(c *room.Change, users []string) (map[string]bool, error) {
	if !c.Room.HasBans {
		return nil, nil
	}
	return store.BannedAmong(c.Tx, c.Room.ID, users)
}
