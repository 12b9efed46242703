package ocs

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

func shareOf(b *budget) *share { return &share{of: b} }

func TestSmallBodiesNeedNoBudget(t *testing.T) {
	b := newBudget(0, 0, time.Second)
	for range 3 {
		s := shareOf(b)
		if err := errors.Join(s.grow(t.Context(), freeShare), s.make(t.Context(), freeShare)); err != nil {
			t.Error(err)
		}
		s.release()
	}
}

func TestLargeBodiesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBudget(2*shareStep, 1, time.Second)
		first, second := shareOf(b), shareOf(b)
		if err := errors.Join(first.grow(t.Context(), freeShare+shareStep+1), first.make(t.Context(), freeShare+1)); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := second.grow(t.Context(), freeShare+1); !errors.Is(err, errBusy) {
			t.Errorf("bytes: %v", err)
		}
		if err := second.make(t.Context(), freeShare+1); !errors.Is(err, errBusy) {
			t.Errorf("values: %v", err)
		}
		if waited := time.Since(start); waited != 2*b.timeout {
			t.Errorf("waited %v", waited)
		}
		second.release()
		go func() {
			time.Sleep(b.timeout / 2)
			first.release()
		}()
		if err := errors.Join(second.grow(t.Context(), freeShare+2*shareStep), second.make(t.Context(), freeShare+1)); err != nil {
			t.Errorf("after the first one: %v", err)
		}
		second.release()
		if !b.bytes.TryAcquire(2*shareStep) || !b.big.TryAcquire(1) {
			t.Error("something was not given back")
		}
	})
}

// A body takes from the budget what came, whether its length was announced or not.
func TestBodiesAreCounted(t *testing.T) {
	text := `{"a":"` + strings.Repeat("x", 5*shareStep) + `"}`
	for _, known := range []bool{true, false} {
		r := request("POST", "", typeJSON, text)
		if !known {
			r.ContentLength = -1
		}
		for bytes, want := range map[int64]error{8 * shareStep: nil, 2 * shareStep: errBusy} {
			s, p := shareOf(newBudget(bytes, 1, 0)), params{}
			r.Body = request("POST", "", typeJSON, text).Body
			if err := p.readBody(r, maxBody, s); !errors.Is(err, want) {
				t.Errorf("length known %v, budget %d: %v", known, bytes, err)
			}
			s.release()
			if !s.of.bytes.TryAcquire(bytes) || !s.of.big.TryAcquire(1) {
				t.Error("something was not given back")
			}
		}
	}
}

// Many values need their turn however few bytes they are.
func TestManyValuesTakeTurns(t *testing.T) {
	for name, r := range map[string]*http.Request{
		"JSON": request("POST", "", typeJSON, `{"a":[`+strings.Repeat("{},", 200)+`{}]}`),
		"form": request("POST", "", typeForm, strings.Repeat("a[][]&", 100)),
	} {
		var p params
		if err := p.readBody(r, maxBody, shareOf(newBudget(0, 0, 0))); !errors.Is(err, errBusy) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNumberOfNodes(t *testing.T) {
	list := func(n int) string { return `{"a":[` + strings.Repeat("1,", n-1) + `1]}` }
	part := "--B\r\nContent-Disposition: form-data; name=\"a" + strings.Repeat("[]", maxDepth) + "\"\r\n\r\n\r\n"
	for name, test := range map[string]struct {
		contentType, body string
		broken            string
	}{
		"JSON":             {typeJSON, list(maxNodes - 10), ""},
		"JSON too many":    {typeJSON, list(maxNodes), "body"},
		"JSON objects":     {typeJSON, `{"a":[` + strings.Repeat(`{"b":{}},`, maxNodes/4) + `1]}`, "body"},
		"keys":             {typeJSON, `{"a":{` + strings.Repeat(`"b":1,`, maxNodes/2) + `"b":1}}`, "body"},
		"form":             {typeForm, strings.Repeat("a[]&", maxNodes/2), ""},
		"form too many":    {typeForm, strings.Repeat("a[]&", maxNodes/2+1), "body"},
		"one name":         {typeForm, strings.Repeat("a&", maxNodes+1), "body"},
		"nested":           {typeForm, strings.Repeat("a"+strings.Repeat("[]", maxDepth)+"&", maxNodes/maxDepth), "body"},
		"multipart":        {"multipart/form-data; boundary=B", strings.Repeat(part, 100) + "--B--\r\n", ""},
		"multipart nested": {"multipart/form-data; boundary=B", strings.Repeat(part, 700) + "--B--\r\n", "body"},
	} {
		if p := mustRead(t, request("POST", "", test.contentType, test.body)); p.broken != test.broken {
			t.Errorf("%s: broken %q, want %q", name, p.broken, test.broken)
		}
		if test.contentType == typeForm {
			if p := mustRead(t, request("GET", test.body, "", "")); (p.broken != "") != (test.broken != "") {
				t.Errorf("%s in the query: broken %q", name, p.broken)
			}
		}
	}
}

// countNodes counts what a text became.
func countNodes(v any) (nodes, depth int, replaced bool) {
	nodes = 1
	add := func(item any) {
		n, d, r := countNodes(item)
		nodes, depth, replaced = nodes+n, max(depth, d), replaced || r
	}
	switch v := v.(type) {
	case string:
		return 1, 0, strings.ContainsRune(v, utf8.RuneError)
	case []any:
		for _, item := range v {
			add(item)
		}
		depth++
	case map[string]any:
		for key, item := range v {
			add(key)
			add(item)
		}
		depth++
	}
	return nodes, depth, replaced
}

func FuzzMeasureJSON(f *testing.F) {
	for _, text := range []string{
		`{}`, `[1,[2,{"a":null}],"\ud83d\ude00"]`, `"\ud83d"`, `"\\ud83d"`, `"\ude00\ud83d"`, `{"\udfff":"\ufffd"}`, `["\"[{",3]`, `"\ud83d\u0041"`, `"\`, `"\u12`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		size := measureJSON(text)
		var v any
		if !utf8.Valid(text) || json.Unmarshal(text, &v) != nil {
			return
		}
		nodes, depth, replaced := countNodes(v)
		if size.fits() && (size.nodes < nodes || size.depth < depth) {
			t.Errorf("%q: %+v, but %d nodes and depth %d", text, size, nodes, depth)
		}
		meant := strings.Contains(strings.ToLower(string(text)), `\ufffd`) || strings.ContainsRune(string(text), utf8.RuneError)
		if size.fits() && replaced && !meant {
			t.Errorf("%q has half a character", text)
		}
	})
}
