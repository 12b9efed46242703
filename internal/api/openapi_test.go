package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"parley/internal/api"
	"parley/internal/ocs"
	"parley/internal/talktest"
)

// parsedDocument is what clients get.
func parsedDocument(t *testing.T) map[string]any {
	t.Helper()
	text, err := api.OpenAPI("", "cookie")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	return root
}

// rows are all rows of all tables, one per API version.
func rows() (all []*ocs.Route) {
	for _, t := range api.Tables(api.Services{}, nil) {
		all = append(all, ocs.Expand(t.Rows)...)
	}
	return all
}

// Every row has one description, and every description a row.
func TestRowsAreDescribed(t *testing.T) {
	for _, table := range api.Tables(api.Services{}, nil) {
		described := map[string]int{}
		for _, topic := range table.Topics {
			for name, doc := range topic.Operations {
				described[name]++
				if doc.Summary == "" || topic.Name == "" || strings.HasSuffix(doc.Summary, ".") {
					t.Errorf("%s: summary %q, topic %q", name, doc.Summary, topic.Name)
				}
			}
		}
		used := map[string]int{}
		for _, row := range table.Rows {
			used[row.Handler.Name]++
			if name := row.Handler.Name; described[name] != 1 || used[name] != 1 {
				t.Errorf("%s %s: %q has %d descriptions and %d rows", row.Method, row.Path, name, described[name], used[name])
			}
		}
		for name := range described {
			if used[name] == 0 {
				t.Errorf("%s has a description and no row", name)
			}
		}
	}
}

func TestDocumentHasEveryRoute(t *testing.T) {
	paths := parsedDocument(t)["paths"].(map[string]any)
	ids := map[string]bool{}
	want := 0
	for _, r := range rows() {
		want++
		item, _ := paths[r.FullPath()].(map[string]any)
		op, _ := item[strings.ToLower(r.Method)].(map[string]any)
		id, _ := op["operationId"].(string)
		if op == nil || id == "" || ids[id] {
			t.Errorf("%s %s: operation %q", r.Method, r.FullPath(), id)
		}
		ids[id] = true
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

// Whatever a client can send is explained, with an example that is possible.
func TestParametersAreExplained(t *testing.T) {
	text, err := api.OpenAPI("", "cookie")
	if err != nil {
		t.Fatal(err)
	}
	document, err := talktest.ParseDocument(text)
	if err != nil {
		t.Fatal(err)
	}
	check := func(where string, description, schema, example any) {
		if d, _ := description.(string); d == "" {
			t.Errorf("%s has no description", where)
		}
		if example == nil {
			t.Errorf("%s has no example", where)
			return
		}
		if err := document.Matches(schema.(map[string]any), example); err != nil {
			t.Errorf("%s: example %v: %v", where, example, err)
		}
	}
	examples := 0
	for path, item := range parsedDocument(t)["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			where := method + " " + path
			op := op.(map[string]any)
			if d, _ := op["description"].(string); d == "" {
				t.Errorf("%s has no description", where)
			}
			for _, p := range op["parameters"].([]any) {
				if p := p.(map[string]any); p["name"] != nil {
					check(fmt.Sprint(where, " ", p["name"]), p["description"], p["schema"], p["example"])
				}
			}
			body, _ := op["requestBody"].(map[string]any)
			if body == nil {
				continue
			}
			examples++
			for _, content := range body["content"].(map[string]any) {
				content := content.(map[string]any)
				check(where+" body", "a body", content["schema"], content["example"])
				for name, schema := range content["schema"].(map[string]any)["properties"].(map[string]any) {
					if d, _ := schema.(map[string]any)["description"].(string); d == "" {
						t.Errorf("%s: %s has no description", where, name)
					}
				}
			}
		}
	}
	if examples < 40 {
		t.Errorf("only %d bodies", examples)
	}
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
	want := `{"content":{"application/json":{"example":{"newParticipant":"bob"},"schema":{"properties":{` +
		`"newParticipant":{"description":"Id of whom to add, in the terms of the source.","type":"string"},` +
		`"source":{"default":"users","description":"What kind of participant: users, groups, teams (or circles), emails or phones.",` +
		`"type":"string"}},"required":["newParticipant"],"type":"object"}}},"required":true}`
	if err != nil || string(text) != want {
		t.Errorf("body %s, want %s: %v", text, want, err)
	}
}
