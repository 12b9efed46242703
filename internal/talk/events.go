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

	// EventLogBegins is about no conversation: before it nothing was kept of what happened.
	EventLogBegins EventKind = "log_begins"
)

// EventSubject is what an event is about, and so what those are shown who are told of it.
type EventSubject int

// The subjects of events.
const (
	// AboutNothing tells all by itself.
	AboutNothing EventSubject = iota
	AboutMessage
	AboutPoll
	AboutParticipant
	AboutRoom
)

// eventRule is what belongs to a kind of event.
type eventRule struct {
	kind    EventKind
	subject EventSubject
	// guard is what must hold of somebody who is told: that of the request by which they
	// could see the same.
	guard Guard
}

var (
	readsChat   = Guard{Need: NeedParticipant, NoLobby: true}
	takesPart   = Guard{Need: NeedParticipant}
	seesMembers = Guard{Need: NeedParticipant, NoLobby: true}
)

// eventRules are the events that people and programs are told of, in the order of the
// documentation.
var eventRules = []eventRule{
	{EventMessage, AboutMessage, readsChat},
	{EventEdit, AboutMessage, readsChat},
	{EventDelete, AboutMessage, readsChat},
	{EventClear, AboutNothing, readsChat},
	{EventReaction, AboutMessage, readsChat},
	{EventReactionRemoved, AboutMessage, readsChat},
	{EventPoll, AboutPoll, readsChat},
	{EventAdded, AboutParticipant, seesMembers},
	{EventRemoved, AboutNothing, seesMembers},
	{EventJoined, AboutParticipant, seesMembers},
	{EventLeft, AboutParticipant, seesMembers},
	{EventPromoted, AboutParticipant, seesMembers},
	{EventDemoted, AboutParticipant, seesMembers},
	{EventPermissions, AboutParticipant, seesMembers},
	{EventRenamed, AboutParticipant, seesMembers},
	{EventLobby, AboutRoom, takesPart},
	{EventCall, AboutRoom, takesPart},
	{EventSettings, AboutRoom, takesPart},
	{EventRoomDeleted, AboutNothing, takesPart},
}

// EventKinds are the events that people and programs are told of.
func EventKinds() (all []EventKind) {
	for _, r := range eventRules {
		all = append(all, r.kind)
	}
	return all
}

// Rule returns what an event is about, and what must hold of those who are told of it. known
// is false for what nobody is told of.
func (k EventKind) Rule() (subject EventSubject, guard Guard, known bool) {
	for _, r := range eventRules {
		if r.kind == k {
			return r.subject, r.guard, true
		}
	}
	return AboutNothing, Guard{}, false
}
