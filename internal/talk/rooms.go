package talk

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// RoomType is the kind of a conversation.
type RoomType int

// The kinds of conversations.
const (
	OneToOne       RoomType = 1
	Group          RoomType = 2
	Public         RoomType = 3
	Changelog      RoomType = 4
	FormerOneToOne RoomType = 5
	NoteToSelf     RoomType = 6
)

// Limits of conversation attributes, in characters.
const (
	MaxRoomName      = 255
	MaxDescription   = 2000
	MaxObjectField   = 64
	MaxSuggestedName = 64
	MaxGuestName     = 255
)

// Listable says who may find a conversation without being in it.
type Listable int

// The scopes of a listable conversation.
const (
	ListableNone  Listable = 0
	ListableUsers Listable = 1
	ListableAll   Listable = 2
)

// SIPState says whether telephones may dial into a conversation.
type SIPState int

// The SIP states of a conversation.
const (
	SIPDisabled   SIPState = 0
	SIPWithPIN    SIPState = 1
	SIPWithoutPIN SIPState = 2
)

// Object types that tie a conversation to something outside of it.
const (
	ObjectNone                 = ""
	ObjectFile                 = "file"
	ObjectVideoVerification    = "share:password"
	ObjectBreakout             = "room"
	ObjectPhone                = "phone"
	ObjectPhonePersist         = "phone_persist"
	ObjectPhoneTemporary       = "phone_temporary"
	ObjectEvent                = "event"
	ObjectExtendedConversation = "extended_conversation"
	ObjectInstantMeeting       = "instant_meeting"
	ObjectNoteToSelf           = "note_to_self"
	ObjectEmails               = "emails"
)

// ObjectIDDirectDialin is the object id of a conversation that somebody's telephone call made.
const ObjectIDDirectDialin = "direct-dialin"

// Room is a conversation. Times are Unix seconds, 0 for none.
type Room struct {
	ID    int64
	Token string
	Type  RoomType
	Name  string
	// Identity is the unique key of conversations that exist once: the sorted
	// pair of a one-to-one, the owner of a note to self. Empty for all others.
	Identity     string
	Description  string
	ObjectType   string
	ObjectID     string
	PasswordHash string
	ReadOnly     int
	Listable     Listable

	LobbyState LobbyState
	LobbyTimer int64

	SIP                SIPState
	DefaultPermissions Permissions
	CallPermissions    Permissions
	MessageExpiration  int64 // seconds, 0 = never
	MentionPermissions int
	RecordingConsent   int

	BreakoutMode   int
	BreakoutStatus int

	CallFlag  CallFlags
	CallSince int64

	LastActivity int64
	// LastMessageID is the newest message that is an activity, NewestID the newest of any
	// kind, AllMentionedID the newest one that mentions everybody.
	LastMessageID  int64
	NewestID       int64
	AllMentionedID int64
	AvatarEmoji    string
	AvatarColor    string
	// AvatarPicture is the version of an uploaded picture, empty without one.
	AvatarPicture string

	CreatedAt int64
	// MessageNumber is how many comments and objects were ever written, and LastGap the
	// number of the newest one that was taken away.
	MessageNumber int64
	LastGap       int64
	// Bots is how many bots are in it.
	Bots int
	// HasBans tells whether anybody is banned.
	HasBans bool
	// Version grows with every committed change of the conversation, its
	// attendees or their sessions, ChatVersion with those of messages, reactions and
	// read markers.
	Version     int64
	ChatVersion int64
}

// HasPassword reports whether the conversation asks self-joining people for a
// password.
func (r *Room) HasPassword() bool { return r.PasswordHash != "" }

// IsOneToOne reports whether the conversation is a one-to-one, current or former.
func (r *Room) IsOneToOne() bool { return r.Type == OneToOne || r.Type == FormerOneToOne }

// IsShared reports whether the conversation is a group or public one, the two
// kinds whose settings moderators may change.
func (r *Room) IsShared() bool { return r.Type == Group || r.Type == Public }

// IsBreakout reports whether the conversation is a breakout room of another one.
func (r *Room) IsBreakout() bool { return r.ObjectType == ObjectBreakout }

// HasCall reports whether a call is running.
func (r *Room) HasCall() bool { return r.CallSince != 0 }

// Locked reports whether nobody may write: the conversation is read-only or the
// release notes.
func (r *Room) Locked() bool { return r.ReadOnly != 0 || r.Type == Changelog }

// ListedFor reports whether the caller may find and enter the conversation
// without an invitation and without its password.
func (r *Room) ListedFor(c Caller) bool {
	return c.LoggedIn() && r.IsShared() && r.Listable != ListableNone
}

// VisibleTo reports whether the caller may learn that the conversation exists.
// member tells whether the caller takes part in it.
func (r *Room) VisibleTo(c Caller, member bool) bool {
	return member || r.Type == Public || r.ListedFor(c)
}

// Concerns reports whether the conversation is a one-to-one of the caller, who
// may not have opened it yet or have left it.
func (r *Room) Concerns(c Caller) bool {
	if r.Type != OneToOne || !c.LoggedIn() {
		return false
	}
	_, ok := PairPartner(r.Name, c.UserID)
	return ok
}

// CheckName validates a conversation name and returns it trimmed. The reason of
// the failure is given by the caller since endpoints name it differently.
func CheckName(name, reason string) (string, error) {
	name = strings.TrimSpace(name)
	if !PlainName(name, MaxRoomName) {
		return "", Fail(Invalid, reason)
	}
	return name, nil
}

// CheckDescription validates a description and returns it trimmed.
func CheckDescription(text, reason string) (string, error) {
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) > MaxDescription || !PlainText(text) {
		return "", Fail(Invalid, reason)
	}
	return text, nil
}

// CanRename reports why the conversation may not change name or description.
func (r *Room) CanRename() error {
	switch {
	case r.ObjectType == ObjectEvent:
		return Fail(Invalid, "event")
	case r.IsOneToOne():
		return Fail(Invalid, "type")
	}
	return nil
}

// CanReconfigure reports why a setting that only group and public conversations
// have may not change.
func (r *Room) CanReconfigure() error {
	if !r.IsShared() {
		return Fail(Invalid, "type")
	}
	return nil
}

// CanChangeAccess is CanReconfigure for settings that a breakout room inherits
// from its parent.
func (r *Room) CanChangeAccess() error {
	if r.IsBreakout() {
		return Fail(Invalid, "breakout-room")
	}
	return r.CanReconfigure()
}

// CanChangeType reports why the conversation may not become public or private.
func (r *Room) CanChangeType() error {
	if r.BreakoutMode != BreakoutOff {
		return Fail(Invalid, "breakout-room")
	}
	return r.CanChangeAccess()
}

// ObjectEnded reports whether what a conversation was made for ended before a
// time, in Unix seconds, as far as its object tells: events by their id, which is
// "start#end" in Unix seconds. An event whose id says no end never ends.
func ObjectEnded(objectType, objectID string, before int64) bool {
	if objectType != ObjectEvent {
		return true
	}
	from, to, _ := strings.Cut(objectID, "#")
	start, okStart := unixSeconds(from)
	end, okEnd := unixSeconds(to)
	return okStart && okEnd && start <= end && end < before
}

// unixSeconds reads a time of digits only.
func unixSeconds(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// CanUnbind reports why the conversation stays tied to its object.
func (r *Room) CanUnbind() error {
	switch r.ObjectType {
	case ObjectEvent, ObjectInstantMeeting, ObjectPhoneTemporary:
		return nil
	}
	return Fail(Invalid, "object-type")
}

// PairIdentity returns the stored name and identity of the one-to-one of two
// accounts: a list of both ids, sorted, so that the order of the arguments does
// not matter. For ids of printable characters it is JSON.
func PairIdentity(a, b string) string {
	if a > b {
		a, b = b, a
	}
	return "[" + strconv.Quote(a) + "," + strconv.Quote(b) + "]"
}

// PairMembers is the inverse of PairIdentity. ok is false for any other text,
// which former one-to-ones have for a name.
func PairMembers(name string) (a, b string, ok bool) {
	pair := strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	first, err := strconv.QuotedPrefix(pair)
	if err != nil {
		return "", "", false
	}
	a, errA := strconv.Unquote(first)
	b, errB := strconv.Unquote(strings.TrimPrefix(pair[len(first):], ","))
	if errA != nil || errB != nil || PairIdentity(a, b) != name {
		return "", "", false
	}
	return a, b, true
}

// PairPartner returns the other member of a one-to-one.
func PairPartner(name, self string) (string, bool) {
	a, b, ok := PairMembers(name)
	switch {
	case !ok:
		return "", false
	case a == self:
		return b, true
	case b == self:
		return a, true
	}
	return "", false
}

// ExpiryOf returns when a message that is written now vanishes, 0 for never.
func (r *Room) ExpiryOf(now int64) int64 {
	if r.MessageExpiration <= 0 {
		return 0
	}
	return now + r.MessageExpiration
}
