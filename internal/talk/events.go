package talk

// EventKind is what happened in a conversation.
type EventKind string

// What happens in conversations.
const (
	// EventMessage is a new message of any kind.
	EventMessage EventKind = "message"
	// EventEdit and EventDelete are about a message whose text changed or that was
	// deleted.
	EventEdit   EventKind = "edit"
	EventDelete EventKind = "delete"
	// EventClear is the end of the whole history.
	EventClear EventKind = "clear"
	// EventReaction is an emoji that somebody gave to a message.
	EventReaction        EventKind = "reaction"
	EventReactionRemoved EventKind = "reaction_removed"
	// EventPoll is a vote in a poll or the end of one.
	EventPoll EventKind = "poll"

	EventAdded       EventKind = "participant_added"
	EventRemoved     EventKind = "participant_removed"
	EventJoined      EventKind = "participant_joined"
	EventLeft        EventKind = "participant_left"
	EventPromoted    EventKind = "participant_promoted"
	EventDemoted     EventKind = "participant_demoted"
	EventPermissions EventKind = "participant_permissions"
	// EventRenamed is a guest with another name.
	EventRenamed EventKind = "participant_renamed"

	// EventLobby is a lobby that was switched on or off.
	EventLobby EventKind = "lobby"
	// EventCall is a call that began, ended or that somebody joined or left.
	EventCall EventKind = "call"
	// EventSettings is any other change of the conversation itself.
	EventSettings EventKind = "settings"
	// EventRoomDeleted is the end of the conversation.
	EventRoomDeleted EventKind = "room_deleted"
)
