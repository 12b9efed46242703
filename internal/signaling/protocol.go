package signaling

import (
	"encoding/json"

	"parley/internal/signal"
)

// version is that of the protocol that clients ask about.
const version = "2.1.0"

// features are what clients may rely on.
var features = [...]string{
	"audio-video-permissions", "incall-all", "welcome", "hello-v2", "switchto", "transient-data", "recipient-call", "join-features", "chat-relay",
}

// relayFeature is that of clients that take messages of a chat as they are.
const relayFeature = "chat-relay"

// object is a JSON object that is written once.
type object map[string]any

// request is what a client sends.
type request struct {
	ID        string            `json:"id"`
	Type      string            `json:"type"`
	Hello     *helloRequest     `json:"hello"`
	Room      *roomRequest      `json:"room"`
	Message   *messageRequest   `json:"message"`
	Control   *messageRequest   `json:"control"`
	Transient *transientRequest `json:"transient"`
}

type helloRequest struct {
	Version  string   `json:"version"`
	ResumeID string   `json:"resumeid"`
	Features []string `json:"features"`
	Auth     *struct {
		Type   string          `json:"type"`
		URL    string          `json:"url"`
		Params json.RawMessage `json:"params"`
	} `json:"auth"`
}

type helloParams struct {
	UserID string `json:"userid"`
	Ticket string `json:"ticket"`
	Token  string `json:"token"`
}

type roomRequest struct {
	RoomID     string          `json:"roomid"`
	SessionID  string          `json:"sessionid"`
	Federation json.RawMessage `json:"federation"`
}

type messageRequest struct {
	Recipient struct {
		Type      string `json:"type"`
		SessionID string `json:"sessionid"`
		UserID    string `json:"userid"`
	} `json:"recipient"`
	Data json.RawMessage `json:"data"`
}

type transientRequest struct {
	Type  string          `json:"type"`
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
	TTL   int64           `json:"ttl"`
}

// The codes of failures that the protocol has beside those of [signal.BackendError].
const (
	invalidFormat         = "invalid_format"
	helloExpected         = "hello_expected"
	invalidHelloVersion   = "invalid_hello_version"
	invalidClientType     = "invalid_client_type"
	invalidBackend        = "invalid_backend"
	alreadyJoined         = "already_joined"
	federationUnsupported = "federation_unsupported"
	notAllowed            = "not_allowed"
	notInRoom             = "not_in_room"
	ignored               = "ignored"
	tooManyRequests       = "too_many_requests"
	internalError         = "internal_error"
)

// messages say the same to people.
var messages = map[string]string{
	invalidFormat: "The message cannot be read.", helloExpected: "Say hello first.",
	invalidHelloVersion: "The version of the hello is neither 1.0 nor 2.0.", invalidClientType: "Clients of this type are not served.",
	invalidBackend: "The address of the back end cannot be read.", alreadyJoined: "The client is in this conversation.",
	federationUnsupported: "Conversations of other servers are not served.", notAllowed: "This is not permitted.",
	notInRoom: "The client is in no conversation.", ignored: "The type of the data is not known.",
	tooManyRequests: "Too many requests.", internalError: "Something is wrong with the server.",
	string(signal.BadRequest): "The request cannot be read.", string(signal.BadTicket): "The ticket is not one for this account.",
	string(signal.NoSuchUser): "There is no such account, or it is disabled.", string(signal.NoSuchRoom): "There is no such conversation for this client.",
	string(signal.BadToken): "The token is not one of this server.", string(signal.EarlyToken): "The token does not hold yet.",
	string(signal.ExpiredToken): "The token does not hold any more.", string(signal.NoSuchSession): "There is no such session.",
}

// The reasons of a bye.
const (
	byeHelloTimeout = "hello_timeout"
	byeRoomTimeout  = "room_join_timeout"
	byeResumed      = "session_resumed"
	byeReconnected  = "room_session_reconnected"
)

// encode writes a message: everything in it can be written.
func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte(`{"type":"error","error":{"code":"internal_error","message":""}}`)
	}
	return data
}

func failure(id, code string, details any) []byte {
	e := object{"code": code, "message": messages[code]}
	if details != nil {
		e["details"] = details
	}
	return encode(reply(id, "error", e))
}

// reply is the answer to a request with an id.
func reply(id, kind string, body any) object {
	out := object{"type": kind}
	if body != nil {
		out[kind] = body
	}
	if id != "" {
		out["id"] = id
	}
	return out
}

func bye(reason string) []byte { return encode(reply("", "bye", object{"reason": reason})) }

// event is something that happened, about a target.
func event(target, kind string, body any) []byte {
	return encode(object{"type": "event", "event": object{"target": target, "type": kind, kind: body}})
}

// roomMessage is an event about the chat of a conversation.
func roomMessage(token string, chat object) []byte {
	return event("room", "message", object{"roomid": token, "data": object{"type": "chat", "chat": chat}})
}

// joined is a client as others are told that it has come.
func joined(m *signal.Member) object {
	out := object{"sessionid": m.PublicID}
	if m.UserID != "" {
		out["userid"] = m.UserID
	}
	if m.Name != "" {
		out["user"] = object{"displayname": m.Name}
	}
	if len(m.Features) > 0 {
		out["features"] = m.Features
	}
	if m.SessionID != "" {
		out["roomsessionid"] = m.SessionID
	}
	return out
}

// participant is a client in an update of participants.
func participant(m *signal.Member) object {
	out := object{
		"sessionId": m.PublicID, "nextcloudSessionId": m.SessionID, "inCall": int(m.InCall), "lastPing": m.LastPing, "participantType": int(m.Role),
		"participantPermissions": int(m.Final), "actorType": string(m.Actor.Type), "actorId": m.Actor.ID, "displayName": m.Name,
	}
	if m.UserID != "" {
		out["userId"] = m.UserID
	}
	return out
}
