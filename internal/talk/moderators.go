package talk

// Promote returns the role that target has after a moderator promotes it.
// selfJoined tells whether a self-joined user may be promoted (API v4) or not
// (v1 to v3). Failures: Forbidden for oneself, Invalid for a target that cannot
// be promoted.
func Promote(by Actor, target *Attendee, selfJoined bool) (ParticipantType, error) {
	if err := checkRoleChange(by, target); err != nil {
		return 0, err
	}
	switch {
	case target.Type == Member, target.Type == SelfJoined && selfJoined:
		return Moderator, nil
	case target.Type == GuestRole:
		return GuestModerator, nil
	}
	return 0, Fail(Invalid, "")
}

// Demote returns the role that target has after a moderator demotes it.
// The failures are those of Promote.
func Demote(by Actor, target *Attendee) (ParticipantType, error) {
	if err := checkRoleChange(by, target); err != nil {
		return 0, err
	}
	switch target.Type {
	case Moderator:
		return Member, nil
	case GuestModerator:
		return GuestRole, nil
	}
	return 0, Fail(Invalid, "")
}

func checkRoleChange(by Actor, target *Attendee) error {
	switch {
	case target.Actor == User(BridgeBot):
		return Fail(NotFound, "")
	case target.Actor == by:
		return Fail(Forbidden, "")
	case target.Actor.IsGroupOrTeam():
		return Fail(Invalid, "")
	}
	return nil
}
