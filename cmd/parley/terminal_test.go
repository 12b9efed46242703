package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

const evil = "a\x1b[2J\u009b31m\u202eb\tc\nd\x7f\u2028"

func TestTerminalQuotesWhatComesFromOutside(t *testing.T) {
	const want = `a\u001b[2J\u009b31m\u202eb\u0009c\u000ad\u007f\u2028`
	for name, print := range map[string]func(*terminal) error{
		"table":    func(tm *terminal) error { return tm.show(admin{}, nil, table{head: "ID", rows: [][]string{{evil}}}) },
		"sentence": func(tm *terminal) error { return tm.done(admin{}, nil, "%s", strings.ReplaceAll(evil, "\n", `\u000a`)) },
	} {
		var out bytes.Buffer
		if err := print(&terminal{out: &out}); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSuffix(strings.TrimPrefix(out.String(), "ID\n"), "\n"); got != want {
			t.Errorf("%s: %+q, want %+q", name, got, want)
		}
	}
}

func TestTerminalQuotesErrors(t *testing.T) {
	var out bytes.Buffer
	(&terminal{err: &out}).fail(&json.UnsupportedValueError{Str: "one\ntwo \x1b[2J"}, 1)
	if want := `parley: json: unsupported value: one; two \u001b[2J` + "\n"; out.String() != want {
		t.Errorf("%+q, want %+q", out.String(), want)
	}
}

func TestTerminalJSONIsTheSame(t *testing.T) {
	var out bytes.Buffer
	value := map[string]string{"text": evil + "👨‍👩‍👧\U000E0001<"}
	if err := (&terminal{out: &out}).show(admin{JSON: true}, value, table{}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u009b\u202e\x7f\u2028\U000E0001") || !strings.Contains(out.String(), "👨‍👩‍👧") {
		t.Errorf("printed %+q", out.String())
	}
	var back map[string]string
	if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["text"] != value["text"] {
		t.Errorf("read %+q: %v", back["text"], err)
	}
}
