package ocs

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

const xmlHead = `<?xml version="1.0"?>
<ocs>
 <meta>
  <status>ok</status>
  <statuscode>200</statuscode>
  <message>OK</message>
 </meta>
`

func TestXML(t *testing.T) {
	type inner struct {
		Z string `json:"z"`
		A int    `json:"a"`
	}
	tests := map[string]struct {
		data any
		want string
	}{
		"null":        {nil, " <data/>\n"},
		"empty list":  {[]int{}, " <data/>\n"},
		"empty map":   {map[string]int{}, " <data/>\n"},
		"true":        {true, " <data>1</data>\n"},
		"false":       {false, " <data></data>\n"},
		"empty text":  {"", " <data></data>\n"},
		"text":        {"a b", " <data>a b</data>\n"},
		"number":      {json.RawMessage("-1.50e3"), " <data>-1.50e3</data>\n"},
		"big number":  {json.RawMessage("12345678901234567890"), " <data>12345678901234567890</data>\n"},
		"field order": {inner{"z", 1}, " <data>\n  <z>z</z>\n  <a>1</a>\n </data>\n"},
		"raw order":   {json.RawMessage(`{"z":1,"a":2,"z":3}`), " <data>\n  <z>1</z>\n  <a>2</a>\n  <z>3</z>\n </data>\n"},
		"room": {json.RawMessage(`{"hasCall":false,"isFavorite":true,"name":"","lastMessage":null,"ids":[],"list":[1,[2],{"a":"b"},null]}`),
			` <data>
  <hasCall></hasCall>
  <isFavorite>1</isFavorite>
  <name></name>
  <lastMessage/>
  <ids/>
  <list>
   <element>1</element>
   <element>
    <element>2</element>
   </element>
   <element>
    <a>b</a>
   </element>
   <element/>
  </list>
 </data>
`},
		"escaping": {json.RawMessage(`"<a href=\"x\">&amp;' \t\n\r]]>"`), " <data>&lt;a href=&quot;x&quot;&gt;&amp;amp;' \t\n&#13;]]&gt;</data>\n"},
		"unicode":  {json.RawMessage(`"ü\ud83d\udc4d\ud800"`), " <data>ü👍\uFFFD</data>\n"},
		"illegal":  {json.RawMessage(`"a\u0000\u0008\u001f\ufffe\uffffb\u007f"`), " <data>ab\u007f</data>\n"},
		"names": {json.RawMessage(`{"a-b.c_1":1,"config-local":2,"👍":{"x":3},"1":4,"-a":5,"":6,"a b":null,"a:b":[],"<\"&\u0000":7,"ü":[8]}`),
			` <data>
  <a-b.c_1>1</a-b.c_1>
  <config-local>2</config-local>
  <element key="👍">
   <x>3</x>
  </element>
  <element key="1">4</element>
  <element key="-a">5</element>
  <element key="">6</element>
  <element key="a b"/>
  <element key="a:b"/>
  <element key="&lt;&quot;&amp;">7</element>
  <element key="ü">
   <element>8</element>
  </element>
 </data>
`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			checkAnswer(t, formatXML, 2, answer{status: 200, data: tt.data}, 200, xmlHead+tt.want+"</ocs>\n")
		})
	}
}

func TestXMLMessageIsAlwaysLegal(t *testing.T) {
	var buf bytes.Buffer
	if err := renderXML(&buf, meta{version: 2, message: "a\xff\x00b"}, nil); err != nil {
		t.Fatal(err)
	}
	if want := "<message>a\uFFFDb</message>"; !strings.Contains(buf.String(), want) {
		t.Errorf("no %s in\n%s", want, &buf)
	}
}

func TestXMLDepth(t *testing.T) {
	nested := func(n int) json.RawMessage {
		return json.RawMessage(strings.Repeat("[", n) + strings.Repeat("]", n))
	}
	m := metaOf(2, answer{status: 200})
	if err := renderXML(new(bytes.Buffer), m, nested(maxXMLDepth)); err != nil {
		t.Errorf("%d levels: %v", maxXMLDepth, err)
	}
	if err := renderXML(new(bytes.Buffer), m, nested(maxXMLDepth+1)); !errors.Is(err, errXMLDepth) {
		t.Errorf("%d levels: %v, want errXMLDepth", maxXMLDepth+1, err)
	}
}

// FuzzXML feeds any text; what is JSON must come out as well-formed XML.
func FuzzXML(f *testing.F) {
	f.Add(`{"a":[1,true,null,"<&>\u0001"],"é 1":{},"":{"x":""}}`)
	f.Add(`[[[]],"\ud800\uffff]]>"]`)
	f.Add(`{"a":1}{`)
	f.Add(`-0.0e-0`)
	f.Fuzz(func(t *testing.T, text string) {
		var buf bytes.Buffer
		err := renderXML(&buf, metaOf(1, answer{status: 404, message: text}), json.RawMessage(text))
		if valid := text == "" || json.Valid([]byte(text)); valid != (err == nil) && !errors.Is(err, errXMLDepth) {
			t.Fatalf("JSON valid: %v, XML: %v", valid, err)
		}
		if err != nil {
			return
		}
		decoder := xml.NewDecoder(&buf)
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("broken XML: %v", err)
			}
		}
	})
}
