package talk

// Permissions is a bit mask of what an attendee may do. 0 means "not decided
// here"; the next level decides.
type Permissions int

// The permission bits.
const (
	PermissionDefault Permissions = 0
	// PermissionCustom marks a value that was set on purpose.
	PermissionCustom        Permissions = 1
	PermissionStartCall     Permissions = 2
	PermissionJoinCall      Permissions = 4
	PermissionIgnoreLobby   Permissions = 8
	PermissionPublishAudio  Permissions = 16
	PermissionPublishVideo  Permissions = 32
	PermissionPublishScreen Permissions = 64
	PermissionChat          Permissions = 128
)

// Masks derived from the known bits.
const (
	// PermissionsAll is what moderators have: every bit but the custom mark.
	PermissionsAll = PermissionStartCall | PermissionJoinCall | PermissionIgnoreLobby |
		PermissionPublishAudio | PermissionPublishVideo | PermissionPublishScreen | PermissionChat
	// PermissionsMember is what everybody else has when nobody decided otherwise.
	PermissionsMember = PermissionsAll &^ PermissionIgnoreLobby
	// PermissionsMax is the largest value that can be stored.
	PermissionsMax = PermissionsAll | PermissionCustom
)

// Valid reports whether p is a value that can be stored.
func (p Permissions) Valid() bool { return p >= 0 && p <= PermissionsMax }

// Has reports whether all bits of q are set.
func (p Permissions) Has(q Permissions) bool { return p&q == q }

// Custom returns p as it is stored when set on purpose: 0 stays 0, anything
// else carries the custom mark.
func (p Permissions) Custom() Permissions {
	if p == PermissionDefault {
		return p
	}
	return p | PermissionCustom
}

// PermissionChange is how a new value is combined with the old one.
type PermissionChange string

// The ways to change permissions.
const (
	PermissionsSet    PermissionChange = "set"
	PermissionsAdd    PermissionChange = "add"
	PermissionsRemove PermissionChange = "remove"
)

// Apply combines old with p. Only set adds the custom mark.
// Failures, in this order: Invalid "value", Invalid "method".
func (m PermissionChange) Apply(old, p Permissions) (Permissions, error) {
	if !p.Valid() {
		return 0, Fail(Invalid, "value")
	}
	switch m {
	case PermissionsSet:
		return p.Custom(), nil
	case PermissionsAdd:
		return old | p, nil
	case PermissionsRemove:
		return old &^ p, nil
	}
	return 0, Fail(Invalid, "method")
}

// FinalPermissions returns what a may do in r. The first level that decided
// wins: attendee, call, conversation, then the server's default, which is cut to
// what can be stored and 0 for none. Moderators have everything.
func FinalPermissions(r *Room, a *Attendee, server Permissions) Permissions {
	if a.IsModerator() {
		return PermissionsAll
	}
	server = min(max(server, PermissionDefault), PermissionsMax)
	for _, p := range [...]Permissions{a.Permissions, r.CallPermissions, r.DefaultPermissions, server} {
		if p != PermissionDefault {
			return p
		}
	}
	return PermissionsMember
}

// CanSetRoomPermissions reports why the permissions that everybody has in r may
// not change, neither the defaults nor those of the call.
func CanSetRoomPermissions(r *Room) error { return r.CanChangeAccess() }

// CallPermissionsAfter returns the permissions of the call after a change for
// all attendees. What is added or removed starts from
// the permissions that an ordinary participant has now. Failures: Invalid
// "value", "method".
func CallPermissionsAfter(r *Room, how PermissionChange, p, server Permissions) (Permissions, error) {
	now := FinalPermissions(r, &Attendee{Type: Member}, server)
	return how.Apply(now, p)
}

// CanSetAttendeePermissions reports why the permissions of target may not be
// changed.
func CanSetAttendeePermissions(r *Room, target *Attendee) error {
	switch {
	case r.IsOneToOne():
		return Fail(Invalid, "room-type")
	case target.IsModerator():
		return Fail(Forbidden, "moderator")
	case target.Actor.IsGroupOrTeam():
		return Fail(Invalid, "type")
	}
	return nil
}
