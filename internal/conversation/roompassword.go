package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// maxPasswordChecks is how often a join is tried whose password is replaced meanwhile.
const maxPasswordChecks = 8

// passwordCheck is the outcome of comparing a password with a hash.
type passwordCheck struct {
	// hash is empty when there was nothing to compare.
	hash string
	ok   bool
}

// verifyRoomPassword checks a password before the transaction, since hashing
// takes long and the writer must not wait for it. It computes nothing for those
// who need no password or do not get in with it either; the transaction decides
// about them, and asks again if it sees them otherwise.
func (svc *Service) verifyRoomPassword(ctx context.Context, s room.Scope, o JoinOptions, again bool) (checked passwordCheck, err error) {
	if o.Password == "" {
		return checked, nil
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		f, err := svc.rooms.FactsOf(tx, s)
		if err != nil || f.Room == nil || !f.Room.HasPassword() {
			return err
		}
		asked := again
		if !asked {
			asked, err = asksPassword(tx, f, s, o)
		}
		if asked {
			checked.hash = f.Room.PasswordHash
		}
		return err
	})
	if err != nil || checked.hash == "" {
		return checked, err
	}
	checked.ok, err = svc.hasher.Verify(ctx, checked.hash, o.Password)
	if errors.Is(err, secret.ErrPasswordTooLong) || errors.Is(err, secret.ErrMalformedHash) {
		return passwordCheck{hash: checked.hash}, nil // a password that cannot be checked is a wrong one
	}
	if err == nil && !checked.ok && ctx.Err() != nil {
		// Who hangs up has guessed all the same, and must not go uncounted.
		return checked, talk.Fail(talk.Forbidden, "password")
	}
	return checked, err
}

// misses reports whether a join depends on a password that was not compared with the one
// that the conversation has: it was replaced meanwhile, or the caller lost their seat.
func (p passwordCheck) misses(tx *db.Tx, f *room.Facts, s room.Scope, o JoinOptions) (bool, error) {
	if o.Password == "" || f.Room == nil || !f.Room.HasPassword() || p.hash == f.Room.PasswordHash {
		return false, nil
	}
	return asksPassword(tx, f, s, o)
}

// asksPassword reports whether a join of a conversation with a password depends
// on it: not for those who are refused anyway or are in the conversation.
func asksPassword(tx *db.Tx, f *room.Facts, s room.Scope, o JoinOptions) (bool, error) {
	c, me := s.Caller, f.Me
	if err := f.Settings.Allow(tx, c); err != nil {
		return false, err
	}
	if !f.Room.VisibleTo(c, me != nil) || f.Banned || f.Room.ListedFor(c) {
		return false, nil
	}
	if me != nil {
		return asksAgain(tx, me, o, s)
	}
	_, err := emailGuestOf(tx, f.Room, c)
	if errors.Is(err, db.ErrNotFound) {
		return true, nil
	}
	return false, err
}

// asksAgain reports whether somebody has to give the password once more who has
// a seat already: the self-joined who have no session but the one they replace.
func asksAgain(tx *db.Tx, me *talk.Participant, o JoinOptions, s room.Scope) (bool, error) {
	if me.Type != talk.SelfJoined || me.Session != nil && !o.Force {
		return false, nil
	}
	if s.Legacy {
		return true, nil // all their sessions end
	}
	own, err := store.SessionsOf(tx, me.ID)
	for i := range own {
		if me.Session == nil || own[i].ID != me.Session.ID {
			return false, err
		}
	}
	return true, err
}
