// Package imitations replays what known clients ask, in their order and their spelling, and reads
// each answer as strictly as they do. A client that does not check what it reads crashes, logs
// somebody out or asks without end where the server is careless, so that the tests here fail then.
package imitations_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// value is a piece of JSON as it came, and where it was found.
type value struct {
	t     testing.TB
	where string
	raw   json.RawMessage
}

// The kinds of JSON; none is a name that an object does not have.
const (
	none    = "nothing"
	null    = "null"
	text    = "string"
	integer = "int"
	real    = "number"
	boolean = "bool"
	array   = "list"
	object  = "object"
)

// kindOf returns the kind of a piece of JSON. A number is an integer only when it is written as
// one, since typed readers refuse 1.0 and 1e3.
func kindOf(raw json.RawMessage) string {
	trimmed := bytes.TrimSpace(raw)
	if len(trimmed) == 0 {
		return none
	}
	switch trimmed[0] {
	case 'n':
		return null
	case '"':
		return text
	case 't', 'f':
		return boolean
	case '[':
		return array
	case '{':
		return object
	}
	if bytes.ContainsAny(trimmed, ".eE") {
		return real
	}
	return integer
}

// keys are the fields that a client reads, by kind. Behind the kind stands "?" when the client
// copes without the field, though not with another kind or null.
type keys map[string]string

// fields returns the names, separated by space, as keys of one kind.
func fields(kind, names string) keys {
	out := keys{}
	for name := range strings.FieldsSeq(names) {
		out[name] = kind
	}
	return out
}

// and returns the keys of both.
func (k keys) and(more keys) keys {
	out := maps.Clone(k)
	maps.Copy(out, more)
	return out
}

// wrong returns what a client with these keys stumbles over.
func (k keys) wrong(raw json.RawMessage) (out []string) {
	var there map[string]json.RawMessage
	if kindOf(raw) != object || json.Unmarshal(raw, &there) != nil {
		return []string{"it is " + kindOf(raw) + ", not an object"}
	}
	for name, want := range k {
		kind, optional := strings.CutSuffix(want, "?")
		got := kindOf(there[name])
		if got != kind && (got != none || !optional) {
			out = append(out, name+" is "+got+", not "+kind)
		}
	}
	slices.Sort(out)
	return out
}

// get follows names from object to object. What is not there is a value of kind none.
func (v value) get(names ...string) value {
	v.t.Helper()
	for _, name := range names {
		var there map[string]json.RawMessage
		v.is(object)
		if err := json.Unmarshal(v.raw, &there); err != nil {
			v.t.Fatalf("%s: %v", v.where, err)
		}
		v = value{t: v.t, where: v.where + " ▸ " + name, raw: there[name]}
	}
	return v
}

// is ends the test unless the value is of one of the kinds.
func (v value) is(kinds ...string) value {
	v.t.Helper()
	if got := kindOf(v.raw); !slices.Contains(kinds, got) {
		v.t.Fatalf("%s is %s, not %s: %.300s", v.where, got, strings.Join(kinds, " or "), v.raw)
	}
	return v
}

// has ends the test when a client with these keys stumbles over the value.
func (v value) has(k keys) value {
	v.t.Helper()
	if wrong := k.wrong(v.raw); len(wrong) > 0 {
		v.t.Fatalf("%s: %s", v.where, strings.Join(wrong, ", "))
	}
	return v
}

// list returns the elements of a list.
func (v value) list() (out []value) {
	v.t.Helper()
	v.is(array)
	for i, raw := range decode[[]json.RawMessage](v) {
		out = append(out, value{t: v.t, where: fmt.Sprintf("%s[%d]", v.where, i), raw: raw})
	}
	return out
}

// members returns the members of an object, each with its name.
func (v value) members() map[string]value {
	v.t.Helper()
	v.is(object)
	out := map[string]value{}
	for name := range decode[map[string]json.RawMessage](v) {
		out[name] = v.get(name)
	}
	return out
}

// each ends the test unless the value is a list, whose elements have the keys.
func (v value) each(k keys) []value {
	v.t.Helper()
	list := v.list()
	for _, one := range list {
		one.has(k)
	}
	return list
}

// text returns a string that is not empty.
func (v value) text() string {
	v.t.Helper()
	v.is(text)
	s := decode[string](v)
	if s == "" {
		v.t.Fatalf("%s is empty", v.where)
	}
	return s
}

// number returns an integer.
func (v value) number() int64 {
	v.t.Helper()
	v.is(integer)
	return decode[int64](v)
}

// texts returns a list of strings.
func (v value) texts() []string {
	v.t.Helper()
	for _, one := range v.list() {
		one.is(text)
	}
	return decode[[]string](v)
}

// decode reads the value as encoding/json does.
func decode[T any](v value) (out T) {
	v.t.Helper()
	if err := json.Unmarshal(v.raw, &out); err != nil {
		v.t.Fatalf("%s: %v", v.where, err)
	}
	return out
}

// pick returns the element of a list whose field is the string.
func pick(list []value, field, want string) value {
	list[0].t.Helper()
	for _, one := range list {
		if raw := one.get(field); kindOf(raw.raw) == text && decode[string](raw) == want {
			return one
		}
	}
	list[0].t.Fatalf("%s: none has %s %q", list[0].where, field, want)
	return value{}
}

// TestKinds: the readers tell apart what typed languages do.
func TestKinds(t *testing.T) {
	for raw, want := range map[string]string{
		"": none, "null": null, `""`: text, `"1"`: text, "0": integer, "-1": integer, "1.0": real, "1e3": real, "true": boolean, "false": boolean,
		"[]": array, "{}": object, "\n{}": object,
	} {
		if got := kindOf(json.RawMessage(raw)); got != want {
			t.Errorf("%q is %s, not %s", raw, got, want)
		}
	}
	k := keys{"a": integer, "b": text + "?"}
	for raw, want := range map[string]string{
		`{"a":1}`: "", `{"a":1,"b":""}`: "", `{}`: "a is nothing, not int", `{"a":null}`: "a is null, not int", `{"a":"1"}`: "a is string, not int",
		`{"a":true}`: "a is bool, not int", `{"a":1,"b":null}`: "b is null, not string", `[]`: "it is list, not an object", `null`: "it is null, not an object",
	} {
		if got := strings.Join(k.wrong(json.RawMessage(raw)), ", "); got != want {
			t.Errorf("%s: %q, not %q", raw, got, want)
		}
	}
}
