package ocs

import (
	"bytes"
	"context"
	"net/http"

	"parley/internal/auth"
	"parley/internal/room"
	"parley/internal/talk"
)

// Call is a request on its way through a handler. It belongs to one goroutine.
type Call struct {
	Request *http.Request
	// Identity is who asks.
	Identity auth.Identity
	// Access is what the guard found, nil for routes without one.
	Access *room.Access
	// Header are the headers of the answer; Status is its status if it succeeds.
	Header http.Header
	Status int
	// Attempt is the protected action that failed, empty for none.
	Attempt string
	// Forgive tells that earlier failures of the client are forgotten, if there
	// are any.
	Forgive bool

	api    *API
	row    *Route
	values pathValues
	params params
	// body is the memory that the body takes; bodyRead tells that it was read,
	// or that this failed with bodyErr.
	body     share
	bodyRead bool
	bodyErr  error
	// raw is the body as it came, for handlers that take it so.
	raw      bytes.Buffer
	failures bool
	// releases end the turns that the request waited for to guess.
	releases []func()
}

// Context is the context of the request.
func (c *Call) Context() context.Context { return c.Request.Context() }

// Caller is who asks, in the terms of the rules.
func (c *Call) Caller() talk.Caller { return c.Identity.Caller }

// Value is the segment of the path that met the wildcard, "" without such a one.
func (c *Call) Value(wildcard string) string { return c.values[wildcard] }

// Token names the conversation of the path, "" for none.
func (c *Call) Token() string { return c.values["token"] }

// File is the file that a multipart body carried under the name. The reader holds
// the whole file in memory.
func (c *Call) File(name string) (*bytes.Reader, bool) {
	file, _, ok := c.params.file(name)
	return file, ok
}

// Version is the API version of Talk that the request came by, 0 outside of Talk.
func (c *Call) Version() int { return c.row.Version }

// Legacy reports whether the request came by one of the old API versions.
func (c *Call) Legacy() bool { return c.row.Legacy() }

// BaseURL is the address that links to the server begin with, without a slash at the end:
// the configured one, or that which the client used.
func (c *Call) BaseURL() string {
	if c.api.address != "" {
		return c.api.address
	}
	scheme := "http://"
	if c.api.auth.CookieSecure(c.Request) {
		scheme = "https://"
	}
	return scheme + c.Request.Host + c.api.place
}

// Scope is the conversation of the path with the guard of the row.
func (c *Call) Scope() room.Scope {
	return room.Scope{Caller: c.Caller(), Token: c.Token(), Guard: c.row.Guard, Legacy: c.Legacy(), Snapshot: c.Identity.Snapshot}
}

// StillLoggedIn reports whether the account of the caller would be let in again.
func (c *Call) StillLoggedIn() bool {
	id, err := c.api.auth.Identify(c.Request)
	return err == nil && id.Caller.UserID == c.Caller().UserID
}

// IsAdmin reports whether the caller administers the server.
func (c *Call) IsAdmin() (bool, error) {
	return c.api.cases.IsAdmin(c.Context(), c.Caller().UserID)
}

// BotProof is how a bot shows who it is.
func (c *Call) BotProof() talk.BotProof {
	return talk.BotProof{
		Random:    header(c.Request.Header, "X-Nextcloud-Talk-Bot-Random"),
		Signature: header(c.Request.Header, "X-Nextcloud-Talk-Bot-Signature"),
	}
}

// SignalingProof is how a signaling server shows who it is.
func (c *Call) SignalingProof() talk.BridgeProof {
	return talk.BridgeProof{
		Random:   header(c.Request.Header, "Spreed-Signaling-Random"),
		Checksum: header(c.Request.Header, "Spreed-Signaling-Checksum"),
	}
}

// BridgeProof is how a SIP bridge shows who it is.
func (c *Call) BridgeProof() talk.BridgeProof {
	return talk.BridgeProof{
		Random:   header(c.Request.Header, "Talk-Sipbridge-Random"),
		Checksum: header(c.Request.Header, "Talk-Sipbridge-Checksum"),
	}
}
