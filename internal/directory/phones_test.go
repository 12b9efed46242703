package directory_test

import (
	"testing"

	"parley/internal/talk"
	"parley/internal/talktest"
)

func TestPhoneNumbersOfAccounts(t *testing.T) {
	s := talktest.Start(t)
	s.As("alice")
	s.As("bob")
	ctx := t.Context()
	set := func(number, user string, force bool) error {
		return s.Directory.SetPhoneNumber(ctx, number, user, force)
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"new", set("+49 30 123456", "Alice", false), ""},
		{"taken", set("004930123456", "bob", false), "conflict: number-taken"},
		{"no number", set("123", "bob", false), "invalid: number"},
		{"nobody", set("+4930999999", "carol", false), "not found: user"},
		{"unknown", s.Directory.DeletePhoneNumber(ctx, "+4930999999"), "not found: number-unknown"},
		{"nonsense", s.Directory.DeletePhoneNumber(ctx, "x"), "not found: number-unknown"},
	} {
		got := ""
		if c.err != nil {
			got = c.err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	owner := func(want string) {
		t.Helper()
		got, err := s.Directory.OwnerOfPhone(ctx, "+4930123456")
		if got != want || talk.IsKind(err, talk.NotFound) != (want == "") {
			t.Errorf("the number reaches %q, %v, want %q", got, err, want)
		}
	}
	owner("alice")
	if err := set("+4930123456", "bob", true); err != nil {
		t.Fatal(err)
	}
	owner("bob")
	if numbers, err := s.Directory.PhoneNumbersOf(ctx, "bob"); err != nil || len(numbers) != 1 || numbers[0].Number != "+4930123456" {
		t.Errorf("numbers of bob are %v, %v", numbers, err)
	}
	if err := s.Directory.DeletePhoneNumber(ctx, "+49 30 123456"); err != nil {
		t.Fatal(err)
	}
	owner("")
}
