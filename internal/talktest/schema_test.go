package talktest_test

import (
	"testing"

	"parley/internal/talktest"
)

const tinyDocument = `{
	"paths": {
		"/room/{token}": {"get": {
			"parameters": [{"name": "token", "in": "path", "schema": {"type": "string", "pattern": "^[a-z]+$"}}],
			"responses": {"200": {"$ref": "#/components/responses/room"}, "304": {}, "default": {"content": {"application/json": {"schema": {"type": "null"}}}}}
		}},
		"/room/self": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "boolean"}}}}}}}
	},
	"components": {
		"schemas": {"name": {"anyOf": [{"type": ["string", "null"]}, {"type": "array", "maxItems": 1, "items": {"type": "integer"}}]}},
		"responses": {"room": {"content": {"application/json": {"schema": {
			"type": "object", "required": ["name"],
			"properties": {"name": {"$ref": "#/components/schemas/name"}, "more": {"type": "object", "additionalProperties": {"type": "integer"}}}
		}}}}}
	}
}`

func TestCheck(t *testing.T) {
	document, err := talktest.ParseDocument([]byte(tinyDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path   string
		status int
		body   string
		ok     bool
	}{
		{"/room/abc", 200, `{"name":"x"}`, true},
		{"/room/abc", 200, `{"name":null}`, true},
		{"/room/abc", 200, `{"name":[7],"more":{"a":1}}`, true},
		{"/room/abc", 200, `{"name":[7,8]}`, false},
		{"/room/abc", 200, `{"name":[1.5]}`, false},
		{"/room/abc", 200, `{"name":5}`, false},
		{"/room/abc", 200, `{"name":"x","more":{"a":"1"}}`, false},
		{"/room/abc", 200, `{"name":"x","other":1}`, false},
		{"/room/abc", 200, `{}`, false},
		{"/room/abc", 200, `[]`, false},
		{"/room/abc", 200, ``, false},
		{"/room/abc", 304, ``, true},
		{"/room/abc", 304, `1`, false},
		{"/room/abc", 404, `null`, false},
		{"/room/abc", 500, `null`, true},
		{"/room/abc", 500, `1`, false},
		{"/room/self", 200, `true`, true},
		{"/room/self", 200, `{"name":"x"}`, false},
		{"/room/ABC", 200, `{"name":"x"}`, false},
		{"/room/ABC", 404, `1`, true},
		{"/room", 404, `1`, true},
	} {
		if err := document.Check("GET", c.path, c.status, []byte(c.body)); (err == nil) != c.ok {
			t.Errorf("%s %d %s: %v", c.path, c.status, c.body, err)
		}
	}
}
