package talk

// StartCalls is the administrator's decision on who may start calls.
type StartCalls int

// Who may start calls, as far as their permissions allow it.
const (
	StartCallsAll        StartCalls = 0
	StartCallsUsers      StartCalls = 1
	StartCallsModerators StartCalls = 2
	StartCallsNobody     StartCalls = 3
)

// Allows reports whether somebody of the role may start calls. Guest moderators
// count as moderators, other guests not as users.
func (s StartCalls) Allows(role ParticipantType) bool {
	switch s {
	case StartCallsAll:
		return true
	case StartCallsUsers:
		return !role.IsGuest() || role.IsModerator()
	case StartCallsModerators:
		return role.IsModerator()
	}
	return false
}

// CanStartCall reports whether an attendee with these final permissions may
// start a call in r.
func CanStartCall(r *Room, a *Attendee, final Permissions, who StartCalls) bool {
	return final.Has(PermissionStartCall) && who.Allows(a.Type) && r.Type != NoteToSelf && !WaitsInLobby(r, a, final)
}

// Levels of notification. 0 is nobody's choice: the default decides.
const (
	NotifyAlways  = 1
	NotifyMention = 2
	NotifyNever   = 3
)

// NotificationLevel returns when an attendee is notified of messages; groups is
// the administrator's default for conversations of more than two.
func NotificationLevel(r *Room, a *Attendee, groups int) int {
	switch {
	case a.NotificationLevel != 0:
		return a.NotificationLevel
	case a.Actor.Type != ActorUsers:
		return NotifyNever
	case r.IsOneToOne():
		return NotifyAlways
	}
	return groups
}

// Whether people have to agree to being recorded before they join a call, as the
// administrator decides.
const (
	ConsentNo     = 0
	ConsentYes    = 1
	ConsentByRoom = 2 // moderators decide
)

// ConsentIn reports whether the people of a conversation have to agree, 1 for yes
// and 0 for no, under the decision of the administrator.
func ConsentIn(decision int, r *Room) int {
	if decision == ConsentByRoom {
		return r.RecordingConsent
	}
	return decision
}
