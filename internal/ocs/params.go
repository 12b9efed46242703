package ocs

import (
	"bytes"
	"errors"
	"fmt"
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
	broken string // "query" or "body" when that part makes no sense
}

// readQuery takes the parameters of a query string.
func (p *params) readQuery(query string) {
	if query != "" {
		p.merge("query", parsePairs(query, nil))
	}
}

// readBody takes the parameters of the body of r, which win over those that are
// there. All methods may have a form body and a JSON body; only POST may use
// multipart. A body of any other type is left unread.
//
// The errors are errBodyTooLarge for a body of more than limit bytes, errBusy
// when there is no memory for it, errBodyStalled and errBodyGone. A body that
// makes no sense is no error yet: who may not use the endpoint is to learn that
// first, so bind reports it.
func (p *params) readBody(r *http.Request, limit int64, s *share) error {
	parse := bodyParser(r)
	if parse == nil {
		return nil
	}
	if r.ContentLength > limit {
		return errBodyTooLarge
	}
	if limit > maxBody && r.ContentLength > 0 {
		if err := s.reserve(r.Context(), uploadWeight*r.ContentLength); err != nil {
			return err
		}
	}
	in := newSource(r, limit, s)
	from := parse(in)
	if errors.Is(in.err, errBodyGarbled) {
		from = parsed{}
	} else if in.err != nil {
		return in.err
	}
	p.merge("body", from)
	return nil
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
func bodyParser(r *http.Request) func(*source) parsed {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	contentType := r.Header.Get("Content-Type")
	switch mediaType(contentType) {
	case "application/json":
		return parseJSON
	case "application/x-www-form-urlencoded":
		return parseForm
	case multipartForm:
		if r.Method == http.MethodPost {
			return func(in *source) parsed { return parseMultipart(contentType, in) }
		}
	}
	return nil
}

const multipartForm = "multipart/form-data"

// mediaType returns the type of a Content-Type header without its attributes.
func mediaType(contentType string) string {
	name, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(name))
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
// to readBody.
func (p params) file(name string) (*bytes.Reader, fileHeader, bool) {
	f, ok := p.files[name]
	if !ok {
		return nil, fileHeader{}, false
	}
	return bytes.NewReader(f.data), f.header, true
}
