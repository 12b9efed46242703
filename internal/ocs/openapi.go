package ocs

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"parley/internal/auth"
)

// aboutAPI is what the document says to people before the details.
const aboutAPI = `Conversations and their participants in the protocol of Nextcloud Talk, with the parts of the platform that its clients need.

Every path also works below /ocs/v1.php, where failures keep the HTTP status 200 (but 401 stays) and the envelope has the real one, and below /index.php. Answers are XML unless the request has "Accept: application/json" or format=json, which this document asks for, so that clients made from it get JSON without headers of their own; both have the same envelope. Parameters may be in the query, in a form or in a JSON body; a name in the body wins.`

// About is what the document says of the server as a whole.
type About struct {
	// Version is that of Talk.
	Version string
	// Place is the path on its host that the server is reached at, Cookie the name of
	// its cookie.
	Place, Cookie string
	Glossary      Glossary
}

// OpenAPI returns a description of the whole API in OpenAPI 3.1, as JSON. It is
// made from the route tables and the types that answers are written from.
func OpenAPI(about About, tables []Table) ([]byte, error) {
	d := &document{
		schemas:   schemas{components: Object{}, vague: map[reflect.Type]any{}, glossary: about.Glossary},
		responses: Object{},
	}
	paths, tags := map[string]Object{}, []Object{}
	for i := range tables {
		t := &tables[i]
		maps.Copy(d.vague, t.Vague)
		for _, topic := range t.Topics {
			tags = append(tags, Object{"name": topic.Name})
		}
		for _, row := range Expand(t.Rows) {
			path := row.FullPath()
			if paths[path] == nil {
				paths[path] = Object{}
			}
			topic, doc := t.docOf(row)
			paths[path][strings.ToLower(row.Method)] = d.operation(row, topic, &doc)
		}
	}
	return json.Marshal(Object{
		"openapi": "3.1.0",
		"info":    Object{"title": "parley", "version": about.Version, "description": aboutAPI},
		"servers": []Object{
			{"url": about.Place + "/ocs/v2.php", "description": "Status codes are those of HTTP."},
			{"url": about.Place + "/ocs/v1.php", "description": "Status codes are in the envelope."},
		},
		"tags":  tags,
		"paths": paths,
		"components": Object{
			"schemas": d.components, "responses": d.responses, "parameters": sharedParams,
			"securitySchemes": securitySchemes(about.Cookie),
		},
	})
}

// securitySchemes are the ways to log in.
func securitySchemes(cookie string) Object {
	return Object{
		"basic":  Object{"type": "http", "scheme": "basic", "description": "A user id with its password or an app password."},
		"bearer": Object{"type": "http", "scheme": "bearer", "description": "An app password."},
		"cookie": Object{"type": "apiKey", "in": "cookie", "name": cookie, "description": "The session of a browser or of a guest."},
	}
}

// sharedParams are parameters that rows share.
var sharedParams = Object{
	"format": Object{
		"name": "format", "in": "query", "required": true, "schema": Object{"enum": []string{"json"}, "default": "json"},
		"example":     "json",
		"description": "Makes the answer JSON. A request with \"Accept: application/json\" does not need it.",
	},
	"proof": Object{
		"name": "OCS-APIRequest", "in": "header", "required": true, "schema": Object{"const": "true"},
		"description": "Proves that no foreign page caused the request.",
	},
	"random": Object{
		"name": "Talk-SIPBridge-Random", "in": "header", "schema": Object{"type": "string"},
		"description": "Random text of a SIP bridge, at least 32 characters.",
	},
	"checksum": Object{
		"name": "Talk-SIPBridge-Checksum", "in": "header", "schema": Object{"type": "string"},
		"description": "HMAC-SHA256 in hex of the random text and the token, number or PIN, with the shared secret.",
	},
}

// document is an OpenAPI document in the making.
type document struct {
	schemas
	responses Object
}

func (d *document) operation(r *Route, topic string, doc *Doc) Object {
	op := Object{
		"operationId": operationID(r), "summary": doc.Summary, "description": r.description(),
		"tags":     []string{topic},
		"security": security(r), "parameters": d.parameters(r), "responses": d.answers(r, doc),
	}
	if body := d.body(r); body != nil {
		op["requestBody"] = body
	}
	return op
}

// operationID is the name of the handler; the old API versions have theirs behind it.
func operationID(r *Route) string {
	name := strings.TrimSuffix(r.Handler.Name, "Legacy")
	if r.Legacy() {
		name += "V" + strconv.Itoa(r.Version)
	}
	return name
}

func security(r *Route) []Object {
	ways := []Object{{"basic": []string{}}, {"bearer": []string{}}, {"cookie": []string{}}}
	if !r.Rules.needsLogin() {
		ways = append(ways, Object{})
	}
	return ways
}

// inBody reports whether parameters are documented as part of the body.
func (r *Route) inBody() bool { return r.Method == http.MethodPost || r.Method == http.MethodPut }

// parameters are all that are not in the body.
func (d *document) parameters(r *Route) []Object {
	out := []Object{}
	for segment := range strings.SplitSeq(r.Path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			out = append(out, d.pathParameter(r, strings.TrimSuffix(name, "}")))
		}
	}
	if r.Handler.input != nil && !r.inBody() {
		for _, f := range planOf(r.Handler.input) {
			out = append(out, d.queryParameter(r, &f))
		}
	}
	out = append(out, Object{"$ref": "#/components/parameters/format"})
	if !r.Rules.has(Unproven) {
		out = append(out, Object{"$ref": "#/components/parameters/proof"})
	}
	if r.counts(auth.ActionSIPSecret) {
		out = append(out, Object{"$ref": "#/components/parameters/random"}, Object{"$ref": "#/components/parameters/checksum"})
	}
	return out
}

func (d *document) pathParameter(r *Route, name string) Object {
	schema := Object{"type": "string", "minLength": 1}
	if f, ok := forms[name]; ok {
		schema = Object{"type": "string", "pattern": f.pattern}
	}
	term, _ := d.glossary.of(r.Handler.Name, name)
	return Object{
		"name": name, "in": "path", "required": true, "schema": schema,
		"description": term.Text, "example": term.Example,
	}
}

// queryParameter writes lists with brackets, as forms do.
func (d *document) queryParameter(r *Route, f *paramField) Object {
	name := f.names[0]
	term, _ := d.glossary.of(r.Handler.Name, name)
	if f.typ == stringListType {
		name += "[]"
	}
	schema := d.ofParam(f)
	return Object{
		"name": name, "in": "query", "required": f.required, "schema": term.explain(schema),
		"description": schema["description"], "example": term.Example,
	}
}

// body is the request body, nil for rows without one. Its example has what is
// required, and what the glossary explains for the handler alone.
func (d *document) body(r *Route) Object {
	if r.Handler.input == nil || !r.inBody() {
		return nil
	}
	properties, required, example := Object{}, []string{}, Object{}
	for _, f := range planOf(r.Handler.input) {
		name := f.names[0]
		term, own := d.glossary.of(r.Handler.Name, name)
		properties[name] = term.explain(d.ofParam(&f))
		if f.required {
			required = append(required, name)
		}
		if f.required || own {
			example[name] = term.Example
		}
	}
	contentType := "application/json"
	if upload := r.Handler.upload; upload != "" {
		contentType = "multipart/form-data"
		term, _ := d.glossary.of(r.Handler.Name, strings.TrimSuffix(upload, "[]"))
		properties[upload] = term.explain(Object{"type": "string", "contentMediaType": "application/octet-stream"})
		required = append(required, upload)
		example[upload] = term.Example
	}
	return Object{"required": len(required) > 0, "content": Object{
		contentType: Object{"schema": structure(properties, required), "example": example},
	}}
}

func content(contentType string, schema Object) Object {
	return Object{contentType: Object{"schema": schema}}
}

// answers are the responses of a row by status.
func (d *document) answers(r *Route, doc *Doc) Object {
	out := Object{}
	for _, status := range append([]int{statusOK}, doc.Also...) {
		out[strconv.Itoa(status)] = d.success(status, r, doc)
	}
	own := map[int]any{}
	for kind, data := range doc.FailsWith {
		own[statuses[kind]] = data
	}
	for _, status := range r.expected(doc) {
		response := d.failureOf
		if data, ok := own[status]; ok {
			response = func(status int) Object {
				return Object{
					"description": meanings[status], "content": content("application/json", d.envelope(d.failureData(data))),
				}
			}
		}
		out[strconv.Itoa(status)] = response(status)
	}
	out["default"] = d.response("Failure", "The server could not answer", d.envelope(d.failureData()))
	return out
}

func (d *document) success(status int, r *Route, doc *Doc) Object {
	out := Object{"description": http.StatusText(status)}
	if _, streamed := doc.Answers.of(r).(Stream); streamed && status == statusOK {
		out["content"] = content("text/event-stream", Object{"type": "string"})
	} else if file, ok := doc.Answers.of(r).(File); ok {
		out["content"] = content(file.Type, Object{"type": "string", "format": "binary"})
	} else if hasBody(status) {
		out["content"] = content("application/json", d.inEnvelope(doc.Answers.of(r), r))
	}
	return out
}

// inEnvelope returns the schema of a whole answer. No data is null in Talk and
// an empty list elsewhere.
func (d *document) inEnvelope(example any, r *Route) Object {
	switch {
	case example != nil:
		return d.envelope(d.of(example))
	case r.Version == 0 || r.Legacy():
		return d.envelope(Object{"type": "array", "maxItems": 0})
	}
	return d.envelope(Object{"type": "null"})
}

// failureOf refers to what failures with a status have in common.
func (d *document) failureOf(status int) Object {
	schema := d.envelope(d.failureData())
	if withoutEnvelope(status) {
		alone := structure(Object{"message": Object{"type": "string"}}, []string{"message"})
		schema = Object{"anyOf": []Object{schema, alone}}
	}
	return d.response("Failure"+strconv.Itoa(status), meanings[status], schema)
}

// failureData returns the schema of the data of failures: the reason, data like the
// examples, or nothing.
func (d *document) failureData(examples ...any) Object {
	options := []Object{d.of(ErrorData{})}
	for _, example := range examples {
		options = append(options, d.of(example))
	}
	return Object{"anyOf": append(options, Object{"type": "array", "maxItems": 0}, Object{"type": "null"})}
}

// response refers to a response that operations share.
func (d *document) response(name, text string, schema Object) Object {
	d.responses[name] = Object{"description": text, "content": content("application/json", schema)}
	return Object{"$ref": "#/components/responses/" + name}
}

// envelope returns the schema of data in its envelope.
func (d *document) envelope(data Object) Object {
	meta := d.of(metaData{})
	return structure(Object{"ocs": structure(Object{"meta": meta, "data": data}, []string{"meta", "data"})}, []string{"ocs"})
}

// metaData is the head of an envelope, which renderJSON writes. The last two are
// those of v1.php.
type metaData struct {
	Status       string `json:"status"`
	StatusCode   int    `json:"statuscode"`
	Message      string `json:"message"`
	TotalItems   string `json:"totalitems,omitempty"`
	ItemsPerPage string `json:"itemsperpage,omitempty"`
}
