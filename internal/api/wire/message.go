package wire

import (
	"bytes"
	"cmp"
	"crypto/sha1" //nolint:gosec // a short fingerprint of a picture, nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"parley/internal/ocs"
	"parley/internal/talk"
)

// Message is a chat message.
type Message struct {
	ID                  int64     `json:"id"`
	Token               string    `json:"token"`
	ActorType           string    `json:"actorType"`
	ActorID             string    `json:"actorId"`
	ActorDisplayName    string    `json:"actorDisplayName"`
	Timestamp           int64     `json:"timestamp"`
	Message             string    `json:"message"`
	MessageParameters   any       `json:"messageParameters"`
	SystemMessage       string    `json:"systemMessage"`
	MessageType         string    `json:"messageType"`
	IsReplyable         bool      `json:"isReplyable"`
	ReferenceID         string    `json:"referenceId"`
	Reactions           Reactions `json:"reactions"`
	ReactionsSelf       []string  `json:"reactionsSelf,omitempty"`
	ExpirationTimestamp int64     `json:"expirationTimestamp"`
	Markdown            bool      `json:"markdown"`
	// Parent is a message without a parent of its own, or its id if it is gone.
	Parent            any    `json:"parent,omitempty"`
	LastEditActorType string `json:"lastEditActorType,omitempty"`
	LastEditActorID   string `json:"lastEditActorId,omitempty"`
	LastEditActorName string `json:"lastEditActorDisplayName,omitempty"`
	LastEditTimestamp int64  `json:"lastEditTimestamp,omitempty"`
	Deleted           bool   `json:"deleted,omitempty"`
	Silent            bool   `json:"silent,omitempty"`
}

// GoneMessage stands for a message that is not there any more.
type GoneMessage struct {
	ID      int64 `json:"id"`
	Deleted bool  `json:"deleted"`
}

// maxReactions is how many kinds of reactions a message shows.
const maxReactions = 20

// Reactions are how often each emoji was given. The most frequent ones come first.
type Reactions map[string]int

// MarshalJSON writes an object, also when there are none.
func (r Reactions) MarshalJSON() ([]byte, error) {
	emojis := slices.SortedFunc(maps.Keys(r), func(a, b string) int {
		return cmp.Or(cmp.Compare(r[b], r[a]), cmp.Compare(a, b))
	})
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, emoji := range emojis[:min(len(emojis), maxReactions)] {
		if i > 0 {
			buf.WriteByte(',')
		}
		name, err := json.Marshal(emoji)
		if err != nil {
			return nil, err
		}
		buf.Write(name)
		buf.WriteByte(':')
		buf.WriteString(strconv.Itoa(r[emoji]))
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}

// Place is where messages are shown.
type Place struct {
	Token string
	// Picture is the address of the conversation's picture.
	Picture string
}

// PlaceOf is the place of a conversation on a server with this address.
func PlaceOf(base string, r *talk.Room) Place { return Place{r.Token, PictureURL(base, r)} }

// PictureURL is the address of a conversation's picture.
func PictureURL(base string, r *talk.Room) string {
	return base + "/ocs/v2.php/apps/spreed/api/v1/room/" + r.Token + "/avatar?v=" + PictureVersion(r)
}

// PictureVersion changes with the picture of a conversation.
func PictureVersion(r *talk.Room) string {
	sum := sha1.Sum([]byte(r.Token + "\x00" + r.AvatarEmoji + "\x00" + r.AvatarColor + "\x00" + r.AvatarPicture)) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:4])
}

// NewMessage writes a message.
func NewMessage(at Place, m *talk.Rendered) Message {
	out := Message{
		ID: m.ID, Token: at.Token, ActorType: string(m.Shown.Type), ActorID: m.Shown.ID, ActorDisplayName: m.ActorName,
		Timestamp: m.Timestamp, Message: m.Wording, MessageParameters: at.Objects(m.Objects), SystemMessage: string(m.System),
		MessageType: messageType(m), IsReplyable: m.Replyable(), ReferenceID: m.ReferenceID, Reactions: m.Reactions,
		ReactionsSelf: m.OwnReactions, ExpirationTimestamp: m.ExpiresAt, Markdown: m.Kind != talk.KindSystem,
		Deleted: m.Kind == talk.KindDeleted, Silent: m.Silent,
	}
	if m.EditedAt != 0 && m.Kind != talk.KindDeleted {
		out.LastEditActorType, out.LastEditActorID = string(m.Editor.Type), m.Editor.ID
		out.LastEditActorName, out.LastEditTimestamp = m.EditorName, m.EditedAt
	}
	switch {
	case m.Parent != nil:
		out.Parent = NewMessage(at, m.Parent)
	case m.ParentGone:
		out.Parent = GoneMessage{m.ParentID, true}
	}
	return out
}

// NewMessages writes several messages.
func NewMessages(at Place, all []talk.Rendered) []Message {
	out := make([]Message, len(all))
	for i := range all {
		out[i] = NewMessage(at, &all[i])
	}
	return out
}

func messageType(m *talk.Rendered) string {
	switch m.Kind {
	case talk.KindSystem:
		return "system"
	case talk.KindDeleted:
		return "comment_deleted"
	}
	return "comment"
}

// Objects writes what placeholders stand for: an object by their names, or an empty list.
// Calls and shared things are shown with the picture of the conversation.
func (at Place) Objects(objects map[string]talk.RichObject) any {
	if len(objects) == 0 {
		return []any{}
	}
	out := make(map[string]talk.RichObject, len(objects))
	for key, o := range objects {
		if key == "object" && o["type"] != talk.ObjectTypePoll || o["type"] == talk.ObjectTypeCall {
			o = maps.Clone(o)
			o["icon-url"] = at.Picture
		}
		out[key] = o
	}
	return out
}

// VagueMessage is an example for the document of the API: parameters are an object by
// name, or an empty list.
func VagueMessage() Message {
	return Message{
		MessageParameters: ocs.OneOf{map[string]talk.RichObject{}, []any{}},
		Parent:            ocs.OneOf{GoneMessage{}, ocs.Object{}},
	}
}
