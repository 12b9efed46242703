package ocs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	typeForm = "application/x-www-form-urlencoded"
	typeJSON = "application/json"
)

// request builds what a server would hand to readParams.
func request(method, query, contentType, body string) *http.Request {
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL.RawQuery = query
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	return r
}

// readParams reads the query and the body as a call does.
func readParams(r *http.Request, limit int64) (params, error) {
	var p params
	p.readQuery(r.URL.RawQuery)
	err := p.readBody(r, limit, &share{of: newBudget(bodyBudget, 1, 0)})
	return p, err
}

func mustRead(t *testing.T, r *http.Request) params {
	t.Helper()
	p, err := readParams(r, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadParamsMerges(t *testing.T) {
	multi := "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nbody\r\n" +
		"--B\r\nContent-Disposition: form-data; name=\"x[]\"\r\n\r\n1\r\n--B--\r\n"
	const multiType = "multipart/form-data; boundary=B"
	type m = map[string]any
	type l = []any
	tests := []struct {
		name, method, query, contentType, body string
		want                                   m
	}{
		{"nothing", "GET", "", "", "", nil},
		{"query", "GET", "a=1&b=x+y%2Bz&c", "", "", m{"a": "1", "b": "x y+z", "c": ""}},
		{"query on POST, JSON type, empty body", "POST", "a=1", typeJSON, "", m{"a": "1"}},
		{"JSON body of blanks", "POST", "a=1", typeJSON, " \r\n\t", m{"a": "1"}},
		{"form wins over query", "PUT", "a=q&b=q", typeForm, "a=body", m{"a": "body", "b": "q"}},
		{"form on DELETE", "DELETE", "", typeForm, "a=1", m{"a": "1"}},
		{"form on GET", "GET", "", typeForm, "a=1", m{"a": "1"}},
		{"JSON wins over query", "POST", "a=q&b=q", typeJSON, `{"a":true}`, m{"a": true, "b": "q"}},
		{"JSON on DELETE", "DELETE", "", typeJSON, `{"all":true}`, m{"all": true}},
		{"JSON with charset", "PUT", "", "Application/JSON ; charset=utf-8", `{"a":1}`, m{"a": json.Number("1")}},
		{"JSON null leaves the query", "POST", "a=q", typeJSON, `{"a":null,"b":null}`, m{"a": "q"}},
		{"JSON list", "POST", "a=q", typeJSON, `[1,2]`, m{"a": "q"}},
		{"JSON scalar", "POST", "a=q", typeJSON, `"a"`, m{"a": "q"}},
		{"JSON nesting", "POST", "", typeJSON, `{"a":{"b":[1,"x",null]}}`, m{"a": m{"b": l{json.Number("1"), "x", nil}}}},
		{"JSON duplicate key", "POST", "", typeJSON, `{"a":1,"a":2}`, m{"a": json.Number("2")}},
		{"other type", "PUT", "a=q", "text/plain", "a=1", m{"a": "q"}},
		{"vendor JSON", "PUT", "a=q", "application/vnd.x+json", `{"a":1}`, m{"a": "q"}},
		{"no type", "PUT", "a=q", "", "a=1", m{"a": "q"}},
		{"multipart POST", "POST", "a=q&b=q", multiType, multi, m{"a": "body", "b": "q", "x": l{"1"}}},
		{"multipart PUT", "PUT", "a=q", multiType, multi, m{"a": "q"}},
		{"last scalar wins", "GET", "a=1&a=2", "", "", m{"a": "2"}},
		{"list", "GET", "x[]=a&x%5B%5D=b", "", "", m{"x": l{"a", "b"}}},
		{"list with indices", "GET", "x[1]=b&x[0]=a", "", "", m{"x": l{"a", "b"}}},
		{"list with a gap", "GET", "x[0]=a&x[2]=b&x[]=c", "", "", m{"x": m{"0": "a", "2": "b", "3": "c"}}},
		{"map", "GET", "x[k]=a&x[l]=b&x[k]=c", "", "", m{"x": m{"k": "c", "l": "b"}}},
		{"map of lists", "GET", "x[k][]=a&x[k][]=b", "", "", m{"x": m{"k": l{"a", "b"}}}},
		{"list of maps", "GET", "x[][k]=a&x[][k]=b", "", "", m{"x": l{m{"k": "a"}, m{"k": "b"}}}},
		{"array replaces scalar", "GET", "x=1&x[]=2", "", "", m{"x": l{"2"}}},
		{"scalar replaces array", "GET", "x[]=2&x=1", "", "", m{"x": "1"}},
		{"text after the bracket", "GET", "x[k]y=1", "", "", m{"x": m{"k": "1"}}},
		{"open bracket", "GET", "x[k=1", "", "", m{"x[k": "1"}},
		{"bracket first", "GET", "[k]=1", "", "", m{"[k]": "1"}},
		{"largest index", "GET", "x[9223372036854775807]=1&x[]=2", "", "", m{"x": m{"9223372036854775807": "1", "0": "2"}}},
		{"array in the body replaces the query's", "POST", "x[]=1&x[]=2", typeForm, "x[]=3", m{"x": l{"3"}}},
		{"empty pairs", "GET", "&&a=1&", "", "", m{"a": "1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustRead(t, request(tt.method, tt.query, tt.contentType, tt.body))
			if p.broken != "" {
				t.Errorf("broken = %q", p.broken)
			}
			if diff := cmp.Diff(tt.want, p.values); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBrokenInputIsReportedByBind(t *testing.T) {
	many := func(sep, format string) string {
		pairs := make([]string, maxParams+1)
		for i := range pairs {
			pairs[i] = strings.ReplaceAll(format, "#", strconv.Itoa(i))
		}
		return strings.Join(pairs, sep)
	}
	manyParts := strings.Repeat("--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n", maxParams+1) + "--B--\r\n"
	tests := []struct {
		name, query, contentType, body, want string
	}{
		{"malformed JSON", "", typeJSON, `{bad`, "body"},
		{"truncated JSON", "", typeJSON, `{"a":1`, "body"},
		{"two JSON values", "", typeJSON, `{"a":1}{}`, "body"},
		{"rubbish after JSON", "", typeJSON, `{"a":1}x`, "body"},
		{"JSON with broken UTF-8", "", typeJSON, "{\"a\":\"\xff\"}", "body"},
		{"JSON too deep", "", typeJSON, `{"a":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`, "body"},
		{"JSON with too many names", "", typeJSON, "{" + many(",", `"a#":1`) + "}", "body"},
		{"form with a broken escape", "", typeForm, "a=%zz", "body"},
		{"form name with a broken escape", "", typeForm, "%=1", "body"},
		{"form too deep", "", typeForm, "a" + strings.Repeat("[]", maxDepth+1) + "=1", "body"},
		{"form with too many names", "", typeForm, many("&", "a#=1"), "body"},
		{"multipart without boundary", "", "multipart/form-data", "--B--", "body"},
		{"multipart cut off", "", "multipart/form-data; boundary=B", "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1", "body"},
		{"multipart with too many parts", "", "multipart/form-data; boundary=B", manyParts, "body"},
		{"query with a broken escape", "a=%zz", "", "", "query"},
		{"both", "a=%zz", typeJSON, "{", "body"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustRead(t, request("POST", tt.query, tt.contentType, tt.body))
			var none struct{}
			var got *paramError
			if err := p.bind(&none); !errors.As(err, &got) || got.Name != tt.want {
				t.Errorf("bind = %v, want paramError %q", err, tt.want)
			}
		})
	}
}

func TestBoundsAreInclusive(t *testing.T) {
	deep := `{"a":` + strings.Repeat("[", maxDepth-1) + `"]}\""` + strings.Repeat("]", maxDepth-1) + `}`
	for name, r := range map[string]*http.Request{
		"JSON depth": request("POST", "", typeJSON, deep),
		"form depth": request("POST", "", typeForm, "a"+strings.Repeat("[k]", maxDepth)+"=1"),
		"list size":  request("POST", "", typeForm, strings.Repeat("a[]=1&", 5*maxParams)),
	} {
		t.Run(name, func(t *testing.T) {
			if p := mustRead(t, r); p.broken != "" || p.values["a"] == nil {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestBodyLimit(t *testing.T) {
	body := `{"a":"` + strings.Repeat("x", 92) + `"}`
	for _, known := range []bool{true, false} {
		for limit, want := range map[int64]error{100: nil, 99: errBodyTooLarge, 0: errBodyTooLarge} {
			r := request("POST", "", typeJSON, body)
			if !known {
				r.ContentLength = -1
			}
			if _, err := readParams(r, limit); !errors.Is(err, want) {
				t.Errorf("length known %v, limit %d: err = %v, want %v", known, limit, err, want)
			}
		}
	}
}

// countingReader never ends and counts what was taken from it.
type countingReader struct{ read int64 }

func (c *countingReader) Read(b []byte) (int, error) {
	c.read += int64(len(b))
	return len(b), nil
}

func TestBodyIsNotReadBeyondLimit(t *testing.T) {
	var source countingReader
	r := httptest.NewRequest("POST", "/", &source)
	r.Header.Set("Content-Type", typeForm)
	if _, err := readParams(r, 1000); !errors.Is(err, errBodyTooLarge) {
		t.Errorf("err = %v, want errBodyTooLarge", err)
	}
	if source.read > 1001 {
		t.Errorf("read %d bytes, want at most 1001", source.read)
	}
}

type failingReader struct{ err error }

func (f failingReader) Read([]byte) (int, error) { return 0, f.err }

func TestBrokenTransport(t *testing.T) {
	r := httptest.NewRequest("POST", "/", failingReader{io.ErrUnexpectedEOF})
	r.Header.Set("Content-Type", typeForm)
	if _, err := readParams(r, 10); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("err = %v, want io.ErrUnexpectedEOF", err)
	}
}

func TestFile(t *testing.T) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "../dir/list.csv")
	if err != nil {
		t.Fatal(err)
	}
	content := "name,email\r\n\x00\xff"
	if _, err := io.WriteString(part, content); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteField("testRun", "1"), w.Close()); err != nil {
		t.Fatal(err)
	}
	p := mustRead(t, request("POST", "", w.FormDataContentType(), body.String()))

	reader, header, ok := p.file("file")
	if !ok {
		t.Fatal("no file")
	}
	got, err := io.ReadAll(reader)
	if err != nil || string(got) != content {
		t.Errorf("content = %q, %v", got, err)
	}
	want := fileHeader{Filename: "list.csv", ContentType: "application/octet-stream", Size: int64(len(content))}
	if header != want {
		t.Errorf("header = %+v, want %+v", header, want)
	}
	if p.text("testRun") != "1" {
		t.Error("field next to the file is lost")
	}
	for _, other := range []string{"testRun", "none"} {
		if _, _, ok := p.file(other); ok {
			t.Errorf("file(%q) exists", other)
		}
	}
}

func TestText(t *testing.T) {
	p := params{values: map[string]any{
		"text": "json", "number": json.Number("1"), "list": []any{"json"}, "nul": "a\x00", "bytes": "\xff",
	}}
	for name, want := range map[string]string{
		"text": "json", "number": "", "list": "", "nul": "", "bytes": "", "absent": "",
	} {
		if got := p.text(name); got != want {
			t.Errorf("text(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestEmptyGETDoesNotAllocate(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	var p params
	var none share
	allocs := testing.AllocsPerRun(100, func() {
		p.readQuery(r.URL.RawQuery)
		if err := p.readBody(r, 1<<20, &none); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}
