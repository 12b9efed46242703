package ocs

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

type flags uint16

// every has a field of each type that a parameter can have.
type every struct {
	String  string              `param:"string"`
	Bool    bool                `param:"bool"`
	Int     int                 `param:"int"`
	Int8    int8                `param:"int8"`
	Int64   int64               `param:"int64"`
	Uint8   uint8               `param:"uint8"`
	Uint64  uint64              `param:"uint64"`
	Flags   flags               `param:"flags"`
	StringP *string             `param:"stringP"`
	IntP    *int                `param:"intP"`
	Int64P  *int64              `param:"int64P"`
	List    []string            `param:"list"`
	Lists   map[string][]string `param:"lists"`
	Object  map[string]any      `param:"object"`
}

// bindOne binds a single value and returns the field it went to.
func bindOne(t *testing.T, name string, v any) (any, error) {
	t.Helper()
	var dst every
	if err := (params{values: map[string]any{name: v}}).bind(&dst); err != nil {
		return nil, err
	}
	for _, f := range planOf(reflect.TypeFor[every]()) {
		if f.names[0] == name {
			return reflect.ValueOf(dst).FieldByIndex(f.index).Interface(), nil
		}
	}
	t.Fatalf("no field %q", name)
	return nil, nil
}

func num(s string) json.Number { return json.Number(s) }

func ptr[T any](v T) *T { return &v }

func TestCoercion(t *testing.T) {
	type m = map[string]any
	type l = []any
	tests := []struct {
		name     string
		in, want any
	}{
		{"int", "1", 1}, {"int", "1abc", 1}, {"int", " 1", 1}, {"int", "\t\n\r\v\f7", 7}, {"int", "1.9", 1}, {"int", "-1.9", -1},
		{"int", "abc", 0}, {"int", "", 0}, {"int", "true", 0}, {"int", "-1", -1}, {"int", "+3", 3}, {"int", "1e3", 1000},
		{"int", "1e", 1}, {"int", "1e+", 1}, {"int", "15E-1x", 1}, {"int", ".5", 0}, {"int", "1.", 1}, {"int", ".", 0}, {"int", "-", 0},
		{"int", "- 1", 0}, {"int", "0x1A", 0}, {"int", "1 ", 1}, {"int", "\u00a01", 0}, {"int", "1_0", 1}, {"int", "-.e5", 0},
		{"int", true, 1}, {"int", false, 0}, {"int", num("7"), 7}, {"int", num("-7.9"), -7}, {"int", num("1e2"), 100},
		{"int", l{}, 0}, {"int", m{}, 0}, {"int", l{"0"}, 1}, {"int", m{"a": nil}, 1},
		{"int", "99999999999999999999", math.MaxInt64}, {"int", "-99999999999999999999", math.MinInt64},
		{"int", "1e99999", math.MaxInt64}, {"int", "-1e99999", math.MinInt64}, {"int", "1e-99999", 0},
		{"int", num("9.3e18"), math.MaxInt64}, {"int", num("-9.3e18"), math.MinInt64}, {"int", "9223372036854775807.5", math.MaxInt64},
		{"int8", "127", int8(127)}, {"int8", "128", int8(127)}, {"int8", "-129", int8(-128)}, {"int64", "-5", int64(-5)},
		{"uint8", "256", uint8(255)}, {"uint8", "-1", uint8(0)}, {"uint64", "99999999999999999999", uint64(math.MaxInt64)},
		{"flags", "254", flags(254)}, {"flags", num("70000"), flags(65535)},

		{"bool", "true", true}, {"bool", "false", false}, {"bool", "False", true}, {"bool", "FALSE", true}, {"bool", "no", true},
		{"bool", "off", true}, {"bool", "1", true}, {"bool", "0", false}, {"bool", "", false}, {"bool", "0.0", true}, {"bool", " ", true},
		{"bool", true, true}, {"bool", false, false}, {"bool", num("1"), true}, {"bool", num("0"), false}, {"bool", num("-0.0"), false},
		{"bool", num("2e9999"), true}, {"bool", l{}, false}, {"bool", m{}, false}, {"bool", l{nil}, true}, {"bool", m{"a": "0"}, true},

		{"string", "", ""}, {"string", " x ", " x "}, {"string", "ü👍", "ü👍"},
		{"stringP", "", ptr("")}, {"stringP", "a", ptr("a")}, {"intP", "", ptr(0)}, {"intP", num("3"), ptr(3)}, {"int64P", "x", ptr(int64(0))},

		{"list", l{}, []string{}}, {"list", l{"a", "", "b"}, []string{"a", "", "b"}},
		{"list", l{num("1"), true, false, nil, "x"}, []string{"1", "1", "", "x"}},
		{"list", m{"10": "c", "9": "b", "x": "e", "08": "a", "a": "d"}, []string{"a", "b", "c", "d", "e"}}, {"list", m{}, []string{}},
		{"lists", m{"k": l{"a", num("2")}, "n": nil}, map[string][]string{"k": {"a", "2"}}},
		{"lists", l{}, map[string][]string{}}, {"lists", l{l{"a"}}, map[string][]string{"0": {"a"}}},
		{"object", m{"a": num("1"), "b": l{nil, true, m{"c": "d"}}}, m{"a": num("1"), "b": l{nil, true, m{"c": "d"}}}},
		{"object", l{}, m{}}, {"object", l{"x"}, m{"0": "x"}},
	}
	for _, tt := range tests {
		got, err := bindOne(t, tt.name, tt.in)
		if err != nil {
			t.Errorf("%s ← %#v: %v", tt.name, tt.in, err)
			continue
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s ← %#v (-want +got):\n%s", tt.name, tt.in, diff)
		}
	}
}

func TestCoercionRefuses(t *testing.T) {
	type m = map[string]any
	type l = []any
	refused := map[string][]any{
		"string":  {num("1"), true, l{}, l{"a"}, m{}, "a\x00b", "\xff", "a\xc3"},
		"stringP": {num("1"), false, l{"a"}, "\x00"},
		"list":    {"a", "", num("1"), true, l{l{"a"}}, l{m{}}, l{"\xff"}, l{"ok", "\x00"}},
		"lists":   {"a", num("1"), l{"a"}, m{"k": "a"}, m{"k": l{l{}}}, m{"\xff": l{}}, m{"k": l{"\x00"}}},
		"object":  {"a", num("1"), true, m{"a": "\x00"}, m{"\x00": "a"}, l{"\xff"}, m{"a": l{m{"b": "\xff"}}}},
	}
	for name, values := range refused {
		for _, v := range values {
			got, err := bindOne(t, name, v)
			var bad *paramError
			if !errors.As(err, &bad) || bad.Name != name {
				t.Errorf("%s ← %#v = %#v, %v; want paramError", name, v, got, err)
			}
		}
	}
}

type page struct {
	Limit int `param:"limit" default:"25"`
}

type listing struct {
	page
	Method string  `param:"method,mode;required"`
	Source string  `param:"source" default:"users"`
	Force  bool    `param:"force" default:"true"`
	Note   *string `param:"note"`
	Hidden string  // no parameter
}

func TestBindFillsStruct(t *testing.T) {
	tests := map[string]struct {
		query string
		want  listing
	}{
		"defaults":         {"method=set", listing{page{25}, "set", "users", true, nil, ""}},
		"alias":            {"mode=add", listing{page{25}, "add", "users", true, nil, ""}},
		"first alias wins": {"mode=add&method=set", listing{page{25}, "set", "users", true, nil, ""}},
		"all": {"method=set&limit=5&source=&force=0&note=n&Hidden=x&unknown=x",
			listing{page{5}, "set", "", false, ptr("n"), ""}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got listing
			if err := mustRead(t, request("GET", tt.query, "", "")).bind(&got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(listing{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBindRequired(t *testing.T) {
	for _, body := range []string{`{}`, `{"method":null}`, `{"mode":1}`, `{"method":[],"mode":"set"}`} {
		var dst listing
		err := mustRead(t, request("POST", "", typeJSON, body)).bind(&dst)
		var missing *paramError
		if !errors.As(err, &missing) || missing.Name != "method" {
			t.Errorf("%s: err = %v, want paramError for method", body, err)
		}
	}
}

func TestParamErrorNamesTheParameter(t *testing.T) {
	const want = `parameter "roomName" is missing or malformed`
	if got := (&paramError{Name: "roomName"}).Error(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPlanOf(t *testing.T) {
	got := planOf(reflect.TypeFor[listing]())
	want := []paramField{
		{names: []string{"limit"}, typ: reflect.TypeFor[int](), fallback: "25", hasDefault: true, index: []int{0, 0}},
		{names: []string{"method", "mode"}, typ: reflect.TypeFor[string](), required: true, index: []int{1}},
		{names: []string{"source"}, typ: reflect.TypeFor[string](), fallback: "users", hasDefault: true, index: []int{2}},
		{names: []string{"force"}, typ: reflect.TypeFor[bool](), fallback: "true", hasDefault: true, index: []int{3}},
		{names: []string{"note"}, typ: reflect.TypeFor[*string](), index: []int{4}},
	}
	equalTypes := cmp.Comparer(func(a, b reflect.Type) bool { return a == b })
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(paramField{}), equalTypes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again := planOf(reflect.TypeFor[listing]()); &again[0] != &got[0] {
		t.Error("the plan was computed twice")
	}
}

func TestPlanOfRefusesBadTags(t *testing.T) {
	for name, v := range map[string]any{
		"empty name": struct {
			A string `param:""`
		}{},
		"unknown option": struct {
			A string `param:"a;optional"`
		}{},
		"unexported": struct {
			a string `param:"a"`
		}{},
		"float": struct {
			A float64 `param:"a"`
		}{},
		"pointer to list": struct {
			A *[]string `param:"a"`
		}{},
		"uintptr": struct {
			A uintptr `param:"a"`
		}{},
		"default of a list": struct {
			A []string `param:"a" default:"x"`
		}{},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			planOf(reflect.TypeOf(v))
		})
	}
}

func FuzzReadParams(f *testing.F) {
	f.Add("GET", "", "a=1&string=x&list[]=1&lists[k][]=2&object[a][b]=c", "")
	f.Add("POST", typeJSON, "", `{"string":"\ud800","int":1e999,"object":{"a":[null,{"b":"\u0000"}]},"list":{"1":2}}`)
	f.Add("PUT", typeForm, "string=%ff&int=-9e99", "stringP=%00&bool=false&int8=300")
	f.Add("POST", "multipart/form-data; boundary=B", "",
		"--B\r\nContent-Disposition: form-data; name=\"list[]\"; filename=\"\xff\"\r\n\r\nx\r\n--B--\r\n")
	f.Fuzz(func(t *testing.T, method, contentType, query, body string) {
		r := request("POST", query, contentType, body)
		r.Method = method
		p, err := readParams(r, 1<<10)
		if err != nil {
			if len(body) <= 1<<10 {
				t.Fatalf("readParams: %v", err)
			}
			return
		}
		checkText(t, reflect.ValueOf(p.text("string")))
		if file, header, ok := p.file("list[]"); ok && header.Size != int64(file.Len()) {
			t.Errorf("file of %d bytes says %d", file.Len(), header.Size)
		}
		var dst every
		if err := p.bind(&dst); err == nil {
			checkText(t, reflect.ValueOf(dst))
		}
	})
}

// checkText fails on any string below v that is not clean text.
func checkText(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.String:
		for _, r := range v.String() {
			if r == 0 {
				t.Errorf("NUL in %q", v)
			}
		}
		if !utf8.ValidString(v.String()) {
			t.Errorf("broken UTF-8 in %q", v)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			checkText(t, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			checkText(t, v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			checkText(t, v.Index(i))
		}
	case reflect.Map:
		for key, item := range v.Seq2() {
			checkText(t, key)
			checkText(t, item)
		}
	}
}
