package ocs

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/settings"
	"parley/internal/talk"
)

// Statuses that handlers choose for a success.
const (
	StatusCreated   = http.StatusCreated
	StatusAccepted  = http.StatusAccepted
	StatusNoContent = http.StatusNoContent
	// StatusNotModified answers a read that found nothing new.
	StatusNotModified = http.StatusNotModified

	statusOK       = http.StatusOK
	statusSeeOther = http.StatusSeeOther
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

// CodeUnknown is the status code of OCS for paths that do not exist.
const CodeUnknown = 998

// Failures that are the same on every route.
var (
	errUnknownRoute = fixed("unknown route", http.StatusNotFound, CodeUnknown,
		"Invalid query, please check the syntax. API specifications are here: "+
			"http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n")
	errNotLoggedIn = fixed("not logged in", http.StatusUnauthorized, codeNotAuthorised,
		"Current user is not logged in")
	errUnauthorised    = fixed("wrong credentials", http.StatusUnauthorized, codeNotAuthorised, "Unauthorised")
	errNotAdmin        = fixed("not an admin", http.StatusForbidden, 0, "Logged in account must be an admin")
	errNotAllowed      = fixed("not allowed to use Talk", http.StatusForbidden, 0, "Can not use Talk")
	errTooManyAttempts = fixed("too many attempts", http.StatusTooManyRequests, 0, "Reached maximum delay")
	errBodyTooLarge    = fixed("body too large", http.StatusRequestEntityTooLarge, 0, "")
	errBodyStalled     = fixed("body stalled", http.StatusRequestTimeout, 0, "")
	errBodyGone        = fixed(obs.KindGone, http.StatusBadRequest, 0, "")
	errBusy            = fixed(obs.KindBusy, http.StatusServiceUnavailable, 0, "Service unavailable")
	errUnavailable     = fixed("unavailable", http.StatusServiceUnavailable, 0, "Service unavailable")
	errInternal        = fixed("internal", http.StatusInternalServerError, codeServerError, "Internal Server Error\n")
)

// Failures that handlers share with the checks before them.
var (
	// ErrNotSubadmin is for those who do not administer a group.
	ErrNotSubadmin error = fixed("not an admin of the group", http.StatusForbidden, 0,
		"Logged in account must be at least a sub admin")
	// ErrUnconfirmed asks for the password.
	ErrUnconfirmed error = fixed("password not confirmed", http.StatusForbidden, 0, "Password confirmation is required")
)

// Message is a failure that the envelope explains in words for people; the log
// shows the name.
func Message(kind talk.Kind, name, message string) error {
	return fixed(name, statuses[kind], 0, message)
}

// tooOld tells a client which version it needs at least.
func tooOld(minimum string) error {
	return fixed("client too old", http.StatusUpgradeRequired, 0, minimum)
}

// CodeError is a failure with a code of the provisioning API. The log
// shows the reason, the client the message.
func CodeError(code int, reason, message string) error {
	status := http.StatusBadRequest
	if code == CodeUnknown {
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
	talk.Unsupported:     http.StatusMethodNotAllowed,
	talk.TooLarge:        http.StatusRequestEntityTooLarge,
	talk.TooManyAttempts: http.StatusTooManyRequests,
	talk.TooOften:        http.StatusTooManyRequests,
	talk.Unavailable:     http.StatusServiceUnavailable,
}

// meanings explain the statuses that a document of the API lists one by one.
var meanings = map[int]string{
	http.StatusBadRequest:   "A parameter is missing or its value is not possible",
	http.StatusUnauthorized: "The caller is not logged in, or the credentials are wrong",
	http.StatusForbidden:    "The caller may not do this",
	http.StatusNotFound:     "What the path names does not exist, or not for the caller",
	http.StatusConflict:     "Another session of the caller is in the way",
	http.StatusPreconditionFailed: "The lobby is active, something is not set up, " +
		"or the request has no proof of being meant",
	http.StatusRequestEntityTooLarge: "A value is longer than it may be",
	http.StatusMethodNotAllowed:      "This cannot be done with such a thing",
	http.StatusUpgradeRequired:       "The client is too old; the message is the version it needs",
	http.StatusServiceUnavailable:    "The server cannot do it at this moment, but will later",
	http.StatusTooManyRequests:       "The client failed, or did this, too often and has to wait",
	http.StatusNotImplemented:        "The server cannot do this",
}

// expected are the statuses of failures that a row can have by its own rules.
func (r *Route) expected(doc *Doc) []int {
	out := []int{http.StatusUnauthorized, http.StatusTooManyRequests}
	if r.Handler.input != nil || r.Handler.upload != "" {
		out = append(out, http.StatusBadRequest)
	}
	if r.Rules.has(Admin|GroupAdmin|Confirmed) || r.Version != 0 { // Talk itself may be closed to a user
		out = append(out, http.StatusForbidden)
	}
	if strings.Contains(r.Path, "{") {
		out = append(out, http.StatusNotFound)
	}
	if r.Guard.NoLobby || !r.Rules.has(Unproven) {
		out = append(out, http.StatusPreconditionFailed)
	}
	if r.Version != 0 {
		out = append(out, http.StatusUpgradeRequired)
	}
	for _, kind := range doc.Fails {
		out = append(out, statuses[kind])
	}
	for kind := range doc.FailsWith {
		out = append(out, statuses[kind])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// withoutEnvelope reports whether failures with a status may have no envelope,
// but a message alone.
func withoutEnvelope(status int) bool { return status == http.StatusPreconditionFailed }

// hasBody reports whether answers with a status have a body.
func hasBody(status int) bool { return status != StatusNoContent && status != StatusNotModified }

// failure makes the answer of a failed call.
func (c *Call) failure(err error) answer {
	err = c.translate(err)
	if e, ok := errors.AsType[*protocolError](err); ok {
		return e.answer
	}
	if e, ok := errors.AsType[*DataError](err); ok {
		return answer{status: statuses[e.Kind], data: e.Data}
	}
	if e, ok := errors.AsType[*paramError](err); ok {
		return c.failed(http.StatusBadRequest, ErrorData{Error: e.Name})
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
	return c.failed(status, ErrorData{e.Reason, e.Message})
}

// failed is the answer of an endpoint that failed by itself: the old versions
// say nothing about the reason.
func (c *Call) failed(status int, data any) answer {
	if c.row != nil && (c.Legacy() || c.row.Version == 0 && data == nil) {
		data = []any{}
	}
	return answer{status: status, data: data}
}

// translate turns failures of other packages into those of the protocol.
func (c *Call) translate(err error) error {
	switch {
	case errors.Is(err, auth.ErrCredentials):
		scheme := "Basic"
		if c.Request.Header.Get("X-Requested-With") == "XMLHttpRequest" {
			scheme = "DummyBasic"
		}
		c.Header.Set("WWW-Authenticate", scheme+` realm="Authorisation Required"`)
		return errUnauthorised
	case errors.Is(err, settings.ErrNotAllowed):
		return errNotAllowed
	case errors.Is(err, errBusy):
		c.Header.Set("Retry-After", "1")
	case talk.IsKind(err, talk.TooManyAttempts):
		if b, ok := errors.AsType[*auth.Blocked](err); ok {
			c.Header.Set("Retry-After", strconv.Itoa(b.Seconds()))
		}
		return errTooManyAttempts
	case talk.IsKind(err, talk.Unavailable), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		c.Header.Set("Retry-After", "1")
		return errUnavailable
	}
	return err
}

// ErrorData is the reason of a failure.
type ErrorData struct {
	Error   string `json:"error"`
	Message string `json:"message,omitempty"`
}

// NoBody is the data of an answer that has no body at all.
type NoBody struct{}

// DataError is a failure whose answer has more than a reason, in all API versions.
type DataError struct {
	Kind talk.Kind
	Data any
	Err  error
}

// Error is the text of the failure that the answer is about.
func (e *DataError) Error() string { return e.Err.Error() }

// Unwrap returns the failure that the answer is about.
func (e *DataError) Unwrap() error { return e.Err }

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
