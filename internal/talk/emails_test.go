package talk_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"parley/internal/talk"
)

func TestEmailGuest(t *testing.T) {
	want := talk.Actor{talk.ActorEmails, "321ba197033e81286fedb719d60d4ed5cecaed170733cb4a92013811afc0e3b6"}
	if got := talk.EmailGuest(talk.FoldAddress(" Foo@Example.com\t")); got != want {
		t.Errorf("got %v", got)
	}
}

func TestValidAddress(t *testing.T) {
	for address, want := range map[string]bool{
		"foo@example.com": true, "foo.bar+tag@sub.example.com": true, "foo@localhost": true, "o'neil@example.com": true,
		"jörg@exämple.de": true, "a_b@example.com": true, strings.Repeat("a", 64) + "@example.com": true,
		"": false, "not-an-email": false, "@example.com": false, "foo@": false, "foo@@example.com": false, "a@b@c": false,
		"foo bar@example.com": false, "foo@exam ple.com": false, "Foo <foo@example.com>": false, "<foo@example.com>": false,
		`"foo bar"@example.com`: false, `"foo"@example.com`: false, "foo(x)@example.com": false, "foo@[127.0.0.1]": false,
		"foo@example..com": false, "foo@.com": false, "foo@example.com.": false, "foo@-a.com": false, "foo@a-.com": false,
		"foo@exa_mple.com": false, ".foo@example.com": false, "foo.@example.com": false, "a..b@example.com": false,
		"a@b.c,d@e.f": false, "foo@example.com\r\nBcc: x@example.com": false, "foo\x00@example.com": false, "foo@b\xff.com": false,
		"foo@exam\u200bple.com": false, strings.Repeat("a", 65) + "@example.com": false,
		"a@" + strings.Repeat("b", 64) + ".com": false, "a@" + strings.Repeat("b.", 127) + "c": false,
	} {
		if got := talk.ValidAddress(address); got != want {
			t.Errorf("ValidAddress(%q) = %v", address, got)
		}
	}
}

func TestParseEmailList(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want talk.EmailList
	}{
		"address alone":     {"email\nfoo@example.com", talk.EmailList{Invitees: []talk.Invitee{{"foo@example.com", ""}}}},
		"both":              {"email,name\nfoo@example.com,Foo Bar\n", talk.EmailList{Invitees: []talk.Invitee{{"foo@example.com", "Foo Bar"}}}},
		"other order, case": {"\ufeff Name , EMAIL \r\n\"Bar, Foo\", FOO@Example.com \r\n", talk.EmailList{Invitees: []talk.Invitee{{"foo@example.com", "Bar, Foo"}}}},
		"more columns":      {"x,email,y\n1,foo@example.com,2", talk.EmailList{Invitees: []talk.Invitee{{"foo@example.com", ""}}}},
		"no rows":           {"email\n\n", talk.EmailList{}},
		"name is address":   {"name,email\nFoo@Example.com,foo@example.com\n", talk.EmailList{Invitees: []talk.Invitee{{"foo@example.com", ""}}}},
		"duplicates": {"email,name\na@b.c,A\nA@B.C,B\na@b.c", talk.EmailList{
			Invitees: []talk.Invitee{{"a@b.c", "A"}}, Duplicates: 2,
		}},
		"bad rows": {"email,name\nnobody,A\n\na@b.c\n,B\nd@e.f," + strings.Repeat("n", 256), talk.EmailList{
			Invitees: []talk.Invitee{{"a@b.c", ""}}, Invalid: []int{2, 5, 6},
		}},
		"short row":  {"name,email\nonly\n", talk.EmailList{Invalid: []int{2}}},
		"open quote": {"email,name\n\"a@b.c,A\nd@e.f,D", talk.EmailList{Invalid: []int{2}}},
	} {
		got, err := talk.ParseEmailList([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestParseEmailListFails(t *testing.T) {
	rows := func(n int) string { return "email\n" + strings.Repeat("a@b.c\n", n) }
	for name, c := range map[string]struct{ text, reason string }{
		"empty":         {"", "header-email"},
		"other header":  {"mail,name\nfoo@example.com,Foo", "header-email"},
		"no header":     {"foo@example.com\nbar@example.com", "header-email"},
		"semicolons":    {"email;name\nfoo@example.com;Foo", "header-email"},
		"latin 1":       {"email,name\nfoo@example.com,J\xf6rg", "file"},
		"UTF-16":        {"\xff\xfee\x00m\x00a\x00i\x00l\x00", "file"},
		"NUL":           {"email\nfoo@example.com\x00", "file"},
		"too large":     {"email\n" + strings.Repeat("x", talk.MaxEmailFile), "file"},
		"too many rows": {rows(talk.MaxEmailRows + 1), "file"},
	} {
		_, err := talk.ParseEmailList([]byte(c.text))
		if e, ok := errors.AsType[*talk.Error](err); !ok || e.Kind != talk.Invalid || e.Reason != c.reason || e.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := talk.ParseEmailList([]byte(rows(talk.MaxEmailRows))); err != nil {
		t.Errorf("as many rows as allowed: %v", err)
	}
}

func TestEmailListWithout(t *testing.T) {
	list := talk.EmailList{Invitees: []talk.Invitee{{"a@b.c", ""}, {"d@e.f", ""}}, Duplicates: 1}
	rest := list.Without(map[talk.Actor]bool{talk.EmailGuest("a@b.c"): true})
	if diff := cmp.Diff(talk.EmailList{Invitees: []talk.Invitee{{"d@e.f", ""}}, Duplicates: 2}, rest); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseEmailList(f *testing.F) {
	for _, s := range []string{"email,name\na@b.c,A\n", "\ufeffname,email\n\"x\ny\",a@b.c", "email\n\"", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := talk.ParseEmailList(text)
		if err != nil && !talk.IsKind(err, talk.Invalid) {
			t.Fatalf("error of another kind: %v", err)
		}
		seen := map[string]bool{}
		for _, i := range list.Invitees {
			if seen[i.Address] || !talk.ValidAddress(i.Address) || talk.FoldAddress(i.Address) != i.Address || !utf8.ValidString(i.Name) {
				t.Fatalf("bad invitee %q", i)
			}
			seen[i.Address] = true
		}
		lines := strings.Count(string(text), "\n") + strings.Count(string(text), "\r") + 1
		for _, n := range list.Invalid {
			if n < 2 || n > lines {
				t.Fatalf("line %d of %d", n, lines)
			}
		}
	})
}
