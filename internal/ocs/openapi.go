package ocs

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// aboutAPI is what the document says to people before the details.
const aboutAPI = `Conversations and their participants in the protocol of Nextcloud Talk, with the parts of the platform that its clients need.

Every path also works below /ocs/v1.php, where failures keep the HTTP status 200 (but 401 stays) and the envelope has the real one, and below /index.php. Answers are XML unless the request has "Accept: application/json" or format=json; both have the same envelope. Parameters may be in the query, in a form or in a JSON body; a name in the body wins.`

// OpenAPI returns a description of the whole API in OpenAPI 3.1, as JSON. It is
// made from the route table and the types that answers are written from. place is the
// path on its host that the server is reached at, cookie the name of its cookie.
func OpenAPI(place, cookie string) ([]byte, error) {
	d := &document{schemas: schemas{object{}}, responses: object{}}
	paths := map[string]object{}
	rows := routes()
	for i := range rows {
		for _, row := range rows[i].expand() {
			path := row.fullPath()
			if paths[path] == nil {
				paths[path] = object{}
			}
			paths[path][strings.ToLower(row.method)] = d.operation(row)
		}
	}
	return json.Marshal(object{
		"openapi": "3.1.0",
		"info":    object{"title": "parley", "version": talkVersion, "description": aboutAPI},
		"servers": []object{
			{"url": place + "/ocs/v2.php", "description": "Status codes are those of HTTP."},
			{"url": place + "/ocs/v1.php", "description": "Status codes are in the envelope."},
		},
		"tags":  topics(rows),
		"paths": paths,
		"components": object{
			"schemas": d.components, "responses": d.responses, "parameters": headerParams, "securitySchemes": securitySchemes(cookie),
		},
	})
}

// topics are the tags of the rows in the order of the table.
func topics(rows []route) []object {
	var out []object
	for i := range rows {
		if i == 0 || rows[i].topic != rows[i-1].topic {
			out = append(out, object{"name": rows[i].topic})
		}
	}
	return out
}

// securitySchemes are the ways to log in.
func securitySchemes(cookie string) object {
	return object{
		"basic":  object{"type": "http", "scheme": "basic", "description": "A user id with its password or an app password."},
		"bearer": object{"type": "http", "scheme": "bearer", "description": "An app password."},
		"cookie": object{"type": "apiKey", "in": "cookie", "name": cookie, "description": "The session of a browser or of a guest."},
	}
}

// headerParams are request headers that rows share.
var headerParams = object{
	"proof": object{
		"name": "OCS-APIRequest", "in": "header", "required": true, "schema": object{"const": "true"},
		"description": "Proves that no foreign page caused the request.",
	},
	"random": object{
		"name": "Talk-SIPBridge-Random", "in": "header", "schema": object{"type": "string"},
		"description": "Random text of a SIP bridge, at least 32 characters.",
	},
	"checksum": object{
		"name": "Talk-SIPBridge-Checksum", "in": "header", "schema": object{"type": "string"},
		"description": "HMAC-SHA256 in hex of the random text and the token, number or PIN, with the shared secret.",
	},
}

// patterns are the forms of path values that wildcardForm accepts; all others
// are any text.
var patterns = map[string]string{"token": "^[a-z0-9]{4,30}$", "pin": "^[0-9]{7,32}$", "mode": "^(call|default)$"}

// document is an OpenAPI document in the making.
type document struct {
	schemas
	responses object
}

func (d *document) operation(r *route) object {
	op := object{
		"operationId": operationID(r), "summary": r.doc, "tags": []string{r.topic},
		"security": security(r), "parameters": d.parameters(r), "responses": d.answers(r),
	}
	if body := d.body(r); body != nil {
		op["requestBody"] = body
	}
	return op
}

// operationID is the method with the words of the path.
func operationID(r *route) string {
	words := strings.FieldsFunc(r.fullPath(), func(c rune) bool { return strings.ContainsRune("/{}", c) })
	return strings.ToLower(r.method) + "-" + strings.Join(words, "-")
}

func security(r *route) []object {
	ways := []object{{"basic": []string{}}, {"bearer": []string{}}, {"cookie": []string{}}}
	if r.access == public {
		ways = append(ways, object{})
	}
	return ways
}

// inBody reports whether parameters are documented as part of the body.
func (r *route) inBody() bool { return r.method == http.MethodPost || r.method == http.MethodPut }

// parameters are all that are not in the body.
func (d *document) parameters(r *route) []object {
	out := []object{}
	for segment := range strings.SplitSeq(r.path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			out = append(out, pathParameter(strings.TrimSuffix(name, "}")))
		}
	}
	if r.handler.input != nil && !r.inBody() {
		for _, f := range planOf(r.handler.input) {
			out = append(out, d.queryParameter(&f))
		}
	}
	if !r.open {
		out = append(out, object{"$ref": "#/components/parameters/proof"})
	}
	if slices.Contains(r.protect, sipAction) {
		out = append(out, object{"$ref": "#/components/parameters/random"}, object{"$ref": "#/components/parameters/checksum"})
	}
	return out
}

func pathParameter(name string) object {
	schema := object{"type": "string", "minLength": 1}
	if pattern, ok := patterns[name]; ok {
		schema = object{"type": "string", "pattern": pattern}
	}
	return object{"name": name, "in": "path", "required": true, "schema": schema}
}

// queryParameter writes lists with brackets, as forms do.
func (d *document) queryParameter(f *paramField) object {
	name := f.names[0]
	if f.typ == stringListType {
		name += "[]"
	}
	return object{"name": name, "in": "query", "required": f.required, "schema": d.ofParam(f)}
}

// body is the request body, nil for rows without one.
func (d *document) body(r *route) object {
	if r.handler.input == nil || !r.inBody() {
		return nil
	}
	properties, required := object{}, []string{}
	for _, f := range planOf(r.handler.input) {
		properties[f.names[0]] = d.ofParam(&f)
		if f.required {
			required = append(required, f.names[0])
		}
	}
	contentType := "application/json"
	if r.upload != "" {
		contentType = "multipart/form-data"
		properties[r.upload] = object{"type": "string", "contentMediaType": "application/octet-stream"}
		required = append(required, r.upload)
	}
	return object{"required": len(required) > 0, "content": content(contentType, structure(properties, required))}
}

func content(contentType string, schema object) object {
	return object{contentType: object{"schema": schema}}
}

// answers are the responses of a row by status.
func (d *document) answers(r *route) object {
	out := object{}
	for _, status := range append([]int{statusOK}, r.also...) {
		out[strconv.Itoa(status)] = d.success(status, r)
	}
	for _, status := range r.expected() {
		out[strconv.Itoa(status)] = d.failureOf(status)
	}
	out["default"] = d.response("Failure", "The server could not answer", d.envelope(d.failureData(0)))
	return out
}

func (d *document) success(status int, r *route) object {
	out := object{"description": http.StatusText(status)}
	if hasBody(status) {
		out["content"] = content("application/json", d.inEnvelope(r.answers.of(r), r))
	}
	return out
}

// inEnvelope returns the schema of a whole answer. No data is null in Talk and
// an empty list elsewhere.
func (d *document) inEnvelope(example any, r *route) object {
	switch {
	case example != nil:
		return d.envelope(d.of(example))
	case r.version == 0 || r.legacy():
		return d.envelope(object{"type": "array", "maxItems": 0})
	}
	return d.envelope(object{"type": "null"})
}

// failureOf refers to what failures with a status have in common.
func (d *document) failureOf(status int) object {
	schema := d.envelope(d.failureData(status))
	if withoutEnvelope(status) {
		alone := structure(object{"message": object{"type": "string"}}, []string{"message"})
		schema = object{"anyOf": []object{schema, alone}}
	}
	return d.response("Failure"+strconv.Itoa(status), meanings[status], schema)
}

// failureData returns the schema of the data of failures.
func (d *document) failureData(status int) object {
	options := []object{}
	for _, example := range failureShapes(status) {
		options = append(options, d.of(example))
	}
	return object{"anyOf": append(options, object{"type": "array", "maxItems": 0}, object{"type": "null"})}
}

// response refers to a response that operations share.
func (d *document) response(name, text string, schema object) object {
	d.responses[name] = object{"description": text, "content": content("application/json", schema)}
	return object{"$ref": "#/components/responses/" + name}
}

// envelope returns the schema of data in its envelope.
func (d *document) envelope(data object) object {
	meta := d.of(metaData{})
	return structure(object{"ocs": structure(object{"meta": meta, "data": data}, []string{"meta", "data"})}, []string{"ocs"})
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
