package talk

// LobbyState says who has to wait before entering a conversation.
type LobbyState int

// The lobby states.
const (
	LobbyOff           LobbyState = 0
	LobbyNonModerators LobbyState = 1
)

// LobbyDue reports whether the lobby is on with a timer that has passed, so
// that it has to be switched off before anybody looks at the conversation.
func (r *Room) LobbyDue(now int64) bool {
	return r.LobbyState != LobbyOff && r.LobbyTimer > 0 && r.LobbyTimer <= now
}

// WaitsInLobby reports whether an attendee with the given final permissions is
// kept in the lobby.
func WaitsInLobby(r *Room, a *Attendee, final Permissions) bool {
	return r.LobbyState == LobbyNonModerators && !a.IsModerator() && !final.Has(PermissionIgnoreLobby)
}

// CanSetLobby reports why the lobby of r may not change.
func CanSetLobby(r *Room) error {
	if err := r.CanChangeAccess(); err != nil {
		return err
	}
	switch r.ObjectType {
	case ObjectNone, ObjectEmails, ObjectEvent, ObjectExtendedConversation, ObjectInstantMeeting:
		return nil
	}
	return Fail(Invalid, "object")
}
