package ocs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// format is the encoding of an answer. XML is what a client gets that does not
// ask for JSON.
type format int

const (
	formatXML format = iota
	formatJSON
)

func (f format) contentType() string {
	if f == formatJSON {
		return "application/json; charset=utf-8"
	}
	return "application/xml; charset=utf-8"
}

// chooseFormat follows the parameter format if there is one, else the first
// Accept item that starts with application/. Formats that do not exist here
// mean XML.
func chooseFormat(r *http.Request, p params) format {
	if name := p.text("format"); name != "" {
		return formatNamed(name)
	}
	for _, line := range r.Header["Accept"] {
		for item := range strings.SplitSeq(line, ",") {
			mediaType, _, _ := strings.Cut(item, ";")
			if name, ok := strings.CutPrefix(strings.TrimSpace(mediaType), "application/"); ok {
				return formatNamed(name)
			}
		}
	}
	return formatXML
}

func formatNamed(name string) format {
	if strings.EqualFold(strings.TrimSpace(name), "json") {
		return formatJSON
	}
	return formatXML
}

// answer is what an endpoint or a guard has to say.
type answer struct {
	// status is the HTTP status (100–999) of the answer on v2.php.
	status int
	// statusCode is meta.statuscode; 0 means the one that goes with status.
	statusCode int
	// message is meta.message of a failure; a success always says "OK".
	message string
	// data is anything encoding/json can write. The bytes of a
	// json.RawMessage go out as they are.
	data any
}

// Status codes of OCS that are no HTTP status.
const (
	codeOK            = 100 // success on v1.php
	codeServerError   = 996
	codeNotAuthorised = 997
)

// meta is the resolved head of an envelope.
type meta struct {
	version    int
	httpStatus int
	ok         bool
	code       int
	message    string
}

// metaOf applies the rules of the two entry points: v2.php says the same in the
// HTTP status and in the envelope, v1.php keeps HTTP at 200 except for callers
// that have to log in, and knows no success but 100.
func metaOf(version int, a answer) meta {
	m := meta{version: version, httpStatus: a.status, code: a.statusCode, message: a.message}
	if m.code == 0 {
		m.code = a.status
	}
	if version == 1 {
		if a.status != http.StatusNotModified { // which has no envelope that could tell
			m.httpStatus = http.StatusOK
		}
		if a.statusCode == codeNotAuthorised {
			m.httpStatus = http.StatusUnauthorized
		}
		if m.code == http.StatusOK {
			m.code = codeOK
		}
		m.ok = m.code == codeOK
	} else {
		m.ok = m.code >= 200 && m.code < 300
	}
	if m.ok {
		m.message = "OK"
	}
	return m
}

func (m meta) status() string {
	if m.ok {
		return "ok"
	}
	return "failure"
}

// buffers keeps the memory of written answers for the next ones.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled is the size in bytes above which a buffer is not kept, so that one
// huge answer does not occupy memory for ever.
const maxPooled = 1 << 20

// writeAnswer writes a in the envelope of the OCS version 1 or 2. An error
// means that the data could not be encoded, and that the client has been told
// of an internal error instead; it belongs in the log. A client that went away
// is no error.
func writeAnswer(w http.ResponseWriter, f format, version int, a answer) error {
	m := metaOf(version, a)
	setFixedHeaders(w.Header())
	if _, none := a.data.(NoBody); none || m.httpStatus == http.StatusNoContent || m.httpStatus == http.StatusNotModified {
		w.WriteHeader(m.httpStatus)
		return nil
	}
	buf := buffers.Get().(*bytes.Buffer)
	defer release(buf)
	err := render(buf, f, m, a.data)
	if err != nil {
		err = fmt.Errorf("encode answer: %w", err)
		m = metaOf(version, answer{
			status:     http.StatusInternalServerError,
			statusCode: codeServerError,
			message:    "Internal Server Error\n",
		})
		buf.Reset()
		if again := render(buf, f, m, json.RawMessage("[]")); again != nil {
			return again
		}
	}
	writeBody(w, m.httpStatus, f.contentType(), buf.Bytes())
	return err
}

func release(buf *bytes.Buffer) {
	if buf.Cap() <= maxPooled {
		buf.Reset()
		buffers.Put(buf)
	}
}

func render(buf *bytes.Buffer, f format, m meta, data any) error {
	if f == formatXML {
		return renderXML(buf, m, data)
	}
	return renderJSON(buf, m, data)
}

func renderJSON(buf *bytes.Buffer, m meta, data any) error {
	message := []byte(`"OK"`)
	if !m.ok {
		var err error
		if message, err = json.Marshal(m.message); err != nil {
			return err
		}
	}
	buf.WriteString(`{"ocs":{"meta":{"status":"`)
	buf.WriteString(m.status())
	buf.WriteString(`","statuscode":`)
	buf.Write(strconv.AppendInt(buf.AvailableBuffer(), int64(m.code), 10))
	buf.WriteString(`,"message":`)
	buf.Write(message)
	if m.version == 1 {
		buf.WriteString(`,"totalitems":"","itemsperpage":""`)
	}
	buf.WriteString(`},"data":`)
	raw, err := rawJSON(data)
	if err != nil {
		return err
	}
	buf.Write(raw)
	buf.WriteString("}}")
	return nil
}

// rawJSON returns data as JSON: a json.RawMessage unseen, and an empty one as
// null.
func rawJSON(data any) (json.RawMessage, error) {
	raw, ok := data.(json.RawMessage)
	if !ok {
		return json.Marshal(data)
	}
	if len(raw) == 0 {
		return json.RawMessage("null"), nil
	}
	return raw, nil
}

// setFixedHeaders sets what every OCS answer carries: nothing is cached, and a
// browser that is led to show an answer runs nothing from it.
func setFixedHeaders(h http.Header) {
	for i := range fixedHeaders {
		h[fixedHeaders[i].name] = fixedHeaders[i].values
	}
}

// fixedHeaders are shared by all answers, which never write into the values.
var fixedHeaders = []struct {
	name   string
	values []string
}{
	{"Cache-Control", []string{"no-cache, no-store, must-revalidate"}},
	{"Content-Security-Policy", []string{"default-src 'none';base-uri 'none';manifest-src 'self';frame-ancestors 'none'"}},
	{"Feature-Policy", []string{"camera 'none';geolocation 'none';microphone 'none'"}},
	{"X-Robots-Tag", []string{"noindex, nofollow"}},
}

func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	if status == http.StatusNoContent || status == http.StatusNotModified {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// A failed write means that the client is gone: nobody is left to tell.
	_, _ = w.Write(body)
}

// writeCSRFFailure answers a request that brought no proof of being meant. The
// answer has no envelope, in either format and on either entry point.
func writeCSRFFailure(w http.ResponseWriter) {
	setFixedHeaders(w.Header())
	writeBody(w, http.StatusPreconditionFailed, formatJSON.contentType(), []byte(`{"message":"CSRF check failed"}`))
}

// writeMethodNotAllowed answers a known path with a wrong verb: no body. The
// caller may have set Allow.
func writeMethodNotAllowed(w http.ResponseWriter, f format) {
	setFixedHeaders(w.Header())
	writeBody(w, http.StatusMethodNotAllowed, f.contentType(), nil)
}
