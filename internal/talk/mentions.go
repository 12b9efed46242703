package talk

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MentionKind is whom or what an "@" in a text means.
type MentionKind string

// The kinds of mentions, as the placeholders name them.
const (
	MentionUser      MentionKind = "user"
	MentionAll       MentionKind = "call"
	MentionGuest     MentionKind = "guest"
	MentionEmail     MentionKind = "email"
	MentionGroup     MentionKind = "group"
	MentionTeam      MentionKind = "team"
	MentionFederated MentionKind = "federated-user"
)

// mentionActors are the actors that mentions of a kind name.
var mentionActors = map[MentionKind]ActorType{
	MentionUser: ActorUsers, MentionGuest: ActorGuests, MentionEmail: ActorEmails, MentionGroup: ActorGroups,
	MentionTeam: ActorTeams, MentionFederated: ActorFederatedUsers,
}

// mentionPrefixes are what stands before the id of the kinds that have to be quoted.
var mentionPrefixes = map[string]MentionKind{
	"guest": MentionGuest, "email": MentionEmail, "group": MentionGroup, "team": MentionTeam, "federated_user": MentionFederated,
}

// Limits of the mentions of a text. What exceeds them stays text.
const (
	maxMentions    = 1000
	maxMentionedID = 255
)

// Mention is somebody whom a text speaks to. Whether they exist is another question.
type Mention struct {
	Kind MentionKind
	// ID is that of an account, guest, group …, empty for everybody.
	ID string
	// Text is how the text says it, with the "@".
	Text string
}

// Actor is whom the mention names, zero for everybody.
func (m Mention) Actor() Actor { return Actor{mentionActors[m.Kind], m.ID} }

// MentionID is how clients write the mention between quotes.
func (m Mention) MentionID() string {
	switch m.Kind {
	case MentionAll:
		return "all"
	case MentionUser:
		return m.ID
	case MentionFederated:
		return "federated_user/" + m.ID
	}
	return string(m.Kind) + "/" + m.ID
}

// ParseMentions finds whom a text mentions, each once, in the order in which they are
// named first. An "@" counts at the beginning and after white space, "-", "." and "'".
func ParseMentions(text string) []Mention {
	var out []Mention
	seen := map[string]bool{}
	for at := strings.IndexByte(text, '@'); at >= 0 && len(out) < maxMentions; {
		m, ok := mentionAt(text[at:])
		if ok && beginsMention(text[:at]) && !seen[m.Text] {
			seen[m.Text] = true
			out = append(out, m)
		}
		next := at + max(len(m.Text), 1)
		at = strings.IndexByte(text[next:], '@')
		if at >= 0 {
			at += next
		}
	}
	return out
}

// beginsMention reports whether a mention can follow the text.
func beginsMention(before string) bool {
	last, size := utf8.DecodeLastRuneInString(before)
	return size == 0 || last == '-' || last == '.' || last == '\'' || unicode.IsSpace(last)
}

// mentionAt reads the mention that a text begins with. Its Text is set also if there is
// none, to what belongs to the "@".
func mentionAt(text string) (m Mention, ok bool) {
	if strings.HasPrefix(text, `@"`) {
		end := strings.IndexByte(text[2:min(len(text), maxMentionedID+30)], '"')
		if end < 0 {
			return m, false
		}
		m.Text = text[:end+3]
		ok = m.read(text[2:end+2], true)
		if !ok {
			m.Text = ""
		}
		return m, ok
	}
	end := 1
	for end < len(text) && inMentionedID(text[end]) {
		end++
	}
	m.Text = text[:end]
	return m, m.read(text[1:end], false)
}

// read takes what follows the "@", which may be quoted.
func (m *Mention) read(id string, quoted bool) bool {
	m.Kind, m.ID = MentionUser, id
	if id == "all" {
		m.Kind, m.ID = MentionAll, ""
		return true
	}
	if prefix, rest, found := strings.Cut(id, "/"); found && quoted {
		kind, known := mentionPrefixes[prefix]
		if !known {
			return false
		}
		m.Kind, m.ID = kind, rest
		return rest != "" && len(rest) <= maxMentionedID && !strings.ContainsFunc(rest, unicode.IsControl)
	}
	other := func(r rune) bool { return r >= utf8.RuneSelf || !inMentionedID(byte(r)) && (r != ' ' || !quoted) }
	return id != "" && len(id) <= maxMentionedID && !strings.ContainsFunc(id, other)
}

// inMentionedID reports whether the id of an account can have the sign.
func inMentionedID(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("_-@.'", b) >= 0
}

// replaceMentions puts placeholders in the place of those mentions that object knows,
// and returns what they stand for. Everywhere that a mention is written it is replaced,
// also where it would not count by itself, and longer ones before those that they begin
// with.
func replaceMentions(text string, mentions []Mention, object func(Mention) RichObject) (string, map[string]RichObject) {
	var pairs [][2]string
	objects := map[string]RichObject{}
	counts := map[MentionKind]int{}
	for _, m := range mentions {
		o := object(m)
		if o == nil {
			continue
		}
		counts[m.Kind]++
		key := "mention-" + string(m.Kind) + strconv.Itoa(counts[m.Kind])
		objects[key] = o
		pairs = append(pairs, [2]string{m.Text, "{" + key + "}"})
	}
	if len(pairs) == 0 {
		return text, nil
	}
	slices.SortStableFunc(pairs, func(a, b [2]string) int { return cmp.Compare(len(b[0]), len(a[0])) })
	flat := make([]string, 0, 2*len(pairs))
	for _, p := range pairs {
		flat = append(flat, p[0], p[1])
	}
	return strings.NewReplacer(flat...).Replace(text), objects
}

// MentionOf is how a text mentions an actor.
func MentionOf(a Actor) Mention {
	for kind, of := range mentionActors {
		if of == a.Type {
			return Mention{Kind: kind, ID: a.ID}
		}
	}
	return Mention{Kind: MentionUser, ID: a.ID}
}
