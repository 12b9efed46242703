package ocs

import (
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// parsedDocument is what clients get.
func parsedDocument(t *testing.T) map[string]any {
	t.Helper()
	text, err := OpenAPI("", "cookie")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestDocumentHasEveryRoute(t *testing.T) {
	paths := parsedDocument(t)["paths"].(map[string]any)
	ids := map[string]bool{}
	want := 0
	for _, row := range routes() {
		if row.doc == "" || row.topic == "" || strings.HasSuffix(row.doc, ".") {
			t.Errorf("%s %s: doc %q, topic %q", row.method, row.path, row.doc, row.topic)
		}
		for _, r := range row.expand() {
			want++
			item, _ := paths[r.fullPath()].(map[string]any)
			op, _ := item[strings.ToLower(r.method)].(map[string]any)
			id, _ := op["operationId"].(string)
			if op == nil || id == "" || ids[id] {
				t.Errorf("%s %s: operation %q", r.method, r.fullPath(), id)
			}
			ids[id] = true
		}
	}
	got := 0
	for _, item := range paths {
		got += len(item.(map[string]any))
	}
	if got != want {
		t.Errorf("%d operations, want %d", got, want)
	}
}

func TestDocumentIsWhole(t *testing.T) {
	root := parsedDocument(t)
	var walk func(where string, v any)
	walk = func(where string, v any) {
		switch v := v.(type) {
		case []any:
			for i, item := range v {
				walk(where+"/"+strconv.Itoa(i), item)
			}
		case map[string]any:
			for name, member := range v {
				walk(where+"/"+name, member)
			}
			if ref, ok := v["$ref"].(string); ok && !resolves(root, ref) {
				t.Errorf("%s: %s leads nowhere", where, ref)
			}
			for _, name := range asList(v["required"]) {
				if _, known := v["properties"].(map[string]any)[name.(string)]; !known {
					t.Errorf("%s: %s is required and unknown", where, name)
				}
			}
		case string:
			if v == "" {
				t.Errorf("%s is empty", where)
			}
		}
	}
	walk("#/components", root["components"])
	walk("#/paths", root["paths"])
}

func resolves(root map[string]any, ref string) bool {
	var v any = root
	for name := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		o, _ := v.(map[string]any)
		v = o[name]
	}
	return v != nil
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func TestDocumentedParameters(t *testing.T) {
	paths := parsedDocument(t)["paths"].(map[string]any)
	op := func(method, path string) map[string]any {
		return paths[path].(map[string]any)[method].(map[string]any)
	}
	list := op("get", "/apps/spreed/api/v4/room")
	var names []string
	for _, p := range list["parameters"].([]any) {
		if name, ok := p.(map[string]any)["name"].(string); ok {
			names = append(names, name)
		}
	}
	if want := []string{"noStatusUpdate", "includeStatus", "modifiedSince", "includeLastMessage"}; !slices.Equal(names, want) {
		t.Errorf("parameters %q, want %q", names, want)
	}
	if len(list["security"].([]any)) != 3 || len(op("get", "/cloud/capabilities")["security"].([]any)) != 4 {
		t.Error("only public routes work without an account")
	}
	text, err := json.Marshal(op("post", "/apps/spreed/api/v4/room/{token}/participants")["requestBody"])
	want := `{"content":{"application/json":{"schema":{"properties":{` +
		`"newParticipant":{"type":"string"},"source":{"default":"users","type":"string"}},` +
		`"required":["newParticipant"],"type":"object"}}},"required":true}`
	if err != nil || string(text) != want {
		t.Errorf("body %s, want %s: %v", text, want, err)
	}
}

// The router and the document have to agree on what may stand in a path.
func TestDocumentedPatterns(t *testing.T) {
	values := []string{"", "abc", "abcd", "ABCD", "a b c", "call", "default", "calls", "123456", "1234567", "1234567x", strings.Repeat("1", 30), strings.Repeat("1", 31), strings.Repeat("1", 33)}
	for name, pattern := range patterns {
		for _, value := range values {
			if got := regexp.MustCompile(pattern).MatchString(value); got != wildcardForm(name, value) {
				t.Errorf("%s %q: the document says %v", name, value, got)
			}
		}
	}
	for _, row := range routes() {
		for segment := range strings.SplitSeq(row.path, "/") {
			if name := strings.Trim(segment, "{}"); name != segment && patterns[name] == "" && !wildcardForm(name, "Any thing") {
				t.Errorf("%s: the form of {%s} is not documented", row.path, name)
			}
		}
	}
}

func TestSchemas(t *testing.T) {
	type inner struct {
		Count int `json:"count"`
	}
	type outer struct {
		inner
		*statusData
		hidden bool
		Name   string              `json:"name"`
		When   *int64              `json:"when"`
		Extra  string              `json:"extra,omitempty"`
		Next   *inner              `json:"next,omitempty"`
		Lists  map[string][]string `json:"lists"`
		Any    any                 `json:"any"`
	}
	s := schemas{object{}}
	ref := s.of([]outer{{hidden: true}})
	if want := (object{"type": "array", "items": object{"$ref": "#/components/schemas/Outer"}}); !reflect.DeepEqual(ref, want) {
		t.Errorf("%v, want %v", ref, want)
	}
	texts := object{"type": "array", "items": object{"type": "string"}}
	want := object{
		"type": "object", "required": []string{"count", "name", "when", "lists", "any"},
		"properties": object{
			"count": object{"type": "integer"}, "name": object{"type": "string"}, "extra": object{"type": "string"},
			"when": object{"type": []string{"integer", "null"}}, "next": object{"$ref": "#/components/schemas/Inner"},
			"lists": object{"type": "object", "additionalProperties": texts}, "any": object{},
			"status": object{"type": "string"}, "statusClearAt": object{"type": []string{"integer", "null"}},
			"statusIcon": object{"type": []string{"string", "null"}}, "statusMessage": object{"type": []string{"string", "null"}},
		},
	}
	if got := s.components["Outer"]; !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	got := s.of(object{"one": maybe{0}, "two": byName{true}, "none": nil})
	want = object{
		"type": "object", "required": []string{"none", "two"},
		"properties": object{
			"one": object{"type": "integer"}, "none": object{"type": "null"},
			"two": object{"type": "object", "additionalProperties": object{"type": "boolean"}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
}
