package ocs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

const (
	// maxDepth bounds the nesting of a JSON body and of x[a][b]… keys.
	maxDepth = 32
	// maxParams bounds the top-level parameter names of the query and of the
	// body, each by itself, and the parts of a multipart body.
	maxParams = 1000
)

// errBodyTooLarge says that the request body is longer than the limit given to
// readParams.
var errBodyTooLarge = errors.New("request body too large")

// paramError says that a parameter is mandatory and absent, or present with a
// value that its type cannot take. The names "query" and "body" stand for a
// query string or a body that cannot be read at all.
type paramError struct {
	Name string
}

func (e *paramError) Error() string {
	return fmt.Sprintf("parameter %q is missing or malformed", e.Name)
}

// params holds what a request said in its query string and its body, the body
// winning name by name. The zero value is a request without parameters.
//
// A value is a string, a json.Number, a bool, a []any or a map[string]any; null
// stands for an absent parameter and is never kept at the top level.
type params struct {
	values map[string]any
	files  map[string]upload
	broken string // "query" or "body" when that part could not be read
}

// readParams collects the parameters of r. All methods may use the query
// string, a form body and a JSON body; only POST may use multipart. A body of
// any other type is left unread.
//
// The errors are errBodyTooLarge for a body of more than limit bytes and a
// transport error for one that breaks off. A body that arrived but makes no
// sense is no error yet: who may not use the endpoint is to learn that first, so
// bind reports it.
func readParams(r *http.Request, limit int64) (params, error) {
	var p params
	if r.URL.RawQuery != "" {
		p.merge("query", parseForm(r.URL.RawQuery))
	}
	parse := bodyParser(r)
	if parse == nil {
		return p, nil
	}
	body, err := readBody(r, limit)
	if err != nil {
		return params{}, err
	}
	if len(body) > 0 {
		p.merge("body", parse(body))
	}
	return p, nil
}

// parsed is what one part of a request (query or body) contained; ok is false
// when something in it had to be skipped.
type parsed struct {
	values map[string]any
	files  map[string]upload
	ok     bool
}

// merge lets from win over what p already has.
func (p *params) merge(part string, from parsed) {
	if !from.ok {
		p.broken = part
	}
	if from.files != nil {
		p.files = from.files
	}
	if p.values == nil {
		p.values = from.values
		return
	}
	maps.Copy(p.values, from.values)
}

// bodyParser picks the reader for the body of r; nil means that there is no
// body or none that counts.
func bodyParser(r *http.Request) func([]byte) parsed {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	contentType := r.Header.Get("Content-Type")
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "application/json":
		return parseJSON
	case "application/x-www-form-urlencoded":
		return func(body []byte) parsed { return parseForm(string(body)) }
	case "multipart/form-data":
		if r.Method == http.MethodPost {
			return func(body []byte) parsed { return parseMultipart(contentType, body) }
		}
	}
	return nil
}

// readBody reads at most limit bytes and one more to notice the excess.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, errBodyTooLarge
	}
	// Without a ResponseWriter MaxBytesReader only counts; closing the
	// connection is left to the server, which does so for unread bodies.
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, errBodyTooLarge
	}
	if err != nil {
		return nil, fmt.Errorf("read request body: %w", err)
	}
	return body, nil
}

// text returns a parameter that the transport itself needs before an endpoint
// is chosen (format, requesttoken); "" when it is absent or no proper text.
func (p params) text(name string) string {
	s, ok := p.values[name].(string)
	if !ok || !isText(s) {
		return ""
	}
	return s
}

// upload is one file of a multipart body.
type upload struct {
	header fileHeader
	data   []byte
}

// fileHeader describes an uploaded file in the words of the client, which are
// not to be trusted. Filename has no directory part. Size is in bytes.
type fileHeader struct {
	Filename    string
	ContentType string
	Size        int64
}

// file returns the file that a POST multipart body carried under name. The
// reader holds the whole file in memory; its size is bounded by the limit given
// to readParams.
func (p params) file(name string) (*bytes.Reader, fileHeader, bool) {
	f, ok := p.files[name]
	if !ok {
		return nil, fileHeader{}, false
	}
	return bytes.NewReader(f.data), f.header, true
}
