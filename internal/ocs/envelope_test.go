package ocs

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestChooseFormat(t *testing.T) {
	tests := []struct {
		query, body string
		accept      []string
		want        format
	}{
		{"", "", nil, formatXML},
		{"format=json", "", nil, formatJSON},
		{"format=JSON", "", nil, formatJSON},
		{"format=json", "", []string{"application/xml"}, formatJSON},
		{"format=xml", "", []string{"application/json"}, formatXML},
		{"format=foo", "", []string{"application/json"}, formatXML},
		{"format=", "", []string{"application/json"}, formatJSON},
		{"format[]=json", "", []string{"application/json"}, formatJSON},
		{"format=xml", `{"format":"json"}`, nil, formatJSON},
		{"", "", []string{"application/json"}, formatJSON},
		{"", "", []string{"application/json;q=0.9"}, formatJSON},
		{"", "", []string{"text/html, application/json, text/plain, */*"}, formatJSON},
		{"", "", []string{"application/xml, application/json"}, formatXML},
		{"", "", []string{"application/json, application/xml"}, formatJSON},
		{"", "", []string{"text/html", "application/json"}, formatJSON},
		{"", "", []string{"application/foo"}, formatXML},
		{"", "", []string{"text/html"}, formatXML},
		{"", "", []string{"*/*"}, formatXML},
		{"", "", []string{"text/application/json"}, formatXML},
	}
	for _, tt := range tests {
		r := request("POST", tt.query, typeJSON, tt.body)
		r.Header["Accept"] = tt.accept
		if got := chooseFormat(r, mustRead(t, r)); got != tt.want {
			t.Errorf("query %q, body %q, Accept %q: format %d, want %d", tt.query, tt.body, tt.accept, got, tt.want)
		}
	}
}

// TestEnvelope compares whole answers, in both formats and versions.
func TestEnvelope(t *testing.T) {
	tests := []struct {
		name       string
		answer     answer
		status     [3]int // HTTP, by version
		v1, v2     string // meta as JSON, without the v1 constants
		data, text string // data as JSON and as XML
	}{
		{"ok", answer{status: 200, data: []string{}}, [3]int{0, 200, 200},
			`"ok","statuscode":100,"message":"OK"`, `"ok","statuscode":200,"message":"OK"`, `[]`, ` <data/>`},
		{"ok ignores message", answer{status: 200, message: "x"}, [3]int{0, 200, 200},
			`"ok","statuscode":100,"message":"OK"`, `"ok","statuscode":200,"message":"OK"`, `null`, ` <data/>`},
		{"created", answer{status: 201, data: 1}, [3]int{0, 200, 201},
			`"failure","statuscode":201,"message":""`, `"ok","statuscode":201,"message":"OK"`, `1`, ` <data>1</data>`},
		{"accepted", answer{status: 202, data: true}, [3]int{0, 200, 202},
			`"failure","statuscode":202,"message":""`, `"ok","statuscode":202,"message":"OK"`, `true`, ` <data>1</data>`},
		{"not found", answer{status: 404, data: json.RawMessage(`[]`)}, [3]int{0, 200, 404},
			`"failure","statuscode":404,"message":""`, `"failure","statuscode":404,"message":""`, `[]`, ` <data/>`},
		{"unknown route", answer{status: 404, statusCode: 998, message: "Invalid\n"}, [3]int{0, 200, 404},
			`"failure","statuscode":998,"message":"Invalid\n"`, `"failure","statuscode":998,"message":"Invalid\n"`, `null`, ` <data/>`},
		{"login required", answer{status: 401, statusCode: 997, message: "no"}, [3]int{0, 401, 401},
			`"failure","statuscode":997,"message":"no"`, `"failure","statuscode":997,"message":"no"`, `null`, ` <data/>`},
		{"wrong secret", answer{status: 401}, [3]int{0, 200, 401},
			`"failure","statuscode":401,"message":""`, `"failure","statuscode":401,"message":""`, `null`, ` <data/>`},
		{"raw", answer{status: 200, data: json.RawMessage(`{"b": "\/",  "a":[0]}`)}, [3]int{0, 200, 200},
			`"ok","statuscode":100,"message":"OK"`, `"ok","statuscode":200,"message":"OK"`, `{"b": "\/",  "a":[0]}`,
			" <data>\n  <b>/</b>\n  <a>\n   <element>0</element>\n  </a>\n </data>"},
		{"empty raw", answer{status: 200, data: json.RawMessage(nil)}, [3]int{0, 200, 200},
			`"ok","statuscode":100,"message":"OK"`, `"ok","statuscode":200,"message":"OK"`, `null`, ` <data/>`},
		{"escaped message", answer{status: 403, message: `<"&`}, [3]int{0, 200, 403},
			`"failure","statuscode":403,"message":"\u003c\"\u0026"`, `"failure","statuscode":403,"message":"\u003c\"\u0026"`, `null`, ` <data/>`},
	}
	for _, tt := range tests {
		for version, meta := range map[int]string{1: tt.v1, 2: tt.v2} {
			t.Run(tt.name+" v"+strconv.Itoa(version), func(t *testing.T) {
				extraJSON, extraXML := "", ""
				if version == 1 {
					extraJSON = `,"totalitems":"","itemsperpage":""`
					extraXML = "  <totalitems></totalitems>\n  <itemsperpage></itemsperpage>\n"
				}
				want := `{"ocs":{"meta":{"status":` + meta + extraJSON + `},"data":` + tt.data + `}}`
				checkAnswer(t, formatJSON, version, tt.answer, tt.status[version], want)
				wantXML := "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n" + metaXML(t, meta) + extraXML +
					" </meta>\n" + tt.text + "\n</ocs>\n"
				checkAnswer(t, formatXML, version, tt.answer, tt.status[version], wantXML)
			})
		}
	}
}

// metaXML writes the expected meta of the table as XML.
func metaXML(t *testing.T, fields string) string {
	t.Helper()
	var m struct {
		Status     string
		StatusCode int
		Message    string
	}
	if err := json.Unmarshal([]byte(`{"status":`+fields+`}`), &m); err != nil {
		t.Fatal(err)
	}
	message := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&quot;").Replace(m.Message)
	return "  <status>" + m.Status + "</status>\n  <statuscode>" + strconv.Itoa(m.StatusCode) +
		"</statuscode>\n  <message>" + message + "</message>\n"
}

func checkAnswer(t *testing.T, f format, version int, a answer, status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	if err := writeAnswer(w, f, version, a); err != nil {
		t.Fatal(err)
	}
	if w.Code != status {
		t.Errorf("HTTP status %d, want %d", w.Code, status)
	}
	if got := w.Body.String(); got != body {
		t.Errorf("body\n%s\nwant\n%s", got, body)
	}
	if got := w.Header().Get("Content-Length"); got != strconv.Itoa(len(body)) {
		t.Errorf("Content-Length %s, want %d", got, len(body))
	}
	checkHeaders(t, w.Header(), f.contentType())
}

func checkHeaders(t *testing.T, h http.Header, contentType string) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control":           "no-cache, no-store, must-revalidate",
		"Content-Security-Policy": "default-src 'none';base-uri 'none';manifest-src 'self';frame-ancestors 'none'",
		"X-Robots-Tag":            "noindex, nofollow",
		"Content-Type":            contentType,
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if h.Get("Feature-Policy") == "" {
		t.Error("no Feature-Policy")
	}
}

func TestContentTypes(t *testing.T) {
	if got := formatJSON.contentType(); got != "application/json; charset=utf-8" {
		t.Error(got)
	}
	if got := formatXML.contentType(); got != "application/xml; charset=utf-8" {
		t.Error(got)
	}
}

func TestNoBodyStatuses(t *testing.T) {
	for _, status := range []int{http.StatusNoContent, http.StatusNotModified} {
		w := httptest.NewRecorder()
		if err := writeAnswer(w, formatJSON, 2, answer{status: status, data: "x"}); err != nil {
			t.Fatal(err)
		}
		h := w.Header()
		if w.Code != status || w.Body.Len() != 0 || h.Get("Content-Type") != "" || h.Get("Content-Length") != "" {
			t.Errorf("%d: %d %v %q", status, w.Code, h, w.Body)
		}
		if h.Get("Cache-Control") == "" {
			t.Errorf("%d: no fixed headers", status)
		}
	}
}

func TestUnencodableDataBecomesInternalError(t *testing.T) {
	const message = `"failure","statuscode":996,"message":"Internal Server Error\n"`
	tests := map[string]struct {
		format  format
		version int
		data    any
		status  int
		want    string
	}{
		"JSON":     {formatJSON, 2, map[string]any{"a": 1, "b": func() {}}, 500, `{"ocs":{"meta":{"status":` + message + `},"data":[]}}`},
		"JSON, v1": {formatJSON, 1, func() {}, 200, `{"ocs":{"meta":{"status":` + message + `,"totalitems":"","itemsperpage":""},"data":[]}}`},
		"XML": {formatXML, 2, func() {}, 500, "<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n  <status>failure</status>\n" +
			"  <statuscode>996</statuscode>\n  <message>Internal Server Error\n</message>\n </meta>\n <data/>\n</ocs>\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			if err := writeAnswer(w, tt.format, tt.version, answer{status: 200, data: tt.data}); err == nil {
				t.Error("no error for the log")
			}
			if w.Code != tt.status || w.Body.String() != tt.want {
				t.Errorf("got %d\n%s\nwant %d\n%s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
	for _, raw := range []string{`{`, `[`, `{"a"`, `{"a":`, `{"a":1`, `[1`, `x`, `1 2`, `{"a":1}}`, `{1:2}`, ` `} {
		w := httptest.NewRecorder()
		if err := writeAnswer(w, formatXML, 2, answer{status: 200, data: json.RawMessage(raw)}); err == nil || w.Code != 500 {
			t.Errorf("raw %q as XML: %d, %v; want 500 and an error", raw, w.Code, err)
		}
		if err := xml.Unmarshal(w.Body.Bytes(), new(struct{})); err != nil {
			t.Errorf("raw %q: broken XML: %v", raw, err)
		}
	}
}

// TestHugeAnswerLeavesNothingBehind guards the reuse of buffers.
func TestHugeAnswerLeavesNothingBehind(t *testing.T) {
	huge := json.RawMessage(`"` + strings.Repeat("x", 2*maxPooled) + `"`)
	for _, data := range []any{huge, func() {}, json.RawMessage(`1`)} {
		w := httptest.NewRecorder()
		err := writeAnswer(w, formatJSON, 2, answer{status: 200, data: data})
		if !json.Valid(w.Body.Bytes()) || strings.Count(w.Body.String(), `"ocs"`) != 1 {
			t.Errorf("%v: broken envelope of %d bytes", err, w.Body.Len())
		}
	}
}

func TestHead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := writeAnswer(w, formatJSON, 2, answer{status: 200, data: 1}); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	head, err := http.Head(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer head.Body.Close()
	body, err := io.ReadAll(head.Body)
	want := int64(len(`{"ocs":{"meta":{"status":"ok","statuscode":200,"message":"OK"},"data":1}}`))
	if err != nil || len(body) != 0 || head.StatusCode != 200 || head.ContentLength != want {
		t.Errorf("%d, length %d, body %q, %v; want 200 and length %d", head.StatusCode, head.ContentLength, body, err, want)
	}
	checkHeaders(t, head.Header, formatJSON.contentType())
}

func TestCSRFFailure(t *testing.T) {
	w := httptest.NewRecorder()
	writeCSRFFailure(w)
	if w.Code != 412 || w.Body.String() != `{"message":"CSRF check failed"}` {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	checkHeaders(t, w.Header(), formatJSON.contentType())
}

func TestMethodNotAllowed(t *testing.T) {
	for _, f := range []format{formatXML, formatJSON} {
		w := httptest.NewRecorder()
		writeMethodNotAllowed(w, f)
		if w.Code != 405 || w.Body.Len() != 0 {
			t.Errorf("got %d %q", w.Code, w.Body)
		}
		checkHeaders(t, w.Header(), f.contentType())
	}
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func BenchmarkWriteAnswer(b *testing.B) {
	item := `{"attendeeId":17,"actorType":"users","actorId":"alice","displayName":"Alice"},`
	raw := json.RawMessage("[" + strings.Repeat(item, 40<<10/len(item)) + "{}]")
	for name, f := range map[string]format{"JSON": formatJSON, "XML": formatXML} {
		b.Run(name, func(b *testing.B) {
			w := discard{make(http.Header)}
			a := answer{status: 200, data: raw}
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := writeAnswer(w, f, 2, a); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
