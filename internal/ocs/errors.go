package ocs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parley/internal/app"
	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/talk"
)

// Statuses that handlers choose for a success.
const (
	statusOK        = http.StatusOK
	statusCreated   = http.StatusCreated
	statusAccepted  = http.StatusAccepted
	statusNoContent = http.StatusNoContent
	statusForbidden = http.StatusForbidden
	statusSeeOther  = http.StatusSeeOther
	// statusNotModified answers a read that found nothing new.
	statusNotModified = http.StatusNotModified
)

// protocolError is a failure with an answer that the protocol fixes.
type protocolError struct {
	name   string
	answer answer
}

// Error returns the name that the log shows.
func (e *protocolError) Error() string { return e.name }

func fixed(name string, status, code int, message string) *protocolError {
	return &protocolError{name, answer{status: status, statusCode: code, message: message, data: []any{}}}
}

// codeUnknownRoute is the status code of OCS for paths that do not exist.
const codeUnknownRoute = 998

// Failures that are the same on every route.
var (
	errUnknownRoute = fixed("unknown route", http.StatusNotFound, codeUnknownRoute,
		"Invalid query, please check the syntax. API specifications are here: http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n")
	errNotLoggedIn     = fixed("not logged in", http.StatusUnauthorized, codeNotAuthorised, "Current user is not logged in")
	errUnauthorised    = fixed("wrong credentials", http.StatusUnauthorized, codeNotAuthorised, "Unauthorised")
	errNotAdmin        = fixed("not an admin", http.StatusForbidden, 0, "Logged in account must be an admin")
	errNotSubadmin     = fixed("not an admin of the group", http.StatusForbidden, 0, "Logged in account must be at least a sub admin")
	errUnconfirmed     = fixed("password not confirmed", http.StatusForbidden, 0, "Password confirmation is required")
	errNoAccount       = fixed("no such account", http.StatusNotFound, 0, "User does not exist")
	errNoOwnStatus     = fixed("no own status", http.StatusNotFound, 0, "No status for the current user")
	errNoStatus        = fixed("no such status", http.StatusNotFound, 0, "No status for the requested userId")
	errHiddenAccount   = fixed("hidden account", http.StatusNotFound, codeUnknownRoute, "")
	errNotAllowed      = fixed("not allowed to use Talk", http.StatusForbidden, 0, "Can not use Talk")
	errTooManyAttempts = fixed("too many attempts", http.StatusTooManyRequests, 0, "Reached maximum delay")
	errBodyTooLarge    = fixed("body too large", http.StatusRequestEntityTooLarge, 0, "")
	errBodyStalled     = fixed("body stalled", http.StatusRequestTimeout, 0, "")
	errBodyGone        = fixed(obs.KindGone, http.StatusBadRequest, 0, "")
	errBusy            = fixed(obs.KindBusy, http.StatusServiceUnavailable, 0, "Service unavailable")
	errUnavailable     = fixed("unavailable", http.StatusServiceUnavailable, 0, "Service unavailable")
	errInternal        = fixed("internal", http.StatusInternalServerError, codeServerError, "Internal Server Error\n")
)

// tooOld tells a client which version it needs at least.
func tooOld(minimum string) error {
	return fixed("client too old", http.StatusUpgradeRequired, 0, minimum)
}

// provisioningFailure is a failure with a code of the provisioning API. The log
// shows the reason, the client the message.
func provisioningFailure(code int, reason, message string) error {
	status := http.StatusBadRequest
	if code == codeUnknownRoute {
		status = http.StatusNotFound
	}
	return fixed("provisioning: "+reason, status, code, message)
}

// statuses is the one place where kinds of failure become HTTP.
var statuses = map[talk.Kind]int{
	talk.Invalid:         http.StatusBadRequest,
	talk.Unauthenticated: http.StatusUnauthorized,
	talk.Forbidden:       http.StatusForbidden,
	talk.NotFound:        http.StatusNotFound,
	talk.Conflict:        http.StatusConflict,
	talk.LobbyActive:     http.StatusPreconditionFailed,
	talk.NotReady:        http.StatusPreconditionFailed,
	talk.NotImplemented:  http.StatusNotImplemented,
	talk.TooLarge:        http.StatusRequestEntityTooLarge,
	talk.TooManyAttempts: http.StatusTooManyRequests,
	talk.Unavailable:     http.StatusServiceUnavailable,
}

// meanings explain the statuses that a document of the API lists one by one.
var meanings = map[int]string{
	http.StatusBadRequest:         "A parameter is missing or its value is not possible",
	http.StatusUnauthorized:       "The caller is not logged in, or the credentials are wrong",
	http.StatusForbidden:          "The caller may not do this",
	http.StatusNotFound:           "What the path names does not exist, or not for the caller",
	http.StatusConflict:           "Another session of the caller is in the way",
	http.StatusPreconditionFailed: "The lobby is active, something is not set up, or the request has no proof of being meant",
	http.StatusUpgradeRequired:    "The client is too old; the message is the version it needs",
	http.StatusTooManyRequests:    "The client failed too often and has to wait",
	http.StatusNotImplemented:     "The server cannot do this",
}

// expected are the statuses of failures that a row can have by its own rules.
func (r *route) expected() []int {
	out := []int{http.StatusUnauthorized, http.StatusTooManyRequests}
	if r.handler.input != nil || r.upload != "" {
		out = append(out, http.StatusBadRequest)
	}
	if r.access >= admin || r.confirm || r.version != 0 { // Talk itself may be closed to a user
		out = append(out, http.StatusForbidden)
	}
	if strings.Contains(r.path, "{") {
		out = append(out, http.StatusNotFound)
	}
	if r.guard.NoLobby || !r.open {
		out = append(out, http.StatusPreconditionFailed)
	}
	if r.version != 0 {
		out = append(out, http.StatusUpgradeRequired)
	}
	for _, kind := range r.fails {
		out = append(out, statuses[kind])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// failureShapes are what the data of failures with a status looks like, unless
// there is none.
func failureShapes(status int) []any {
	switch status {
	case http.StatusBadRequest:
		return []any{errorData{}, badRows{}}
	case http.StatusConflict:
		return []any{conflictData{}}
	}
	return []any{errorData{}}
}

// withoutEnvelope reports whether failures with a status may have no envelope,
// but a message alone.
func withoutEnvelope(status int) bool { return status == http.StatusPreconditionFailed }

// hasBody reports whether answers with a status have a body.
func hasBody(status int) bool { return status != statusNoContent && status != statusNotModified }

// failure makes the answer of a failed call.
func (c *call) failure(err error) answer {
	err = c.translate(err)
	if e, ok := errors.AsType[*protocolError](err); ok {
		return e.answer
	}
	if e, ok := errors.AsType[*talk.SessionConflict](err); ok {
		return c.failed(http.StatusConflict, conflictData{e.Session.SessionID, int(e.Session.InCall), e.Session.LastPing})
	}
	if e, ok := errors.AsType[*talk.InvalidRows](err); ok {
		return c.failed(http.StatusBadRequest, newBadRows(e.EmailList))
	}
	if e, ok := errors.AsType[*paramError](err); ok {
		return c.failed(http.StatusBadRequest, errorData{Error: e.Name})
	}
	e, ok := errors.AsType[*talk.Error](err)
	status, known := 0, false
	if ok {
		status, known = statuses[e.Kind]
	}
	if !known {
		return errInternal.answer
	}
	if e.Guard {
		return answer{status: status, data: []any{}}
	}
	if e.Reason == "" {
		return c.failed(status, nil)
	}
	return c.failed(status, errorData{e.Reason, e.Message})
}

// failed is the answer of an endpoint that failed by itself: the old versions
// say nothing about the reason, but for the session that is in the way.
func (c *call) failed(status int, data any) answer {
	_, conflict := data.(conflictData)
	if c.row != nil && (c.legacy() && !conflict || c.row.version == 0 && data == nil) {
		data = []any{}
	}
	return answer{status: status, data: data}
}

// translate turns failures of other packages into those of the protocol.
func (c *call) translate(err error) error {
	switch {
	case errors.Is(err, auth.ErrCredentials):
		scheme := "Basic"
		if c.r.Header.Get("X-Requested-With") == "XMLHttpRequest" {
			scheme = "DummyBasic"
		}
		c.header.Set("WWW-Authenticate", scheme+` realm="Authorisation Required"`)
		return errUnauthorised
	case errors.Is(err, app.ErrNotAllowed):
		return errNotAllowed
	case errors.Is(err, errBusy):
		c.header.Set("Retry-After", "1")
	case talk.IsKind(err, talk.TooManyAttempts):
		if b, ok := errors.AsType[*auth.Blocked](err); ok {
			c.header.Set("Retry-After", strconv.Itoa(b.Seconds()))
		}
		return errTooManyAttempts
	case talk.IsKind(err, talk.Unavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		c.header.Set("Retry-After", "1")
		return errUnavailable
	}
	return err
}

// errorData is the reason of a failure.
type errorData struct {
	Error   string `json:"error"`
	Message string `json:"message,omitempty"`
}

// conflictData describes the session that is in the way of a join.
type conflictData struct {
	SessionID string `json:"sessionId"`
	InCall    int    `json:"inCall"`
	LastPing  int64  `json:"lastPing"`
}

// kindName is how the log names a failure.
func kindName(err error) string {
	if e, ok := errors.AsType[*protocolError](err); ok {
		return e.name
	}
	if e, ok := errors.AsType[*paramError](err); ok {
		return "invalid: " + e.Name
	}
	switch {
	case errors.Is(err, context.Canceled):
		return obs.KindGone
	case errors.Is(err, context.DeadlineExceeded):
		return talk.Unavailable.String()
	}
	return talk.KindOf(err).String()
}
