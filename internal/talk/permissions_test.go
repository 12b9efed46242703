package talk_test

import (
	"testing"

	"parley/internal/talk"
)

func TestPermissionMasks(t *testing.T) {
	for name, test := range map[string]struct{ got, want talk.Permissions }{
		"all":    {talk.PermissionsAll, 254},
		"member": {talk.PermissionsMember, 246},
		"max":    {talk.PermissionsMax, 255},
	} {
		if test.got != test.want {
			t.Errorf("%s = %d, want %d", name, test.got, test.want)
		}
	}
	for p, want := range map[talk.Permissions]bool{-256: false, -1: false, 0: true, 1: true, 255: true, 256: false, 512: false} {
		if got := p.Valid(); got != want {
			t.Errorf("%d is valid: %v, want %v", p, got, want)
		}
	}
}

// TestFinalPermissionLevels lets each level decide in turn.
func TestFinalPermissionLevels(t *testing.T) {
	for _, test := range []struct {
		attendee, call, room, server, want talk.Permissions
	}{
		{2, 4, 16, 32, 2},
		{0, 4, 16, 32, 4},
		{0, 0, 16, 32, 16},
		{0, 0, 0, 32, 32},
		{0, 0, 0, 0, 246},
		{1, 4, 16, 32, 1}, // "custom, but nothing" is a decision
		{0, 0, 0, 255, 255},
		{0, 0, 0, 256, 255},
		{0, 0, 0, -1, 246},
	} {
		r := &talk.Room{CallPermissions: test.call, DefaultPermissions: test.room}
		for _, role := range roles {
			want := test.want
			if role == 1 || role == 2 || role == 6 {
				want = 254
			}
			a := &talk.Attendee{Type: role, Permissions: test.attendee}
			if got := talk.FinalPermissions(r, a, test.server); got != want {
				t.Errorf("role %d with %+v: got %d, want %d", role, test, got, want)
			}
		}
	}
}

// TestApplyExamples are values that clients send.
func TestApplyExamples(t *testing.T) {
	for _, test := range []struct {
		how          talk.PermissionChange
		old, p, want talk.Permissions
		failure      string
	}{
		{"set", 246, 0, 0, ""},
		{"set", 246, 8, 9, ""},
		{"set", 0, 255, 255, ""},
		{"add", 246, 8, 254, ""},
		{"add", 246, 0, 246, ""},
		{"remove", 246, 2, 244, ""},
		{"remove", 246, 255, 0, ""},
		{"set", 246, 256, 0, "invalid: value"},
		{"add", 246, -1, 0, "invalid: value"},
		{"toggle", 246, 1, 0, "invalid: method"},
		{"", 246, 1, 0, "invalid: method"},
		{"SET", 246, 1, 0, "invalid: method"},
		{"toggle", 246, 256, 0, "invalid: value"},
	} {
		got, err := test.how.Apply(test.old, test.p)
		wantOutcome(t, err, test.failure, "%+v", test)
		if got != test.want {
			t.Errorf("%+v: got %d", test, got)
		}
	}
}

func TestCanSetAttendeePermissions(t *testing.T) {
	for _, kind := range roomTypes {
		for _, role := range roles {
			for _, actor := range actors {
				want := ""
				switch {
				case kind == 1 || kind == 5:
					want = "invalid: room-type"
				case role == 1 || role == 2 || role == 6:
					want = "forbidden: moderator"
				case actor == "groups" || actor == "circles":
					want = "invalid: type"
				}
				target := &talk.Attendee{Type: role, Actor: talk.Actor{Type: actor, ID: "x"}}
				err := talk.CanSetAttendeePermissions(&talk.Room{Type: kind}, target)
				wantOutcome(t, err, want, "%s with role %d in room type %d", actor, role, kind)
			}
		}
	}
}
