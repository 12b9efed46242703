package ocs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxXMLDepth bounds the nesting of data: indentation makes the size of deep
// XML grow with the square of the depth.
const maxXMLDepth = 512

// errXMLDepth says that the data of an answer is nested too deeply for XML.
var errXMLDepth = errors.New("data nested too deeply for XML")

// renderXML writes the whole envelope. Data is read as the JSON it would be, so
// that both formats have the same names in the same order.
func renderXML(buf *bytes.Buffer, m meta, data any) error {
	raw, err := rawJSON(data)
	if err != nil {
		return err
	}
	x := xmlWriter{buf: buf, tokens: json.NewDecoder(bytes.NewReader(raw))}
	x.tokens.UseNumber()
	buf.WriteString("<?xml version=\"1.0\"?>\n<ocs>\n <meta>\n")
	for _, item := range m.items() {
		x.text(2, item.name, item.value)
	}
	buf.WriteString(" </meta>\n")
	if err := x.value(1, "data"); err != nil {
		return fmt.Errorf("data as XML: %w", err)
	}
	if _, err := x.tokens.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data as XML: more than one JSON value")
	}
	buf.WriteString("</ocs>\n")
	return nil
}

type metaItem struct{ name, value string }

func (m meta) items() []metaItem {
	items := []metaItem{
		{"status", m.status()},
		{"statuscode", strconv.Itoa(m.code)},
		{"message", m.message},
	}
	if m.version == 1 {
		items = append(items, metaItem{"totalitems", ""}, metaItem{"itemsperpage", ""})
	}
	return items
}

// xmlWriter turns a stream of JSON tokens into indented XML elements.
type xmlWriter struct {
	buf    *bytes.Buffer
	tokens *json.Decoder
}

// value writes the next JSON value as an element called name. True is 1, false
// is empty text, null and an empty list or object close themselves.
func (x *xmlWriter) value(depth int, name string) error {
	token, err := x.tokens.Token()
	if err != nil {
		return noEOF(err)
	}
	switch v := token.(type) {
	case json.Delim:
		return x.container(depth, name, v)
	case nil:
		x.open(depth, name, "/>\n")
	default:
		text, _ := scalarText(v)
		x.text(depth, name, text)
	}
	return nil
}

// container writes the items of the list or object that has just been opened.
func (x *xmlWriter) container(depth int, name string, kind json.Delim) error {
	if depth > maxXMLDepth {
		return errXMLDepth
	}
	empty := !x.tokens.More()
	if empty {
		x.open(depth, name, "/>\n")
	} else {
		x.open(depth, name, ">\n")
	}
	for x.tokens.More() {
		if err := x.item(depth+1, kind); err != nil {
			return err
		}
	}
	if _, err := x.tokens.Token(); err != nil {
		return noEOF(err)
	}
	if !empty {
		x.indent(depth)
		x.close(name)
	}
	return nil
}

func (x *xmlWriter) item(depth int, kind json.Delim) error {
	if kind == '[' {
		return x.value(depth, "element")
	}
	key, err := x.tokens.Token()
	if err != nil {
		return noEOF(err)
	}
	// In an object the decoder hands out nothing but strings as keys.
	name, _ := key.(string)
	return x.value(depth, name)
}

// noEOF keeps truncated JSON from looking like its regular end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (x *xmlWriter) text(depth int, name, text string) {
	x.open(depth, name, ">")
	writeEscaped(x.buf, text)
	x.close(name)
}

// open writes a start tag up to its end, which is given. A name that XML cannot
// take (an emoji, a number, a user id) becomes the key of an <element>.
func (x *xmlWriter) open(depth int, name, end string) {
	x.indent(depth)
	x.buf.WriteByte('<')
	if isXMLName(name) {
		x.buf.WriteString(name)
	} else {
		x.buf.WriteString(`element key="`)
		writeEscaped(x.buf, name)
		x.buf.WriteByte('"')
	}
	x.buf.WriteString(end)
}

func (x *xmlWriter) close(name string) {
	if !isXMLName(name) {
		name = "element"
	}
	x.buf.WriteString("</")
	x.buf.WriteString(name)
	x.buf.WriteString(">\n")
}

func (x *xmlWriter) indent(depth int) {
	for range depth {
		x.buf.WriteByte(' ')
	}
}

// isXMLName accepts the ASCII names of XML without the colon, which would make
// a namespace of what precedes it.
func isXMLName(s string) bool {
	for i := range len(s) {
		c := lower(s[i])
		letter := c >= 'a' && c <= 'z' || c == '_'
		if !letter && (i == 0 || !isDigit(c) && c != '-' && c != '.') {
			return false
		}
	}
	return s != ""
}

// writeEscaped writes s so that it is safe as text and as an attribute, without
// the characters that XML cannot express at all.
func writeEscaped(buf *bytes.Buffer, s string) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	start := 0
	for i, r := range s {
		entity, special := xmlEntity(r)
		if !special {
			continue
		}
		buf.WriteString(s[start:i])
		buf.WriteString(entity)
		start = i + utf8.RuneLen(r)
	}
	buf.WriteString(s[start:])
}

// xmlEntity returns what stands for r in XML if it cannot stand for itself: an
// entity, or nothing for an illegal character.
func xmlEntity(r rune) (string, bool) {
	switch {
	case r == '&':
		return "&amp;", true
	case r == '<':
		return "&lt;", true
	case r == '>':
		return "&gt;", true
	case r == '"':
		return "&quot;", true
	case r == '\r':
		return "&#13;", true
	case r < ' ' && !strings.ContainsRune("\t\n", r), r == 0xFFFE, r == 0xFFFF:
		return "", true
	}
	return "", false
}
