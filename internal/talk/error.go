package talk

import "errors"

// Kind says what sort of failure an Error is. The set is closed: a face of the
// server maps each kind to its own protocol once.
type Kind int

// The kinds of failure a rule or a use case can report.
const (
	// Internal is everything a caller can do nothing about.
	Internal Kind = iota
	// Invalid is a request whose values break a rule.
	Invalid
	// Unauthenticated is a request that needs an account or a signature.
	Unauthenticated
	// Forbidden is a request by someone who is known but not entitled.
	Forbidden
	// NotFound is a thing that does not exist or that the caller may not know of.
	NotFound
	// Conflict is a request against a state that has to be resolved first.
	Conflict
	// LobbyActive is a request by a participant who still waits in the lobby.
	LobbyActive
	// NotReady is a request for a function that the administrator has not set up,
	// where the function itself exists.
	NotReady
	// NotImplemented is a request for a function that this server does not have
	// or that is not configured at all.
	NotImplemented
	// Unsupported is a request that makes no sense for the thing that it is about.
	Unsupported
	// TooLarge is a value over a fixed limit.
	TooLarge
	// TooManyAttempts is a caller who failed too often in a short time.
	TooManyAttempts
	// TooOften is a caller who did something allowed too many times in a while.
	TooOften
	// Unavailable is a server that cannot answer now but will again.
	Unavailable
)

// Error is the one error that rules and use cases return to callers.
type Error struct {
	Kind Kind
	// Reason is the word that a caller receives, such as "last-moderator".
	// It is empty where the protocol gives no reason.
	Reason string
	// Message is an optional sentence for a person, shown beside the reason.
	Message string
	// Guard tells that a guard refused the request before it was looked at.
	Guard bool
	// Err is the cause. It is logged and never shown.
	Err error
}

// Error returns the reason and the cause, for logs.
func (e *Error) Error() string {
	s := e.Kind.String()
	if e.Reason != "" {
		s += ": " + e.Reason
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail returns an Error of the given kind and reason.
func Fail(kind Kind, reason string) error { return &Error{Kind: kind, Reason: reason} }

// KindOf returns the kind of err, Internal when it carries none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	// Packages below this one say so by a method.
	if e, ok := errors.AsType[interface {
		error
		Unavailable() bool
	}](err); ok && e.Unavailable() {
		return Unavailable
	}
	return Internal
}

// IsKind reports whether err is an Error of the given kind.
func IsKind(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

var kindNames = [...]string{
	Internal: "internal", Invalid: "invalid", Unauthenticated: "unauthenticated", Forbidden: "forbidden",
	NotFound: "not found", Conflict: "conflict", LobbyActive: "lobby active", NotReady: "not ready",
	NotImplemented: "not implemented", Unsupported: "unsupported", TooLarge: "too large", TooManyAttempts: "too many attempts",
	TooOften:    "too often",
	Unavailable: "unavailable",
}

// String returns the name of the kind as it appears in logs.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}
