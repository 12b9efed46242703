package talk

import (
	"fmt"
	"strconv"
	"strings"
)

// phrase is a system message in the forms that a reader can meet. Empty forms
// fall back to Third.
type phrase struct {
	// Self is used when the actor did something to themselves: SelfYou for the
	// actor, SelfThird for everybody else.
	SelfYou, SelfThird string
	// You addresses the actor, Target the person spoken of, Admin is used for
	// changes from the command line, AdminTarget for those to the reader.
	You, Target, Admin, AdminTarget, Third string
}

// plain builds the phrase of a message that only has an actor.
func plain(predicate string) phrase {
	return phrase{You: "You " + predicate, Admin: "An administrator " + predicate, Third: "{actor} " + predicate}
}

// about builds the phrase of a message on somebody; before and after surround
// the person.
func about(verb, after string) phrase {
	return phrase{
		You:         "You " + verb + " {user}" + after,
		Target:      "{actor} " + verb + " you" + after,
		Admin:       "An administrator " + verb + " {user}" + after,
		AdminTarget: "An administrator " + verb + " you" + after,
		Third:       "{actor} " + verb + " {user}" + after,
	}
}

func bundle(verb, kind, key string) phrase {
	return plain(verb + " " + kind + " {" + key + "}")
}

func withSelf(p phrase, you, third string) phrase {
	p.SelfYou, p.SelfThird = you, third
	return p
}

// wording returns the text of a system message for a viewer.
func wording(m Message, viewer Actor) string {
	p := phraseOf(m)
	isActor := viewer == m.Actor && viewer.Type == ActorUsers
	isTarget := viewer == m.About && viewer.Type == ActorUsers
	byAdmin := m.Actor == Guest(GuestCLI)
	var text string
	switch {
	case m.Actor == m.About && isActor:
		text = p.SelfYou
	case m.Actor == m.About:
		text = p.SelfThird
	case isActor:
		text = p.You
	case isTarget && byAdmin:
		text = p.AdminTarget
	case isTarget:
		text = p.Target
	case byAdmin:
		text = p.Admin
	}
	return orElse(text, p.Third)
}

func phraseOf(m Message) phrase {
	switch m.System {
	case ConversationRenamed:
		return plain(fmt.Sprintf("renamed the conversation from “%s” to “%s”", m.Params["oldName"], m.Params["newName"]))
	case MessageExpirationEnabled:
		return plain("set messages to expire after " + duration(m.Params["seconds"]))
	}
	return phrases(m.System)
}

func phrases(key SystemKey) phrase {
	switch key {
	case ConversationCreated:
		return plain("created the conversation")
	case DescriptionSet:
		return plain("changed the description")
	case DescriptionRemoved:
		return plain("removed the description")
	case PasswordSet:
		return plain("set a password")
	case PasswordRemoved:
		return plain("removed the password")
	case GuestsAllowed:
		return plain("opened the conversation to guests")
	case GuestsDisallowed:
		return plain("closed the conversation to guests")
	case ReadOnlyOn:
		return plain("locked the conversation")
	case ReadOnlyOff:
		return plain("unlocked the conversation")
	case ListableOff:
		return plain("limited the conversation to its participants")
	case ListableForUsers:
		return plain("opened the conversation to registered users")
	case ListableForAll:
		return plain("opened the conversation to registered users and guest accounts")
	case LobbyOn:
		return plain("limited the conversation to moderators for now")
	case LobbyNone:
		return plain("let everybody enter the conversation")
	case LobbyTimerReached:
		return phrase{Third: "The conversation is open to everybody now"}
	case BreakoutRoomsStarted:
		return plain("started the breakout rooms")
	case BreakoutRoomsStopped:
		return plain("stopped the breakout rooms")
	case MessageExpirationDisabled:
		return plain("switched message expiration off")
	}
	return participantPhrases(key)
}

func participantPhrases(key SystemKey) phrase {
	switch key {
	case UserAdded:
		return withSelf(about("added", ""), "You joined the conversation", "{actor} joined the conversation")
	case UserRemoved:
		return withSelf(about("removed", ""), "You left the conversation", "{actor} left the conversation")
	case GroupAdded:
		return bundle("added", "group", "group")
	case GroupRemoved:
		return bundle("removed", "group", "group")
	case TeamAdded:
		return bundle("added", "team", "circle")
	case TeamRemoved:
		return bundle("removed", "team", "circle")
	case PhoneAdded:
		return bundle("added", "phone", "phone")
	case PhoneRemoved:
		return bundle("removed", "phone", "phone")
	case ModeratorPromoted:
		return about("made", " a moderator")
	case ModeratorDemoted:
		return about("took the moderator role from", "")
	case GuestModeratorPromote:
		return about("made", " a moderator")
	case GuestModeratorDemote:
		return about("took the moderator role from", "")
	}
	return phrase{Third: strings.ReplaceAll(string(key), "_", " ")}
}

// duration words a number of seconds in the largest unit that fits.
func duration(text string) string {
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return text + " seconds"
	}
	for _, u := range []struct {
		size int64
		name string
	}{{7 * 86400, "week"}, {86400, "day"}, {3600, "hour"}} {
		if seconds >= u.size {
			return count((seconds+u.size/2)/u.size, u.name)
		}
	}
	return count((seconds+30)/60, "minute")
}

func count(n int64, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return strconv.FormatInt(n, 10) + " " + unit + "s"
}
