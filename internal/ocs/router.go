package ocs

import (
	"net/url"
	"slices"
	"strings"
)

// node is a segment of the known paths. Literal segments win over wildcards.
//
// This is no http.ServeMux: a value that has not the form of its wildcard makes the
// whole path unknown (404, also for a wrong method, where the mux says 405), repeated
// slashes are folded without a redirect, which would lose the body of a POST, and what
// the mux answers itself has no envelope.
type node struct {
	literal  map[string]*node
	wildcard *node
	name     string
	// rows are the routes that end here, by method.
	rows map[string]*Route
	// pattern is the path with its wildcards, for logs and metrics.
	pattern string
}

// pathValues are the segments that met wildcards.
type pathValues map[string]string

// valueForm is what a value of a wildcard has to look like.
type valueForm struct {
	valid func(string) bool
	// pattern says the same in the document of the API.
	pattern string
}

// forms are the values that wildcards accept; all others accept any text. A value of
// another form makes the path unknown.
var forms = map[string]valueForm{
	"token":          {validToken, "^[a-z0-9]{4,30}$"},
	"pin":            {validPIN, "^[0-9]{7,32}$"},
	"chatMessageId":  {digits, "^[0-9]+$"},
	"notificationId": {digits, "^[0-9]+$"},
	"botId":          {digits, "^[0-9]+$"},
	"pollId":         {digits, "^[0-9]+$"},
	"mode":           {func(s string) bool { return s == "call" || s == "default" }, "^(call|default)$"},
}

// digits reports whether a text has nothing but digits.
func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func wildcardForm(name, value string) bool {
	if f, ok := forms[name]; ok {
		return f.valid(value)
	}
	return value != ""
}

// buildRouter expands the rows by API version into a tree of paths.
func buildRouter(rows []Route) *node {
	root := &node{}
	for _, row := range Expand(rows) {
		root.add(row.FullPath(), row)
	}
	return root
}

func (n *node) add(path string, row *Route) {
	for segment := range strings.SplitSeq(path[1:], "/") {
		n = n.child(segment)
	}
	if n.rows == nil {
		n.rows, n.pattern = map[string]*Route{}, path
	}
	if _, taken := n.rows[row.Method]; taken {
		panic("two routes for " + row.Method + " " + path)
	}
	n.rows[row.Method] = row
}

func (n *node) child(segment string) *node {
	if strings.HasPrefix(segment, "{") {
		if n.wildcard == nil {
			n.wildcard = &node{name: strings.Trim(segment, "{}")}
		}
		return n.wildcard
	}
	if n.literal == nil {
		n.literal = map[string]*node{}
	}
	next, ok := n.literal[segment]
	if !ok {
		next = &node{}
		n.literal[segment] = next
	}
	return next
}

// find returns where a path below the entry point leads, nil for an unknown
// one. Segments are unescaped one by one, so that an escaped slash stays part
// of a value. Nothing is called by what is no text.
func (n *node) find(escaped string) (*node, pathValues) {
	segments := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	for i, s := range segments {
		if strings.Contains(s, "%") {
			plain, err := url.PathUnescape(s)
			if err != nil || !isText(plain) {
				return nil, nil
			}
			segments[i] = plain
		}
	}
	values := pathValues{}
	return n.walk(segments, values), values
}

func (n *node) walk(segments []string, values pathValues) *node {
	if len(segments) == 0 {
		if n.rows == nil {
			return nil
		}
		return n
	}
	if next, ok := n.literal[segments[0]]; ok {
		if end := next.walk(segments[1:], values); end != nil {
			return end
		}
	}
	if w := n.wildcard; w != nil && wildcardForm(w.name, segments[0]) {
		if end := w.walk(segments[1:], values); end != nil {
			values[w.name] = segments[0]
			return end
		}
	}
	return nil
}

// methods returns the verbs that the path knows, for the Allow header.
func (n *node) methods() string {
	var all []string
	for m := range n.rows {
		all = append(all, m)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}
