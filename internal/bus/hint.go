package bus

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Topic is the kind of thing that changed.
type Topic string

// The topics of hints.
const (
	// Chat is messages, reactions, polls and read markers of a conversation.
	Chat Topic = "chat"
	// Roster is the attendees of a conversation and its own settings.
	Roster Topic = "roster"
	// Call is who is in the call, and with which media.
	Call Topic = "call"
	// Session is what waits for one session; the key is its id.
	Session Topic = "session"
	// Websockets is who is in a conversation by a websocket; without a conversation, what a node
	// is told by others, whose name is the key.
	Websockets Topic = "websockets"
	// Events is what happened in any conversation, for those who are told of everything.
	Events Topic = "events"
	// Outbox is a delivery that is due; the key is its kind.
	Outbox Topic = "outbox"
)

// Hint says that something may have changed. The zero Key stands for all keys: who
// subscribed to one of them is woken, too.
type Hint struct {
	Topic Topic
	// Token names the conversation, "" for what belongs to none.
	Token string
	// Key narrows the topic, such as to one session.
	Key string
}

// Batch is what carriers carry: some hints, or that everything may have changed.
type Batch struct {
	Hints []Hint
	All   bool
}

// Limits of encoded hints, in bytes.
const (
	// maxField is the length of a topic, token or key. Nothing that exists is longer.
	maxField = 255
	// maxPayload is below the 8,000 that NOTIFY takes.
	maxPayload = 7900
	// allMark stands for everything, where escaped fields have no such sign.
	allMark = "*"
)

// errPayload is the failure of decode.
var errPayload = errors.New("bus: unreadable payload")

// fits reports whether the hint is short enough to be carried.
func (h Hint) fits() bool { return max(len(h.Topic), len(h.Token), len(h.Key)) <= maxField }

// encode returns the batch as ASCII texts of at most maxPayload bytes, each of which
// begins with the node. A hint that does not fit makes it everything.
func encode(node string, b Batch) (payloads []string) {
	head := url.QueryEscape(node)
	for _, h := range b.Hints {
		b.All = b.All || !h.fits()
	}
	if b.All {
		return []string{head + ";" + allMark}
	}
	text := []byte(head)
	for _, h := range b.Hints {
		part := ";" + url.QueryEscape(string(h.Topic)) + "&" + url.QueryEscape(h.Token) + "&" + url.QueryEscape(h.Key)
		if len(text)+len(part) > maxPayload {
			payloads = append(payloads, string(text))
			text = []byte(head)
		}
		text = append(text, part...)
	}
	if len(text) > len(head) {
		payloads = append(payloads, string(text))
	}
	return payloads
}

// decode reads what encode wrote. The batch is everything when it fails: it may be
// of a newer version.
func decode(payload string) (node string, b Batch, err error) {
	head, rest, _ := strings.Cut(payload, ";")
	if node, err = url.QueryUnescape(head); err != nil {
		return "", Batch{All: true}, errPayload
	}
	if rest == allMark {
		return node, Batch{All: true}, nil
	}
	for part := range strings.SplitSeq(rest, ";") {
		h, err := decodeHint(part)
		if err != nil {
			return node, Batch{All: true}, err
		}
		b.Hints = append(b.Hints, h)
	}
	return node, b, nil
}

func decodeHint(text string) (Hint, error) {
	fields := strings.Split(text, "&")
	if len(fields) != 3 {
		return Hint{}, fmt.Errorf("%w: %d fields", errPayload, len(fields))
	}
	for i, f := range fields {
		var err error
		if fields[i], err = url.QueryUnescape(f); err != nil {
			return Hint{}, errPayload
		}
	}
	h := Hint{Topic: Topic(fields[0]), Token: fields[1], Key: fields[2]}
	if !h.fits() {
		return Hint{}, fmt.Errorf("%w: a field is too long", errPayload)
	}
	return h, nil
}
