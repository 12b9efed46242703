package talktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"parley/internal/api"
)

// Document is an OpenAPI document that answers are held against.
type Document struct {
	root Object
}

// ParseDocument reads a document in JSON.
func ParseDocument(text []byte) (*Document, error) {
	d := &Document{}
	return d, json.Unmarshal(text, &d.root)
}

// served is the document of this server, which is the same for all of them.
var served = sync.OnceValues(func() (*Document, error) {
	text, err := api.OpenAPI("", "cookie")
	if err != nil {
		return nil, err
	}
	return ParseDocument(text)
})

// Check tells what is wrong with an answer to a request for a path below the OCS entry
// point: its status or its body is not what the document promises. Paths and methods
// that the document does not have are fine, as long as they are refused.
func (d *Document) Check(method, path string, status int, body []byte) error {
	op := d.operation(method, path)
	if op == nil {
		if status < http.StatusBadRequest {
			return fmt.Errorf("status %d of an operation that is not documented", status)
		}
		return nil
	}
	response, err := d.response(op, status)
	if err != nil {
		return err
	}
	schema := at(response, "content", "application/json", "schema")
	if schema == nil {
		if len(body) > 0 {
			return fmt.Errorf("status %d has a body", status)
		}
		return nil
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return err
	}
	return d.Matches(schema, value)
}

// operation finds what the document says of a request; literal segments win.
func (d *Document) operation(method, path string) Object {
	var found Object
	most := -1
	for pattern, item := range at(d.root, "paths") {
		literal, ok := d.meets(pattern, path, object(item))
		if op := at(object(item), strings.ToLower(method)); ok && literal > most && op != nil {
			most, found = literal, op
		}
	}
	return found
}

// meets reports whether a path has the form of a pattern, and how many segments are
// literally the same.
func (d *Document) meets(pattern, path string, item Object) (literal int, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return 0, false
	}
	for i := range want {
		switch name, wild := strings.CutPrefix(want[i], "{"); {
		case want[i] == got[i]:
			literal++
		case !wild || got[i] == "" || !d.admits(item, strings.TrimSuffix(name, "}"), got[i]):
			return 0, false
		}
	}
	return literal, true
}

// admits reports whether a path parameter can have the value in any operation.
func (d *Document) admits(item Object, name, value string) bool {
	for _, op := range item {
		for _, p := range list(object(op)["parameters"]) {
			if parameter := object(p); parameter.Text("name") == name && parameter.Text("in") == "path" {
				return d.Matches(at(parameter, "schema"), value) == nil
			}
		}
	}
	return true
}

// response finds the response of a status. The rare failures of every server are in
// the default, the others have to be named.
func (d *Document) response(op Object, status int) (Object, error) {
	responses := at(op, "responses")
	response, ok := responses[strconv.Itoa(status)]
	if !ok {
		if status < http.StatusInternalServerError && status != http.StatusRequestEntityTooLarge {
			return nil, fmt.Errorf("status %d is not documented", status)
		}
		response = responses["default"]
	}
	return d.Resolve(object(response))
}

// Resolve follows a reference within the document; other objects are returned as they
// are.
func (d *Document) Resolve(o Object) (Object, error) {
	ref, ok := strings.CutPrefix(o.Text("$ref"), "#/")
	if !ok {
		return o, nil
	}
	found := at(d.root, strings.Split(ref, "/")...)
	if found == nil {
		return nil, fmt.Errorf("there is no %s", ref)
	}
	return found, nil
}

// Matches tells where a value leaves the schema. It knows what the documents of this
// server use. An object has no members but those that its schema names.
func (d *Document) Matches(schema Object, value any) error {
	schema, err := d.Resolve(schema)
	if err != nil {
		return err
	}
	if options, ok := schema["anyOf"]; ok {
		return d.matchesAny(list(options), value)
	}
	if types := names(schema["type"]); len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return isOf(t, value) }) {
		return fmt.Errorf("%v is not %v", value, types)
	}
	switch value := value.(type) {
	case string:
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(value) {
			return fmt.Errorf("%q does not match %s", value, p)
		}
	case []any:
		return d.itemsMatch(schema, value)
	case map[string]any:
		return d.membersMatch(schema, value)
	}
	return nil
}

func (d *Document) matchesAny(options []any, value any) error {
	var reasons []string
	for _, option := range options {
		err := d.Matches(object(option), value)
		if err == nil {
			return nil
		}
		reasons = append(reasons, err.Error())
	}
	return fmt.Errorf("nothing of: %s", strings.Join(reasons, "; "))
}

func (d *Document) itemsMatch(schema Object, items []any) error {
	if most, ok := schema["maxItems"].(float64); ok && len(items) > int(most) {
		return fmt.Errorf("%d items", len(items))
	}
	for i, item := range items {
		if err := d.Matches(at(schema, "items"), item); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func (d *Document) membersMatch(schema Object, members map[string]any) error {
	for _, name := range names(schema["required"]) {
		if _, ok := members[name]; !ok {
			return fmt.Errorf("%s is missing", name)
		}
	}
	properties, others := at(schema, "properties"), at(schema, "additionalProperties")
	for name, value := range members {
		member, known := properties[name]
		if !known && others == nil && properties != nil {
			return fmt.Errorf("%s is not documented", name)
		}
		if !known {
			member = map[string]any(others)
		}
		if err := d.Matches(object(member), value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// isOf reports whether a value of JSON is of a type of JSON Schema.
func isOf(kind string, value any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	default:
		return kind == "object"
	}
}

// at descends into objects by the names of members, nil where there is nothing.
func at(o Object, path ...string) Object {
	for _, name := range path {
		o = object(o[name])
	}
	return o
}

func object(value any) Object {
	o, _ := value.(map[string]any)
	return o
}

func list(value any) []any {
	l, _ := value.([]any)
	return l
}

// names returns the strings of a list, or the one string.
func names(value any) []string {
	if one, ok := value.(string); ok {
		return []string{one}
	}
	var out []string
	for _, item := range list(value) {
		name, _ := item.(string)
		out = append(out, name)
	}
	return out
}
