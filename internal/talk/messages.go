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
)

// MessageKind is what a message is.
type MessageKind string

// The kinds of messages. Comments and objects are what people wrote: they count as
// unread.
const (
	KindSystem  MessageKind = "system"
	KindComment MessageKind = "comment"
	// KindObject is a shared thing, such as a poll or a place; Params describe it.
	KindObject MessageKind = "object"
	// KindDeleted is a comment or object that was deleted.
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

// Mention is a named thing in the text of a message.
type Mention struct {
	Type      string
	ID        string
	Name      string
	MentionID string
}

// Names maps actors to the names they have now. Actors that are gone are absent.
type Names map[Actor]string

// Rendered is a message as one viewer reads it.
type Rendered struct {
	Message
	ActorName string
	// Shown is the actor as readers see it; accounts that were deleted lose
	// their id.
	Shown    Actor
	Wording  string
	Mentions map[string]Mention
}

// Render words a message for a viewer (zero for guests, who are never
// addressed as "you").
func (m Message) Render(viewer Actor, names Names) Rendered {
	out := Rendered{Message: m, Shown: m.Actor, ActorName: names.of(m.Actor), Wording: m.Text}
	if _, known := names[m.Actor]; !known && m.Actor.Type == ActorUsers {
		out.Shown, out.ActorName = Actor{ActorDeletedUsers, string(ActorDeletedUsers)}, ""
	}
	if m.System == "" {
		return out
	}
	out.Mentions = map[string]Mention{"actor": names.mention(m.Actor)}
	if !m.About.IsZero() {
		out.Mentions[aboutKey(m.About)] = names.mention(m.About)
	}
	out.Wording = wording(m, viewer)
	return out
}

func aboutKey(a Actor) string {
	switch a.Type {
	case ActorGroups:
		return "group"
	case ActorTeams:
		return "circle"
	case ActorPhones:
		return "phone"
	}
	return "user"
}

func (n Names) of(a Actor) string {
	if name, ok := n[a]; ok {
		return name
	}
	if a.Type == ActorGuests && a.ID == GuestCLI {
		return "Administration"
	}
	return ""
}

// mention describes an actor as a parameter of a system message.
func (n Names) mention(a Actor) Mention {
	name := n.of(a)
	switch a.Type {
	case ActorUsers:
		if _, known := n[a]; !known {
			return Mention{Type: "highlight", ID: string(ActorDeletedUsers), Name: "Deleted user"}
		}
		return Mention{Type: "user", ID: a.ID, Name: name, MentionID: a.ID}
	case ActorGroups:
		return Mention{Type: "group", ID: a.ID, Name: orElse(name, a.ID), MentionID: "user-group/" + a.ID}
	case ActorTeams:
		return Mention{Type: "circle", ID: a.ID, Name: orElse(name, a.ID), MentionID: "team/" + a.ID}
	case ActorEmails:
		return Mention{Type: "guest", ID: "email/" + a.ID, Name: orElse(name, "Guest") + " (guest)", MentionID: "email/" + a.ID}
	case ActorGuests:
		return n.guestMention(a, name)
	case ActorPhones:
		return Mention{Type: "highlight", ID: a.ID, Name: orElse(name, "Phone")}
	}
	return Mention{Type: "highlight", ID: a.ID, Name: orElse(name, a.ID)}
}

func (n Names) guestMention(a Actor, name string) Mention {
	id := "guest/" + a.ID
	switch a.ID {
	case GuestCLI:
		name = "Administration"
	case GuestSystem:
		name = "System"
	default:
		name = orElse(name, "Guest") + " (guest)"
	}
	return Mention{Type: "guest", ID: id, Name: name, MentionID: id}
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
