package main

import (
	"strings"
	"testing"
)

func TestAppPasswordsOfAnAccount(t *testing.T) {
	s := newShell(t)
	s.ok("user add alice")
	s.ok("user add list")
	s.ok("user app-password alice --name laptop")
	s.ok("user app-password make list")
	if out := s.ok("user app-password list alice"); !strings.Contains(out, "laptop") || !strings.Contains(out, "never") {
		t.Errorf("list:\n%s", out)
	}
	if r := s.run("user app-password revoke list 1", ""); r.code == exitOK {
		t.Error("the app password of another account was revoked")
	}
	s.ok("user app-password revoke alice 1")
	if out := s.ok("user app-password list alice"); strings.Contains(out, "laptop") {
		t.Errorf("list after revoking:\n%s", out)
	}
}
