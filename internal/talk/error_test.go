package talk_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"parley/internal/talk"
)

func TestErrorText(t *testing.T) {
	for want, err := range map[string]error{
		"not found":                          talk.Fail(talk.NotFound, ""),
		"invalid: room-type":                 talk.Fail(talk.Invalid, "room-type"),
		"internal: EOF":                      &talk.Error{Err: io.EOF},
		"unavailable: database: EOF":         &talk.Error{Kind: talk.Unavailable, Reason: "database", Err: io.EOF},
		"unknown":                            talk.Fail(talk.Kind(99), ""),
		"unknown: negative":                  talk.Fail(talk.Kind(-1), "negative"),
		"too large: the message is not here": &talk.Error{Kind: talk.TooLarge, Reason: "the message is not here", Message: "secret"},
	} {
		if got := err.Error(); got != want {
			t.Errorf("Error = %q, want %q", got, want)
		}
	}
}

func TestKindOf(t *testing.T) {
	wrapped := fmt.Errorf("add: %w", talk.Fail(talk.Conflict, "busy"))
	for name, test := range map[string]struct {
		err  error
		want talk.Kind
	}{
		"plain":   {talk.Fail(talk.LobbyActive, ""), talk.LobbyActive},
		"wrapped": {wrapped, talk.Conflict},
		"foreign": {io.EOF, talk.Internal},
	} {
		if got := talk.KindOf(test.err); got != test.want {
			t.Errorf("%s: kind %v, want %v", name, got, test.want)
		}
		if !talk.IsKind(test.err, test.want) {
			t.Errorf("%s is not of its own kind %v", name, test.want)
		}
		if talk.IsKind(test.err, talk.NotFound) {
			t.Errorf("%s is of kind not found", name)
		}
	}
	if talk.IsKind(nil, talk.Internal) {
		t.Error("no error has a kind")
	}
	if !errors.Is(&talk.Error{Err: io.EOF}, io.EOF) {
		t.Error("the cause cannot be found")
	}
}

// TestKindNames: logs tell every kind apart.
func TestKindNames(t *testing.T) {
	seen := make(map[string]talk.Kind)
	for kind := talk.Internal; kind <= talk.Unavailable; kind++ {
		name := kind.String()
		if other, taken := seen[name]; taken || name == "" || name == "unknown" {
			t.Errorf("kind %d is called %q, like kind %d", kind, name, other)
		}
		seen[name] = kind
	}
}
