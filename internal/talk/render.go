package talk

import (
	"slices"
	"strconv"
	"strings"
)

// RichObject is a named thing in the text of a message: its type, id, name and what else
// there is to show, by the names that clients know.
type RichObject map[string]string

// The types of rich objects that this package makes.
const (
	objectUser  = "user"
	objectGuest = "guest"
	// ObjectTypeCall is that of a mention of everybody.
	ObjectTypeCall  = "call"
	objectHighlight = "highlight"
	// ObjectTypePoll is the type of a shared poll.
	ObjectTypePoll = "talk-poll"
)

// Object makes a rich object; mentionID may be empty.
func newObject(kind, id, name, mentionID string) RichObject {
	o := RichObject{"type": kind, "id": id, "name": name}
	if mentionID != "" {
		o["mention-id"] = mentionID
	}
	return o
}

// Names maps actors to the names they have now. Actors that are gone are absent.
type Names map[Actor]string

// Reader is who reads the messages of a conversation.
type Reader struct {
	// Viewer is the account, zero for guests, who are never addressed as "you".
	Viewer Actor
	Room   *Room
	// RoomName is the conversation's name as the reader sees it.
	RoomName string
}

// Rendered is a message as one reader sees it.
type Rendered struct {
	Message
	// Shown is the actor as readers see it: accounts that were deleted lose their id.
	Shown     Actor
	ActorName string
	// EditorName is that of the last editor.
	EditorName string
	Wording    string
	// Objects are what the placeholders of the wording stand for.
	Objects map[string]RichObject
	// OwnReactions are the emojis that the reader gave.
	OwnReactions []string
	// Parent is the message that it answers or is about, nil for none. It has none itself.
	Parent *Rendered
	// ParentGone tells that there was one which is not there any more.
	ParentGone bool
}

// Replyable reports whether one can answer or react to the message: it is by somebody who
// can write.
func (m *Message) Replyable() bool {
	return m.Kind.Counts() && slices.Contains(writers, m.Actor.Type)
}

// writers are the actors whose messages can be answered.
var writers = []ActorType{ActorUsers, ActorFederatedUsers, ActorGuests, ActorEmails, ActorBots}

// Expired reports whether the message is gone for everybody.
func (m *Message) Expired(now int64) bool { return m.ExpiresAt > 0 && m.ExpiresAt <= now }

// Mentioned returns whom the text of a comment mentions, or a message about the end of a
// call names.
func (m *Message) Mentioned() []Mention {
	if m.Kind == KindComment {
		return ParseMentions(m.Text)
	}
	var out []Mention
	for _, id := range m.callers() {
		out = append(out, Mention{Kind: MentionUser, ID: id})
	}
	return out
}

// Render shows a message. names has those of the actors that the message speaks of and of
// those that its text mentions, as far as they are known.
func (r Reader) Render(m *Message, mentions []Mention, names Names) Rendered {
	out := Rendered{Message: *m, Shown: m.Actor, ActorName: names.of(m.Actor), EditorName: names.of(m.Editor), Wording: m.Text}
	if _, known := names[m.Actor]; !known && m.Actor.Type == ActorUsers {
		out.Shown, out.ActorName = Actor{ActorDeletedUsers, string(ActorDeletedUsers)}, ""
	}
	switch m.Kind {
	case KindComment:
		r.renderComment(&out, mentions, names)
	case KindObject:
		out.Wording = "{object}"
		out.Objects = map[string]RichObject{"actor": names.object(m.Actor), "object": RichObject(m.Params)}
	case KindDeleted:
		out.Wording = deletedWording(m, r.Viewer)
		out.Objects = map[string]RichObject{"actor": names.object(m.About)}
	case KindSystem:
		r.renderSystem(&out, names)
	}
	return out
}

func (r Reader) renderComment(out *Rendered, mentions []Mention, names Names) {
	text := out.Text
	if strings.HasPrefix(text, "//") {
		text = text[1:]
	}
	out.Wording, out.Objects = replaceMentions(text, mentions, func(m Mention) RichObject {
		if m.Kind == MentionAll && !out.MentionsAll {
			return nil
		}
		return r.mentionObject(m, names)
	})
}

// mentionObject is what stands for a mention, nil for somebody who does not exist.
func (r Reader) mentionObject(m Mention, names Names) RichObject {
	name, known := names[m.Actor()]
	switch m.Kind {
	case MentionAll:
		o := newObject(ObjectTypeCall, r.Room.Token, r.RoomName, m.MentionID())
		o["call-type"] = r.Room.CallType()
		return o
	case MentionFederated:
		return federatedObject(m.ID, name)
	case MentionGroup:
		return newObject("user-group", m.ID, orElse(name, m.ID), m.MentionID())
	case MentionTeam:
		if !known {
			return newObject(objectHighlight, m.ID, m.ID, "")
		}
		return newObject("circle", m.ID, name, m.MentionID())
	}
	switch {
	case !known:
		return nil
	case m.Kind == MentionUser:
		return newObject(objectUser, m.ID, name, m.MentionID())
	case m.Kind == MentionGuest:
		return newObject(objectGuest, m.MentionID(), orElse(name, "Guest"), m.MentionID())
	}
	return newObject("email", m.ID, orElse(name, "Guest"), m.MentionID())
}

// federatedObject describes somebody of another server, by "user@server".
func federatedObject(cloudID, name string) RichObject {
	at := strings.LastIndexByte(cloudID, '@')
	if at < 0 {
		return nil
	}
	o := newObject(objectUser, cloudID[:at], orElse(name, cloudID), "federated_user/"+cloudID)
	o["server"] = "https://" + cloudID[at+1:]
	return o
}

// CallType is how clients name the kind of the conversation.
func (r *Room) CallType() string {
	switch r.Type {
	case OneToOne, FormerOneToOne:
		return "one2one"
	case Public:
		return "public"
	}
	return "group"
}

func (r Reader) renderSystem(out *Rendered, names Names) {
	m := &out.Message
	out.Objects = map[string]RichObject{}
	switch m.System {
	case ReactionGiven:
		return
	case ReactionDeleted:
		out.Wording = "Reaction deleted by author"
		return
	case CallMissed:
		r.renderMissedCall(out, names)
		return
	case PollVoted:
		out.Objects["poll"] = RichObject(m.Params)
	case PollClosed:
		out.Objects["poll"] = RichObject(m.Params)
		fallthrough
	default:
		out.Objects["actor"] = names.object(m.Actor)
	}
	if !m.About.IsZero() {
		out.Objects[aboutKey(m.About)] = names.object(m.About)
	}
	if !r.Room.IsOneToOne() {
		for i, id := range m.callers() {
			out.Objects["user"+strconv.Itoa(i+1)] = names.object(User(id))
		}
	}
	out.Wording = wording(m, r)
}

// renderMissedCall shows a call that nobody took, to whoever tried and to everybody else.
func (r Reader) renderMissedCall(out *Rendered, names Names) {
	out.Wording, out.Objects["user"] = "Missed call", names.object(out.Actor)
	if addressed(out.Actor, r.Viewer) {
		out.System, out.Wording, out.Objects["user"] = CallTried, "Unanswered call", names.object(out.About)
	}
}

// Addresses returns the accounts that read another wording of the message than others.
func (m *Message) Addresses() []Actor {
	if m.Kind != KindSystem && m.Kind != KindDeleted {
		return nil
	}
	var out []Actor
	for _, a := range []Actor{m.Actor, m.About} {
		if a.Type == ActorUsers {
			out = append(out, a)
		}
	}
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
	switch {
	case a.Type == ActorGuests && a.ID == GuestCLI:
		return "Administration"
	case a.Type == ActorBots:
		return a.ID + "-bot"
	}
	return ""
}

// object describes an actor as a parameter of a system message.
func (n Names) object(a Actor) RichObject {
	name := n.of(a)
	switch a.Type {
	case ActorUsers:
		if _, known := n[a]; !known {
			return newObject(objectHighlight, string(ActorDeletedUsers), "Deleted user", "")
		}
		return newObject(objectUser, a.ID, name, a.ID)
	case ActorGroups:
		return newObject("group", a.ID, orElse(name, a.ID), "user-group/"+a.ID)
	case ActorTeams:
		return newObject("circle", a.ID, orElse(name, a.ID), "team/"+a.ID)
	case ActorEmails:
		return newObject(objectGuest, "email/"+a.ID, orElse(name, "Guest")+" (guest)", "email/"+a.ID)
	case ActorGuests:
		return n.guestObject(a, name)
	case ActorPhones:
		return newObject(objectHighlight, a.ID, orElse(name, "Phone"), "")
	}
	return newObject(objectHighlight, a.ID, orElse(name, a.ID), "")
}

func (n Names) guestObject(a Actor, name string) RichObject {
	id := "guest/" + a.ID
	switch a.ID {
	case GuestCLI:
		name = "Administration"
	case GuestSystem:
		name = "System"
	default:
		name = orElse(name, "Guest") + " (guest)"
	}
	return newObject(objectGuest, id, name, id)
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
