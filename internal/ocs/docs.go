package ocs

import (
	"reflect"

	"parley/internal/talk"
)

// Table is the route table of a package with what only the document of the API needs.
type Table struct {
	Rows []Route
	// Topics describe the handlers of the rows, each of them once.
	Topics []Topic
	// Vague are examples of the types that are vague by themselves.
	Vague map[reflect.Type]any
}

// Topic is a group of operations in the document.
type Topic struct {
	Name string
	// Operations are by the name of their handler.
	Operations map[string]Doc
}

// Doc describes a handler to people and to programs that make clients.
type Doc struct {
	// Summary is one sentence without its full stop.
	Summary string
	// Answers is the data of a success.
	Answers ByVersion
	// Also are statuses of successes besides 200.
	Also []int
	// Fails are failures that the row does not tell of.
	Fails []talk.Kind
	// FailsWith are such failures with data of their own, as an example.
	FailsWith map[talk.Kind]any
}

// ByVersion is what the data of a success looks like, as an example for each API
// version; nil is an answer without data. Paths outside of Talk and those that
// the old versions have no own form of count as version 4.
type ByVersion [4]any

// of returns the example for an expanded row.
func (s *ByVersion) of(r *Route) any {
	if r.Legacy() {
		return s[r.Version-1]
	}
	return s[3]
}

// Same is the shape of rows that answer the same in all versions: like one of
// the examples.
func Same(examples ...any) ByVersion {
	var example any = OneOf(examples)
	if len(examples) == 1 {
		example = examples[0]
	}
	return ByVersion{example, example, example, example}
}

// Examples say what types cannot: that a value has one of several forms, that a
// member may be absent, or that the names of members are data.
type (
	// OneOf is a value of one of several forms.
	OneOf []any
	// MayBeAbsent is a member that may be absent.
	MayBeAbsent struct{ Example any }
	// ByName is an object whose names are data.
	ByName struct{ Example any }
)

// docOf finds what describes the row.
func (t *Table) docOf(r *Route) (topic string, doc Doc) {
	for i := range t.Topics {
		if d, ok := t.Topics[i].Operations[r.Handler.Name]; ok {
			return t.Topics[i].Name, d
		}
	}
	return "", Doc{}
}
