package room

// NotePing notes a sign of life of a session as a request does.
func (svc *Service) NotePing(session, now int64) { svc.pings.note(session, now) }
