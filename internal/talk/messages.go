package talk

// SystemKey names what a system message reports.
type SystemKey string

// The system messages, by the names that clients know.
const (
	ConversationCreated       SystemKey = "conversation_created"
	ConversationRenamed       SystemKey = "conversation_renamed"
	DescriptionSet            SystemKey = "description_set"
	DescriptionRemoved        SystemKey = "description_removed"
	PasswordSet               SystemKey = "password_set"
	PasswordRemoved           SystemKey = "password_removed"
	GuestsAllowed             SystemKey = "guests_allowed"
	GuestsDisallowed          SystemKey = "guests_disallowed"
	ReadOnlyOn                SystemKey = "read_only"
	ReadOnlyOff               SystemKey = "read_only_off"
	ListableOff               SystemKey = "listable_none"
	ListableForUsers          SystemKey = "listable_users"
	ListableForAll            SystemKey = "listable_all"
	LobbyOn                   SystemKey = "lobby_non_moderators"
	LobbyNone                 SystemKey = "lobby_none"
	LobbyTimerReached         SystemKey = "lobby_timer_reached"
	BreakoutRoomsStarted      SystemKey = "breakout_rooms_started"
	BreakoutRoomsStopped      SystemKey = "breakout_rooms_stopped"
	MessageExpirationEnabled  SystemKey = "message_expiration_enabled"
	MessageExpirationDisabled SystemKey = "message_expiration_disabled"

	UserAdded             SystemKey = "user_added"
	UserRemoved           SystemKey = "user_removed"
	GroupAdded            SystemKey = "group_added"
	GroupRemoved          SystemKey = "group_removed"
	TeamAdded             SystemKey = "circle_added"
	TeamRemoved           SystemKey = "circle_removed"
	PhoneAdded            SystemKey = "phone_added"
	PhoneRemoved          SystemKey = "phone_removed"
	ModeratorPromoted     SystemKey = "moderator_promoted"
	ModeratorDemoted      SystemKey = "moderator_demoted"
	GuestModeratorPromote SystemKey = "guest_moderator_promoted"
	GuestModeratorDemote  SystemKey = "guest_moderator_demoted"

	AvatarSet     SystemKey = "avatar_set"
	AvatarRemoved SystemKey = "avatar_removed"

	CallStarted       SystemKey = "call_started"
	CallJoined        SystemKey = "call_joined"
	CallLeft          SystemKey = "call_left"
	CallEnded         SystemKey = "call_ended"
	CallEndedEveryone SystemKey = "call_ended_everyone"
	// CallMissed is a call in a one-to-one that only its actor joined, who reads it as
	// CallTried; About is the other one.
	CallMissed SystemKey = "call_missed"
	CallTried  SystemKey = "call_tried"

	HistoryCleared  SystemKey = "history_cleared"
	MessageDeleted  SystemKey = "message_deleted"
	MessageEdited   SystemKey = "message_edited"
	ReactionGiven   SystemKey = "reaction"
	ReactionDeleted SystemKey = "reaction_deleted"
	ReactionRevoked SystemKey = "reaction_revoked"
	PollVoted       SystemKey = "poll_voted"
	PollClosed      SystemKey = "poll_closed"
)

// quietKeys are the system messages that are no activity of the conversation: they
// belong to another message.
var quietKeys = map[SystemKey]bool{
	MessageDeleted: true, MessageEdited: true, ReactionGiven: true, ReactionDeleted: true, ReactionRevoked: true,
}

// Quiet reports whether the message leaves the newest message and the last activity of
// the conversation as they are.
func (m *Message) Quiet() bool { return quietKeys[m.System] }

// MessageKind is what a message is.
type MessageKind string

// The kinds of messages. Comments and objects are what people wrote: they count as
// unread.
const (
	KindSystem  MessageKind = "system"
	KindComment MessageKind = "comment"
	// KindObject is a shared thing, such as a poll or a place; Params describe it.
	KindObject MessageKind = "object"
	// KindDeleted is a comment or object that was deleted; About is who did it.
	KindDeleted MessageKind = "deleted"
)

// Counts reports whether messages of the kind count as unread.
func (k MessageKind) Counts() bool { return k == KindComment || k == KindObject }

// Message is an entry of a conversation's history.
type Message struct {
	ID        int64
	RoomID    int64
	Actor     Actor
	Timestamp int64
	Kind      MessageKind
	// System is set for system messages; Text is empty then, but for reactions.
	System SystemKey
	Text   string
	// About is the actor that a system message speaks of, if any.
	About Actor
	// Params holds further raw values of a system message, or of the shared object.
	Params map[string]string
	// ParentID is the message that it answers or is about, 0 for none.
	ParentID int64
	// ReferenceID was chosen by the client to know its message again.
	ReferenceID string
	Silent      bool
	// MentionsAll tells that "@all" in the text is a mention of everybody.
	MentionsAll bool
	// Number is how many comments and objects the conversation ever had up to this
	// message.
	Number int64
	// ExpiresAt is when it vanishes, Unix seconds, 0 for never.
	ExpiresAt int64
	// Editor is who changed the text last, at EditedAt; zero while nobody did.
	Editor   Actor
	EditedAt int64
	// List is the list of shared items that it belongs to, empty for none.
	List string
	// Reactions are how often each emoji was given.
	Reactions map[string]int
}
