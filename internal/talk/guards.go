package talk

// Need is what a request requires of its caller.
type Need int

// The requirements, from none to the strictest.
const (
	// NeedNothing lets everybody through.
	NeedNothing Need = iota
	// NeedRoom requires that the conversation exists, whoever asks.
	NeedRoom
	// NeedParticipant requires a participant, guests included.
	NeedParticipant
	// NeedModerator requires a moderator, guest moderators included.
	NeedModerator
	// NeedMember requires a participant with an account.
	NeedMember
	// NeedAccountModerator requires an owner or moderator with an account.
	NeedAccountModerator
)

// Guard is what must hold before a request on a conversation is looked at. It
// is evaluated in a fixed order, which is that of the fields.
type Guard struct {
	Need Need
	// ReadWrite refuses conversations that are locked.
	ReadWrite bool
	// NoLobby refuses participants who wait in the lobby.
	NoLobby bool
	// Permission holds the bits that the participant must have, 0 for none.
	Permission Permissions
}

// NeedsAccount reports whether the guard resolves the caller by account only.
func (g Guard) NeedsAccount() bool { return g.Need == NeedMember || g.Need == NeedAccountModerator }

// Facts are the loaded values that a guard is checked against.
type Facts struct {
	// Room is nil when no conversation has the token.
	Room *Room
	// Me is nil when the caller does not take part.
	Me *Participant
	// Banned tells whether a ban of the conversation meets the caller.
	Banned bool
	// ServerPermissions is the administrator's default, 0 for none.
	ServerPermissions Permissions
}

// Final returns the final permissions of the caller.
func (f *Facts) Final() Permissions {
	return FinalPermissions(f.Room, &f.Me.Attendee, f.ServerPermissions)
}

// Check returns nil when the guard lets the caller through. Failures, in this
// order: NotFound, Forbidden (ban, role, locked), LobbyActive, Forbidden
// (permission). Whether the caller is logged in is checked earlier.
func (g Guard) Check(f *Facts) error {
	switch {
	case g.Need == NeedNothing:
		return nil
	case f.Room == nil, g.Need != NeedRoom && f.Me == nil:
		return refuse(NotFound)
	case f.Banned, !g.roleSuffices(f.Me), g.ReadWrite && f.Room.Locked():
		return refuse(Forbidden)
	case f.Me == nil: // lobby and permissions concern participants
		return nil
	case g.NoLobby && WaitsInLobby(f.Room, &f.Me.Attendee, f.Final()):
		return refuse(LobbyActive)
	case !f.Final().Has(g.Permission):
		return refuse(Forbidden)
	}
	return nil
}

func refuse(kind Kind) error { return &Error{Kind: kind, Guard: true} }

// roleSuffices is asked about participants only, except where any role will do.
func (g Guard) roleSuffices(me *Participant) bool {
	switch g.Need {
	case NeedModerator:
		return me.Type.IsModerator()
	case NeedAccountModerator:
		return me.Type.IsAccountModerator()
	}
	return true
}
