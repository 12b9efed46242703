package room

import (
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// banned reports whether a ban of the room meets the caller. Participants with
// an account cannot be banned, since banning removes them, but a guest may have
// come into a banned network, and some guards let non-participants through.
func banned(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (bool, error) {
	if !room.HasBans {
		return false, nil
	}
	m, err := BansMeeting(tx, room, me, c)
	return m.Met(), err
}

// Meeting are the bans that meet a caller.
type Meeting struct {
	// ByName names the caller, ByAddress the network of a guest.
	ByName, ByAddress *talk.Ban
}

// Met tells that there is one.
func (m Meeting) Met() bool { return m.ByName != nil || m.ByAddress != nil }

// BansMeeting looks for bans of the account, or of the guest that the client is
// or was, and of a guest's address. E-mail guests are only met by name.
func BansMeeting(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (Meeting, error) {
	who, err := BanSubject(tx, room, me, c)
	if err != nil {
		return Meeting{}, err
	}
	anonymous := who.IsZero() || who.Type == talk.ActorGuests
	bans, err := store.BansAgainst(tx, room.ID, who, anonymous)
	return Meeting{bans.Of(who), bans.Covering(c.Address)}, err
}

// BanSubject is the actor that bans are compared with, zero for a guest who was
// never seen before.
func BanSubject(tx *db.Tx, room *talk.Room, me *talk.Participant, c talk.Caller) (talk.Actor, error) {
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
