package talk

import (
	"fmt"
	"strconv"
	"strings"
)

// predicates are the system messages without their subject; they are the same
// for "You", "An administrator" and "{actor}". A "{user}" among them becomes
// "you" for the person spoken of.
var predicates = map[SystemKey]string{
	ConversationCreated:       "created the conversation",
	ConversationRenamed:       "renamed the conversation from “%s” to “%s”",
	DescriptionSet:            "changed the description",
	DescriptionRemoved:        "removed the description",
	PasswordSet:               "set a password",
	PasswordRemoved:           "removed the password",
	GuestsAllowed:             "opened the conversation to guests",
	GuestsDisallowed:          "closed the conversation to guests",
	ReadOnlyOn:                "locked the conversation",
	ReadOnlyOff:               "unlocked the conversation",
	ListableOff:               "limited the conversation to its participants",
	ListableForUsers:          "opened the conversation to registered users",
	ListableForAll:            "opened the conversation to registered users and guest accounts",
	LobbyOn:                   "limited the conversation to moderators for now",
	LobbyNone:                 "let everybody enter the conversation",
	BreakoutRoomsStarted:      "started the breakout rooms",
	BreakoutRoomsStopped:      "stopped the breakout rooms",
	MessageExpirationEnabled:  "set messages to expire after %s",
	MessageExpirationDisabled: "switched message expiration off",

	UserAdded:             "added {user}",
	UserRemoved:           "removed {user}",
	GroupAdded:            "added group {group}",
	GroupRemoved:          "removed group {group}",
	TeamAdded:             "added team {circle}",
	TeamRemoved:           "removed team {circle}",
	PhoneAdded:            "added phone {phone}",
	PhoneRemoved:          "removed phone {phone}",
	ModeratorPromoted:     "made {user} a moderator",
	ModeratorDemoted:      "took the moderator role from {user}",
	GuestModeratorPromote: "made {user} a moderator",
	GuestModeratorDemote:  "took the moderator role from {user}",

	AvatarSet:     "changed the picture of the conversation",
	AvatarRemoved: "removed the picture of the conversation",

	CallJoined: "joined the call",
	CallLeft:   "left the call",

	HistoryCleared:  "cleared the history of the conversation",
	MessageDeleted:  "deleted a message",
	MessageEdited:   "edited a message",
	ReactionRevoked: "took back a reaction",
	PollClosed:      "ended the poll {poll}",
}

// ownPredicates are used when people did it to themselves.
var ownPredicates = map[SystemKey]string{
	UserAdded:   "joined the conversation",
	UserRemoved: "left the conversation",
}

// wording returns the text of a system message for a viewer. A key that this
// version does not know is spelled out.
func wording(m *Message, r Reader) string {
	viewer := r.Viewer
	switch m.System {
	case CallStarted:
		return startedWording(m, r)
	case CallEnded, CallEndedEveryone:
		return endedWording(m, r)
	case LobbyTimerReached:
		return "The conversation is open to everybody now"
	case PollVoted:
		return "Somebody voted in the poll {poll}"
	}
	did := predicate(m)
	if did == "" {
		return strings.ReplaceAll(string(m.System), "_", " ")
	}
	if addressed(m.About, viewer) {
		did = strings.Replace(did, "{user}", "you", 1)
	}
	return subject(m.Actor, viewer) + " " + did
}

// startedWording tells of a call that began.
func startedWording(m *Message, r Reader) string {
	switch own := addressed(m.Actor, r.Viewer); {
	case !r.Room.IsOneToOne() && m.Silent:
		return subject(m.Actor, r.Viewer) + " started a silent call"
	case !r.Room.IsOneToOne():
		return subject(m.Actor, r.Viewer) + " started a call"
	case own && m.Silent:
		return "Silent outgoing call"
	case own:
		return "Outgoing call"
	case m.Silent:
		return "Silent incoming call"
	}
	return "Incoming call"
}

// endedWording tells of a call that is over: who took part, and how long.
func endedWording(m *Message, r Reader) string {
	took := " (" + clock(m.Params["duration"]) + ")"
	if m.System == CallEnded {
		if with := r.callers(m); with != "" {
			return "Call with " + with + " ended" + took
		}
		return "Call ended" + took
	}
	with := r.callers(m)
	if with != "" {
		with = " with " + with
	}
	if m.Params["limit"] != "" {
		return "The call" + with + " reached its longest duration and was ended" + took
	}
	return "{actor} ended the call" + with + took
}

// callers words who took part in a call, "" where that is known anyway.
func (r Reader) callers(m *Message) string {
	if r.Room.IsOneToOne() {
		return ""
	}
	var parts []string
	for i := range m.callers() {
		parts = append(parts, "{user"+strconv.Itoa(i+1)+"}")
	}
	for _, more := range [...]struct{ key, unit string }{{"others", "other"}, {"guests", "guest"}} {
		if n, err := strconv.ParseInt(m.Params[more.key], 10, 64); err == nil && n > 0 {
			parts = append(parts, count(n, more.unit))
		}
	}
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

// clock words seconds as a clock shows them: m:ss or h:mm:ss.
func clock(text string) string {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "0:00"
	}
	if hours := seconds / 3600; hours > 0 {
		return fmt.Sprintf("%d:%02d:%02d", hours, seconds/60%60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
}

// deletedWording is what a viewer reads in the place of a message that was deleted.
func deletedWording(m *Message, viewer Actor) string {
	switch {
	case addressed(m.About, viewer):
		return "Message deleted by you"
	case m.About == m.Actor:
		return "Message deleted by author"
	}
	return "Message deleted by {actor}"
}

// addressed reports whether the viewer is the actor and is told "you"; guests
// never are.
func addressed(a, viewer Actor) bool { return viewer.Type == ActorUsers && viewer == a }

func subject(actor, viewer Actor) string {
	switch {
	case addressed(actor, viewer):
		return "You"
	case actor == Guest(GuestCLI):
		return "An administrator"
	}
	return "{actor}"
}

func predicate(m *Message) string {
	did := predicates[m.System]
	switch m.System {
	case ConversationRenamed:
		return fmt.Sprintf(did, m.Params["oldName"], m.Params["newName"])
	case MessageExpirationEnabled:
		return fmt.Sprintf(did, duration(m.Params["seconds"]))
	}
	if own, ok := ownPredicates[m.System]; ok && m.About == m.Actor {
		return own
	}
	return did
}

// duration words a number of seconds: in weeks, days or hours when it is at
// least one of them, else in minutes, rounded.
func duration(text string) string {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return "some time"
	}
	for _, u := range [...]struct {
		size int64
		name string
	}{{7 * 86400, "week"}, {86400, "day"}, {3600, "hour"}} {
		if seconds >= u.size {
			return count((seconds+u.size/2)/u.size, u.name)
		}
	}
	return count(max((seconds+30)/60, 1), "minute")
}

func count(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}
