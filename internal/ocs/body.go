package ocs

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// parseJSON reads a JSON body. Only an object has parameters; a list or a
// scalar is valid and means none.
func parseJSON(in *source) parsed {
	body, err := in.all()
	if err != nil {
		return parsed{}
	}
	body = bytes.Trim(body, " \t\r\n")
	if len(body) == 0 {
		return parsed{ok: true}
	}
	size := measureJSON(body)
	if !utf8.Valid(body) || !size.fits() || in.make(len(body)+size.nodes*nodeWeight) != nil {
		return parsed{}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var document any
	if err := dec.Decode(&document); err != nil {
		return parsed{}
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return parsed{}
	}
	object, _ := document.(map[string]any)
	if len(object) > maxParams {
		return parsed{}
	}
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == nil })
	return parsed{values: object, ok: true}
}

// parseForm reads the body of a form.
func parseForm(in *source) parsed {
	body, err := in.all()
	if err != nil {
		return parsed{}
	}
	return parsePairs(string(body), in)
}

// parsePairs reads name=value pairs joined by &. Pairs with a broken escape are
// skipped. in is the body that they came in, nil for a query string.
func parsePairs(text string, in *source) parsed {
	f := form{ok: true, in: in}
	for text != "" && f.ok {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key, keyErr := url.QueryUnescape(key)
		value, valueErr := url.QueryUnescape(value)
		if keyErr != nil || valueErr != nil {
			f.skipped = true
			continue
		}
		f.add(key, value)
	}
	return f.parsed()
}

// parseMultipart reads a multipart/form-data body.
func parseMultipart(contentType string, in *source) parsed {
	_, attributes, err := mime.ParseMediaType(contentType)
	if err != nil || attributes["boundary"] == "" {
		return parsed{}
	}
	f := form{ok: true, in: in}
	reader := multipart.NewReader(in, attributes["boundary"])
	var fields [][2]string
	for parts := 0; ; parts++ {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || parts == maxParams {
			return parsed{}
		}
		var data bytes.Buffer
		if _, err := data.ReadFrom(part); err != nil {
			return parsed{}
		}
		if part.FileName() == "" {
			fields = append(fields, [2]string{part.FormName(), data.String()})
		} else {
			f.addFile(part, data.Bytes())
		}
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return parsed{}
	}
	// Not before all is there: what follows may need room that others wait for.
	for _, field := range fields {
		if f.ok {
			f.add(field[0], field[1])
		}
	}
	return f.parsed()
}

// form gathers pairs into values the way PHP does: the last scalar wins, x[]=
// appends, x[k]= sets a key, and the later shape of a name replaces the earlier.
type form struct {
	values  map[string]any // string or *branch
	files   map[string]upload
	in      *source // what the pairs came in, nil for a query string
	nodes   int     // how many values and branches there are
	skipped bool    // a pair was unreadable
	ok      bool    // no bound was hit
}

// branch is an array under construction.
type branch struct {
	items map[string]any // string or *branch
	next  int            // the key that [] takes
}

func (f *form) addFile(part *multipart.Part, data []byte) {
	if f.files == nil {
		f.files = make(map[string]upload)
	}
	f.files[part.FormName()] = upload{data: data, header: fileHeader{
		Filename:    strings.ToValidUTF8(part.FileName(), "\uFFFD"),
		ContentType: part.Header.Get("Content-Type"),
		Size:        int64(len(data)),
	}}
}

func (f *form) add(key, value string) {
	if f.values == nil {
		f.values = make(map[string]any)
	}
	name, path := splitKey(key)
	if len(path) > maxDepth || !f.hasRoom(1+len(path)) {
		f.ok = false
		return
	}
	putIn(f.values, name, path, value)
	f.ok = len(f.values) <= maxParams
}

// hasRoom counts nodes before they are made.
func (f *form) hasRoom(nodes int) bool {
	f.nodes += nodes
	if f.nodes > maxNodes {
		return false
	}
	return f.in == nil || f.in.make(nodes*branchWeight) == nil
}

// putIn stores value under key, or below the branch at key when path leads
// further.
func putIn(items map[string]any, key string, path []string, value string) {
	if len(path) == 0 {
		items[key] = value
		return
	}
	child, ok := items[key].(*branch)
	if !ok {
		child = &branch{items: make(map[string]any)}
		items[key] = child
	}
	putIn(child.items, child.key(path[0]), path[1:], value)
}

// key resolves [] to the next free index.
func (b *branch) key(segment string) string {
	if segment == "" {
		segment = strconv.Itoa(b.next)
	}
	// The bound keeps the addition from overflowing.
	if n, err := strconv.Atoi(segment); err == nil && n >= b.next && n+1 > n {
		b.next = n + 1
	}
	return segment
}

// splitKey takes x[a][b][] apart into its name and its path. A key without a
// name or a closing bracket is a plain name; text after the last bracket does
// not count.
func splitKey(key string) (name string, path []string) {
	open := strings.IndexByte(key, '[')
	if open <= 0 {
		return key, nil
	}
	rest := key[open:]
	for strings.HasPrefix(rest, "[") && len(path) <= maxDepth {
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			break
		}
		path = append(path, rest[1:end])
		rest = rest[end+1:]
	}
	if len(path) == 0 {
		return key, nil
	}
	return key[:open], path
}

func (f *form) parsed() parsed {
	for name, v := range f.values {
		f.values[name] = finish(v)
	}
	return parsed{values: f.values, files: f.files, ok: f.ok && !f.skipped}
}

// finish turns a branch into the type that JSON would have given: a list if its
// keys are exactly 0…n-1, else an object.
func finish(v any) any {
	b, ok := v.(*branch)
	if !ok {
		return v
	}
	if !b.isList() {
		for key, item := range b.items {
			b.items[key] = finish(item)
		}
		return b.items
	}
	list := make([]any, len(b.items))
	for i := range list {
		list[i] = finish(b.items[strconv.Itoa(i)])
	}
	return list
}

func (b *branch) isList() bool {
	for i := range len(b.items) {
		if _, ok := b.items[strconv.Itoa(i)]; !ok {
			return false
		}
	}
	return true
}
