package ocs

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The router and the document have to agree on what may stand in a path.
func TestDocumentedPatterns(t *testing.T) {
	values := []string{"", "abc", "abcd", "ABCD", "a b c", "call", "default", "calls", "123456", "1234567", "1234567x", strings.Repeat("1", 30), strings.Repeat("1", 31), strings.Repeat("1", 33)}
	for name, f := range forms {
		for _, value := range values {
			if got := regexp.MustCompile(f.pattern).MatchString(value); got != wildcardForm(name, value) {
				t.Errorf("%s %q: the document says %v", name, value, got)
			}
		}
	}
}

func TestSchemas(t *testing.T) {
	type inner struct {
		Count int `json:"count"`
	}
	type beside struct {
		Status string  `json:"status"`
		Icon   *string `json:"statusIcon"`
	}
	type outer struct {
		inner
		*beside
		hidden bool
		Name   string              `json:"name"`
		When   *int64              `json:"when"`
		Extra  string              `json:"extra,omitempty"`
		Next   *inner              `json:"next,omitempty"`
		Lists  map[string][]string `json:"lists"`
		Any    any                 `json:"any"`
	}
	s := schemas{components: Object{}}
	ref := s.of([]outer{{hidden: true}})
	if want := (Object{"type": "array", "items": Object{"$ref": "#/components/schemas/Outer"}}); !reflect.DeepEqual(ref, want) {
		t.Errorf("%v, want %v", ref, want)
	}
	texts := Object{"type": "array", "items": Object{"type": "string"}}
	want := Object{
		"type": "object", "required": []string{"count", "name", "when", "lists", "any"},
		"properties": Object{
			"count": Object{"type": "integer"}, "name": Object{"type": "string"}, "extra": Object{"type": "string"},
			"when": Object{"type": []string{"integer", "null"}}, "next": Object{"$ref": "#/components/schemas/Inner"},
			"lists": Object{"type": "object", "additionalProperties": texts}, "any": Object{},
			"status": Object{"type": "string"}, "statusIcon": Object{"type": []string{"string", "null"}},
		},
	}
	if got := s.components["Outer"]; !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	got := s.of(Object{"one": MayBeAbsent{0}, "two": ByName{true}, "none": nil})
	want = Object{
		"type": "object", "required": []string{"none", "two"},
		"properties": Object{
			"one": Object{"type": "integer"}, "none": Object{"type": "null"},
			"two": Object{"type": "object", "additionalProperties": Object{"type": "boolean"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}
