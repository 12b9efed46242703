package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestTeams(t *testing.T) {
	s := newShell(t)
	for _, line := range []string{"user add alice", "user add bob", "group add staff"} {
		s.ok(line)
	}
	var inner, outer struct{ ID string }
	for name, team := range map[string]*struct{ ID string }{"Inner": &inner, "Outer": &outer} {
		if err := json.Unmarshal([]byte(s.ok("team add --json "+name+" alice")), team); err != nil || team.ID == "" {
			t.Fatalf("%s: %+v, %v", name, team, err)
		}
	}
	for _, member := range []string{"bob", "group:staff", "team:" + inner.ID} {
		s.ok("team member add " + outer.ID + " " + member)
	}
	s.ok("team rename " + inner.ID + " Inside")
	want := "MEMBER\nteam:" + inner.ID + "\ngroup:staff\nalice\nbob\n"
	if got := s.ok("team member list " + outer.ID); got != want {
		t.Errorf("members %q, want %q", got, want)
	}
	s.ok("team member remove " + outer.ID + " bob")
	s.ok("team delete " + inner.ID)
	var members struct{ Members []string }
	if err := json.Unmarshal([]byte(s.ok("team member list --json "+outer.ID)), &members); err != nil || strings.Join(members.Members, " ") != "group:staff alice" {
		t.Errorf("members %q, %v", members.Members, err)
	}
	if list := s.ok("team list"); !strings.Contains(list, outer.ID) || strings.Contains(list, inner.ID) {
		t.Errorf("teams:\n%s", list)
	}
	for line, problem := range map[string]string{
		"team add Third nobody":                           "has to be an account",
		"team delete nothing":                             "there is no team nothing",
		"team member list nothing":                        "there is no team nothing",
		"team member add " + outer.ID + " team:no":        "there is no team:no",
		"team member remove " + outer.ID + " alice":       "stays in the team",
		"team rename nothing " + strings.Repeat("x", 128): "1 to 127 characters",
	} {
		if r := s.on(line, ""); r.code != exitFailure || !strings.Contains(r.err, problem) {
			t.Errorf("%s: exit code %d, %q", line, r.code, r.err)
		}
	}
}
