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
// is evaluated in the fixed order of common.md §6.
type Guard struct {
	Need Need
	// ReadWrite refuses conversations that are locked.
	ReadWrite bool
	// NoLobby refuses participants who wait in the lobby.
	NoLobby bool
	// Permission is the bit that the participant must have, 0 for none.
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
	if kind := g.refusal(f); kind != Internal {
		return &Error{Kind: kind, Guard: true}
	}
	return nil
}

// refusal is the kind of the first requirement that is not met, Internal when
// all are.
func (g Guard) refusal(f *Facts) Kind {
	if g.Need == NeedNothing {
		return Internal
	}
	if f.Room == nil || (g.Need != NeedRoom && f.Me == nil) {
		return NotFound
	}
	if f.Banned || !g.roleSuffices(f.Me) {
		return Forbidden
	}
	if g.ReadWrite && f.Room.Locked() {
		return Forbidden
	}
	if f.Me == nil {
		return Internal
	}
	if g.NoLobby && WaitsInLobby(f.Room, &f.Me.Attendee, f.Final()) {
		return LobbyActive
	}
	if g.Permission != 0 && !f.Final().Has(g.Permission) {
		return Forbidden
	}
	return Internal
}

func (g Guard) roleSuffices(me *Participant) bool {
	switch g.Need {
	case NeedModerator:
		return me.Type.IsModerator()
	case NeedAccountModerator:
		return me.Type.IsAccountModerator()
	}
	return true
}
