package wire

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Message is a chat message.
type Message struct {
	ID                  int64          `json:"id"`
	Token               string         `json:"token"`
	ActorType           string         `json:"actorType"`
	ActorID             string         `json:"actorId"`
	ActorDisplayName    string         `json:"actorDisplayName"`
	Timestamp           int64          `json:"timestamp"`
	Message             string         `json:"message"`
	MessageParameters   any            `json:"messageParameters"`
	SystemMessage       string         `json:"systemMessage"`
	MessageType         string         `json:"messageType"`
	IsReplyable         bool           `json:"isReplyable"`
	ReferenceID         string         `json:"referenceId"`
	Reactions           map[string]int `json:"reactions"`
	ExpirationTimestamp int64          `json:"expirationTimestamp"`
	Markdown            bool           `json:"markdown"`
}

// RichObject is a named thing in the text of a message.
type RichObject struct {
	Type      string `json:"type"`
	ID        string `json:"id"`
	Name      string `json:"name"`
	MentionID string `json:"mention-id,omitempty"`
}

// NewMessage writes a message of the conversation with the token.
func NewMessage(token string, m *talk.Rendered) Message {
	out := Message{
		ID: m.ID, Token: token, ActorType: string(m.Shown.Type), ActorID: m.Shown.ID, ActorDisplayName: m.ActorName,
		Timestamp: m.Timestamp, Message: m.Wording, MessageParameters: []any{}, SystemMessage: string(m.System),
		MessageType: "comment", Reactions: map[string]int{}, Markdown: true,
	}
	if m.System != "" {
		out.MessageType, out.Markdown = "system", false
	}
	if len(m.Mentions) > 0 {
		objects := make(map[string]RichObject, len(m.Mentions))
		for key, mention := range m.Mentions {
			objects[key] = RichObject(mention)
		}
		out.MessageParameters = objects
	}
	return out
}

// VagueMessage is an example for the document of the API: parameters are an object by
// name, or an empty list.
func VagueMessage() Message {
	return Message{MessageParameters: ocs.OneOf{map[string]RichObject{}, []any{}}}
}
