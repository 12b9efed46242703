package talktest

import (
	"encoding/json"
	"net/http"
	"testing"
)

// Reply is the answer to a request.
type Reply struct {
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	Header http.Header
	Body   []byte
	// Meta and Data are the two parts of an OCS envelope; Data is nil without one.
	Meta Meta
	Data json.RawMessage

	t       testing.TB
	request string
}

// Meta is the head of an OCS envelope.
type Meta struct {
	Status     string `json:"status"`
	StatusCode int    `json:"statuscode"`
	Message    string `json:"message"`
}

// Object is a JSON object of an answer.
type Object map[string]any

// Text returns a field that is a string, "" for another one.
func (o Object) Text(field string) string {
	text, _ := o[field].(string)
	return text
}

// Number returns a field that is a whole number, 0 for another one.
func (o Object) Number(field string) int64 {
	number, _ := o[field].(float64)
	return int64(number)
}

// Open takes the answer of a hand-made request out of its envelope, if it has one.
func (r *Reply) Open() *Reply {
	var envelope struct {
		OCS struct {
			Meta Meta            `json:"meta"`
			Data json.RawMessage `json:"data"`
		} `json:"ocs"`
	}
	if json.Unmarshal(r.Body, &envelope) == nil {
		r.Meta, r.Data = envelope.OCS.Meta, envelope.OCS.Data
	}
	return r
}

// Expect ends the test unless the answer has the HTTP status. Goroutines of a test
// look at Status instead.
func (r *Reply) Expect(status int) *Reply {
	r.t.Helper()
	if r.Status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.request, r.Status, status, r.Body)
	}
	return r
}

// OK ends the test unless the request succeeded with 200.
func (r *Reply) OK() *Reply {
	r.t.Helper()
	return r.Expect(http.StatusOK)
}

// Created ends the test unless the request succeeded with 201.
func (r *Reply) Created() *Reply {
	r.t.Helper()
	return r.Expect(http.StatusCreated)
}

// Fails ends the test unless the answer has the HTTP status and this reason as the
// field error of its data; "" stands for an answer without a reason.
func (r *Reply) Fails(status int, reason string) *Reply {
	r.t.Helper()
	r.Expect(status)
	var data Object
	if json.Unmarshal(r.Data, &data) != nil {
		data = nil // null, or a list
	}
	if got := data.Text("error"); got != reason {
		r.t.Fatalf("%s: error %q, want %q: %s", r.request, got, reason, r.Body)
	}
	return r
}

// Object returns the data of an answer that is one object.
func (r *Reply) Object() Object {
	r.t.Helper()
	return Decode[Object](r)
}

// List returns the data of an answer that is a list of objects.
func (r *Reply) List() []Object {
	r.t.Helper()
	return Decode[[]Object](r)
}

// Text returns a string of an answer that is one object, like its token.
func (r *Reply) Text(field string) string {
	r.t.Helper()
	return r.Object().Text(field)
}

// Number returns a whole number of an answer that is one object.
func (r *Reply) Number(field string) int64 {
	r.t.Helper()
	return r.Object().Number(field)
}

// Decode returns the data of an answer as T and ends the test when it is none.
func Decode[T any](r *Reply) T {
	r.t.Helper()
	var value T
	if err := json.Unmarshal(r.Data, &value); err != nil {
		r.t.Fatalf("%s: the data is no %T: %v: %s", r.request, value, err, r.Body)
	}
	return value
}
