package bus_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/bus"
)

// hostile are texts that a carrier could stumble over.
var hostile = []string{
	"", ";", "&", "*", "%", "%zz", "+", " ", "\n", "\x00", "\xff\xfe", "'; DROP TABLE rooms; --", "a;b&c*d", "🦜",
	strings.Repeat("\x00", bus.MaxField), strings.Repeat("é", bus.MaxField/2),
}

func TestHintsSurviveEncoding(t *testing.T) {
	var all []bus.Hint
	for _, a := range hostile {
		for _, b := range hostile {
			all = append(all, bus.Hint{Topic: bus.Topic(a), Token: b, Key: a}, bus.Hint{Topic: bus.Chat, Token: a, Key: b})
		}
	}
	payloads := bus.Encode("node;*&", bus.Batch{Hints: all})
	if len(payloads) < 2 {
		t.Fatalf("%d payloads", len(payloads))
	}
	var got []bus.Hint
	for _, p := range payloads {
		if len(p) > bus.MaxPayload {
			t.Errorf("a payload has %d bytes", len(p))
		}
		if strings.ContainsFunc(p, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Errorf("payload %q", p)
		}
		node, b, err := bus.Decode(p)
		if node != "node;*&" || b.All || err != nil {
			t.Fatalf("%q %v %v", node, b.All, err)
		}
		got = append(got, b.Hints...)
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Error(diff)
	}
}

// What is too long for anything that exists is not lost: everything is looked at.
func TestLongHintsAreEverything(t *testing.T) {
	long := strings.Repeat("x", bus.MaxField+1)
	for _, h := range []bus.Hint{{Topic: bus.Topic(long)}, {Token: long}, {Key: long}} {
		payloads := bus.Encode("n", bus.Batch{Hints: []bus.Hint{{Topic: bus.Chat}, h}})
		if _, b, err := bus.Decode(payloads[0]); len(payloads) != 1 || !b.All || err != nil {
			t.Errorf("%d payloads, %+v %v", len(payloads), b, err)
		}
	}
	if payloads := bus.Encode("n", bus.Batch{}); len(payloads) != 0 {
		t.Errorf("nothing became %q", payloads)
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range hostile {
		f.Add("n;" + text)
		f.Add(text)
	}
	f.Add("n;chat&token&key;chat&&")
	f.Fuzz(func(t *testing.T, payload string) {
		node, b, err := bus.Decode(payload)
		if err != nil {
			if !b.All || len(b.Hints) > 0 {
				t.Fatalf("%q failed and is not everything: %+v", payload, b)
			}
			return
		}
		var again bus.Batch
		for _, p := range bus.Encode(node, b) {
			n, part, err := bus.Decode(p)
			if n != node || err != nil {
				t.Fatalf("%q: node %q, %v", p, n, err)
			}
			again.All = again.All || part.All
			again.Hints = append(again.Hints, part.Hints...)
		}
		if again.All != b.All || !slices.Equal(again.Hints, b.Hints) {
			t.Fatalf("%q: %+v became %+v", payload, b, again)
		}
	})
}
