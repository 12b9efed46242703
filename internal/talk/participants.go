package talk

// ParticipantType is the role of an attendee.
type ParticipantType int

// The roles, in the numbers of the wire.
const (
	Owner          ParticipantType = 1
	Moderator      ParticipantType = 2
	Member         ParticipantType = 3
	GuestRole      ParticipantType = 4
	SelfJoined     ParticipantType = 5
	GuestModerator ParticipantType = 6
)

// IsModerator reports whether the role may moderate, guest moderators included.
func (t ParticipantType) IsModerator() bool {
	return t == Owner || t == Moderator || t == GuestModerator
}

// IsAccountModerator reports whether the role is owner or moderator.
func (t ParticipantType) IsAccountModerator() bool { return t == Owner || t == Moderator }

// IsGuest reports whether the role belongs to people without an account.
func (t ParticipantType) IsGuest() bool { return t == GuestRole || t == GuestModerator }

// IsPermanent reports whether the role outlives the sessions of its holder:
// owners, moderators and members.
func (t ParticipantType) IsPermanent() bool { return t == Owner || t == Moderator || t == Member }

// Attendee is a row of a conversation's membership: who is in it, in what role.
type Attendee struct {
	ID     int64
	RoomID int64
	Actor  Actor
	// DisplayName is copied from the account, group or team, or chosen by a guest.
	DisplayName string
	Type        ParticipantType
	// Permissions is the stored value; 0 means that the conversation decides.
	Permissions Permissions
	// PIN lets a telephone join as this attendee; empty until one is needed.
	PIN string
	// AccessToken and Address belong to e-mail guests.
	AccessToken string
	Address     string
	PhoneNumber string
	CallID      string

	Favorite          bool
	Archived          bool
	Important         bool
	Sensitive         bool
	NotificationLevel int
	NotificationCalls int

	LastReadMessage    int64
	LastMentionMessage int64
	LastMentionDirect  int64
	ReadPrivacy        int
	// ChangedAt is when the row itself last changed, Unix seconds.
	ChangedAt int64
}

// IsModerator reports whether the attendee may moderate.
func (a *Attendee) IsModerator() bool { return a.Type.IsModerator() }

// Session is one connection of an attendee, held by one client session.
type Session struct {
	ID         int64
	SessionID  string
	RoomID     int64
	AttendeeID int64
	// Client is the client session that holds it (Caller.Client).
	Client string
	// Device is the credential that finds it without a cookie (Caller.Device).
	Device   string
	InCall   CallFlags
	LastPing int64
	// State is 1 while the person looks at the conversation, else 0.
	State int
}

// Ages of a session's last ping, in seconds.
const (
	// DeadAfter is the age from which a session no longer exists for anybody.
	DeadAfter = 100
	// ActiveWithin is the age up to which a session counts as taking part.
	ActiveWithin = 30
)

const (
	// PingShownFor is how long answers may show the same last ping while the
	// session lives on, in seconds.
	PingShownFor = 20
	// ClockSkew is how far in the future a time may lie because the clocks of two
	// nodes differ, in seconds. What lies further was noted before a clock was set
	// back.
	ClockSkew = 10
)

// SessionIDLength is the number of characters of a session id.
const SessionIDLength = 512

// NoSession is what clients see instead of a session id when there is none.
const NoSession = "0"

// Alive reports whether the session still exists at the given Unix time.
func (s *Session) Alive(now int64) bool { return s.LastPing > now-DeadAfter }

// CallFlags is the bit mask of how a session takes part in a call.
type CallFlags int

// The call flags.
const (
	NotInCall CallFlags = 0
	InCall    CallFlags = 1
	WithAudio CallFlags = 2
	WithVideo CallFlags = 4
	WithPhone CallFlags = 8
)

// Participant is an attendee together with the session that the request came
// through, if any.
type Participant struct {
	Attendee
	Session *Session
}

// IsUser reports whether the participant is the account with the given id.
func (p *Participant) IsUser(id string) bool { return p.Actor == User(id) }

// HiddenWithoutSession reports whether a guest row without a living session is
// left out of participant lists: an ordinary guest whom nobody gave special
// permissions.
func (a *Attendee) HiddenWithoutSession() bool {
	return a.Actor.Type == ActorGuests && a.Type == GuestRole && a.Permissions <= PermissionCustom
}

// Forgettable reports whether nothing is lost with a guest row but its id: a
// hidden guest who never chose a name.
func (a *Attendee) Forgettable() bool { return a.HiddenWithoutSession() && a.DisplayName == "" }

// How long guests can come back after their last session died, in seconds: those
// who have a name, permissions or a role of their own longer than others.
const (
	GuestKeptFor         = 30 * 24 * 3600
	NamelessGuestKeptFor = 24 * 3600
)

// KeptFor is how long the row of a guest is kept after their last session died,
// in seconds.
func (a *Attendee) KeptFor() int64 {
	if a.Forgettable() {
		return NamelessGuestKeptFor
	}
	return GuestKeptFor
}

// CanList reports why a participant may not see the list of participants.
func (p *Participant) CanList() error {
	if p.Type == GuestRole {
		return Fail(Forbidden, "")
	}
	return nil
}

// RoleCounts counts the rows of a conversation as the leaving rule needs them;
// groups and teams are not people and do not count.
type RoleCounts struct {
	// Permanent is the number of owners, moderators and members.
	Permanent int
	// Moderators is the number of owners and moderators.
	Moderators int
}

// Leaving is the outcome of the rule for removing oneself.
type Leaving int

// What happens when a participant removes themselves.
const (
	// LeaveRow removes the attendee.
	LeaveRow Leaving = iota
	// LeaveDeletesRoom deletes the conversation: its last permanent member goes.
	LeaveDeletesRoom
)

// LeaveSelf decides what happens when p removes themselves from r. deletePairs
// is the administrator's wish that a one-to-one ends for both when one leaves.
// Failures: Invalid "last-moderator", NotFound "participant" for people without
// an account.
func LeaveSelf(r *Room, p *Participant, count RoleCounts, deletePairs bool) (Leaving, error) {
	if !r.IsOneToOne() && p.Type.IsAccountModerator() && count.Permanent > 1 && count.Moderators == 1 {
		return LeaveRow, Fail(Invalid, "last-moderator")
	}
	if r.Type != Changelog && r.ObjectType != ObjectFile && count.Permanent == 1 && p.Type.IsPermanent() {
		return LeaveDeletesRoom, nil
	}
	if deletePairs && r.IsOneToOne() {
		return LeaveDeletesRoom, nil
	}
	if p.Actor.Type != ActorUsers {
		return LeaveRow, Fail(NotFound, "participant")
	}
	return LeaveRow, nil
}

// CanRemoveFrom reports why no attendee of r can be removed by id, oneself
// included. It is asked before LeaveSelf or CanRemove.
func CanRemoveFrom(r *Room) error {
	if r.IsOneToOne() {
		return Fail(Invalid, "room-type")
	}
	return nil
}

// CanRemove reports why target may not be removed from r by somebody else, the
// first that applies: NotFound "participant" for the chat bridge,
// Invalid "room-type", Forbidden "owner". Moderators can be removed.
func CanRemove(r *Room, target *Attendee) error {
	if target.Actor == User(BridgeBot) {
		return Fail(NotFound, "participant")
	}
	if err := CanRemoveFrom(r); err != nil {
		return err
	}
	if target.Type == Owner {
		return Fail(Forbidden, "owner")
	}
	return nil
}

// CanAdd reports why nobody can be added to r.
func CanAdd(r *Room) error {
	if r.IsOneToOne() || r.Type == NoteToSelf || r.ObjectType == ObjectVideoVerification {
		return Fail(Invalid, "room-type")
	}
	return nil
}

// FollowsBundle reports whether an attendee stays only as long as a group or
// team that it belongs to: members do, owners, moderators and the self-joined
// do not.
func (a *Attendee) FollowsBundle() bool { return a.Actor.Type == ActorUsers && a.Type == Member }
