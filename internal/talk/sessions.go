package talk

// SessionConflict is returned by a join with force=false when the same client
// session already holds a living session in the conversation. Nothing was
// changed.
type SessionConflict struct {
	Session Session
}

// Error says that the conversation is open already.
func (c *SessionConflict) Error() string { return "conflict: session is active already" }

// Session states.
const (
	SessionInactive = 0
	SessionActive   = 1
)

// CheckSessionState reports why state is not a session state.
func CheckSessionState(state int) error {
	if state != SessionInactive && state != SessionActive {
		return Fail(Invalid, "")
	}
	return nil
}

// Presence summarises the living sessions of one attendee.
type Presence struct {
	SessionIDs []string
	LastPing   int64
	InCall     CallFlags
	// Newest is the session id with the newest ping, NoSession without any.
	Newest string
}

// PresenceOf summarises the sessions that are alive at now. A ping from the future,
// noted before the clock was set back, counts as one of now.
func PresenceOf(sessions []Session, now int64) Presence {
	p := Presence{Newest: NoSession}
	for i := range sessions {
		s := &sessions[i]
		if !s.Alive(now) {
			continue
		}
		p.SessionIDs = append(p.SessionIDs, s.SessionID)
		p.InCall |= s.InCall
		if ping := min(s.LastPing, now); ping >= p.LastPing {
			p.LastPing, p.Newest = ping, s.SessionID
		}
	}
	return p
}
