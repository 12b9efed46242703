package room

// NotePing notes a sign of life of a session as a request does.
func (a *Service) NotePing(session, now int64) { a.pings.note(session, now) }
