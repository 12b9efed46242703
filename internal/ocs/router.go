package ocs

import (
	"net/url"
	"slices"
	"strings"
)

// node is a segment of the known paths. Literal segments win over wildcards.
type node struct {
	literal  map[string]*node
	wildcard *node
	name     string
	// rows are the routes that end here, by method.
	rows map[string]*route
	// pattern is the path with its wildcards, for logs and metrics.
	pattern string
}

// pathValues are the segments that met wildcards.
type pathValues map[string]string

// wildcardForms are the values that wildcards accept; all others accept
// anything. A value of another form makes the path unknown.
func wildcardForm(name, value string) bool {
	switch name {
	case "token":
		return validToken(value)
	case "pin":
		return validPIN(value)
	case "mode":
		return value == "call" || value == "default"
	}
	return value != ""
}

// buildRouter expands the rows by API version into a tree of paths.
func buildRouter(rows []route) *node {
	root := &node{}
	for i := range rows {
		for _, row := range rows[i].expand() {
			root.add(row.fullPath(), row)
		}
	}
	return root
}

func (n *node) add(path string, row *route) {
	for segment := range strings.SplitSeq(path[1:], "/") {
		n = n.child(segment)
	}
	if n.rows == nil {
		n.rows, n.pattern = map[string]*route{}, path
	}
	if _, taken := n.rows[row.method]; taken {
		panic("two routes for " + row.method + " " + path)
	}
	n.rows[row.method] = row
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
