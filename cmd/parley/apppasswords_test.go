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

func TestWipeTheDevicesOfAnAccount(t *testing.T) {
	s := newShell(t)
	s.ok("user add alice")
	s.ok("user app-password alice --name laptop")
	s.ok("user app-password alice --name telephone")
	if out := s.ok("user wipe Alice"); !strings.Contains(out, ": 2") {
		t.Errorf("wipe:\n%s", out)
	}
	if out := s.ok("user app-password list alice"); strings.Count(out, "to be wiped") != 2 {
		t.Errorf("list after wiping:\n%s", out)
	}
	if out := s.ok("user wipe alice --json"); !strings.Contains(out, `"devices":0`) && !strings.Contains(out, `"devices": 0`) {
		t.Errorf("wipe once more:\n%s", out)
	}
	if r := s.on("user wipe nobody", ""); r.code != exitFailure || !strings.Contains(r.err, "nobody") {
		t.Errorf("wipe the devices of nobody: %d %s", r.code, r.err)
	}
}
