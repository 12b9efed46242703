package talk_test

import (
	"errors"
	"slices"
	"testing"

	"parley/internal/talk"
)

// step is one row of the fixed order of checks.
type step struct {
	refuses bool
	kind    talk.Kind
}

// firstRefusal is the order of the checks, said without the code under test:
// roles and bits are the numbers of the wire.
func firstRefusal(g talk.Guard, f *talk.Facts) (talk.Kind, bool) {
	if g.Need == talk.NeedNothing {
		return 0, false
	}
	var me talk.Attendee
	if f.Me != nil {
		me = f.Me.Attendee
	}
	moderator := slices.Contains([]talk.ParticipantType{1, 2, 6}, me.Type)
	bits := me.Permissions
	switch {
	case moderator:
		bits = 254
	case bits == 0:
		bits = 246
	}
	for _, s := range []step{
		{f.Room == nil, talk.NotFound},
		{f.Me == nil && g.Need != talk.NeedRoom, talk.NotFound},
		{f.Banned, talk.Forbidden},
		{g.Need == talk.NeedModerator && !moderator, talk.Forbidden},
		{g.Need == talk.NeedAccountModerator && me.Type != 1 && me.Type != 2, talk.Forbidden},
		{g.ReadWrite && f.Room != nil && (f.Room.ReadOnly == 1 || f.Room.Type == 4), talk.Forbidden},
		{g.NoLobby && f.Me != nil && f.Room != nil && f.Room.LobbyState == 1 && bits&8 == 0, talk.LobbyActive},
		{f.Me != nil && bits&g.Permission != g.Permission, talk.Forbidden},
	} {
		if s.refuses {
			return s.kind, true
		}
	}
	return 0, false
}

// allGuards returns every combination of requirements.
func allGuards() (all []talk.Guard) {
	for need := talk.NeedNothing; need <= talk.NeedAccountModerator; need++ {
		for _, readWrite := range bools {
			for _, noLobby := range bools {
				for _, p := range []talk.Permissions{0, talk.PermissionChat, talk.PermissionIgnoreLobby, talk.PermissionChat | talk.PermissionStartCall} {
					all = append(all, talk.Guard{Need: need, ReadWrite: readWrite, NoLobby: noLobby, Permission: p})
				}
			}
		}
	}
	return all
}

// allRooms returns no room, and rooms in every state that guards look at.
func allRooms() []*talk.Room {
	all := []*talk.Room{nil}
	for _, kind := range roomTypes {
		for readOnly := range 2 {
			for _, lobby := range []talk.LobbyState{talk.LobbyOff, talk.LobbyNonModerators} {
				all = append(all, &talk.Room{Type: kind, ReadOnly: readOnly, LobbyState: lobby})
			}
		}
	}
	return all
}

// allParticipants returns nobody, and every role with different stored permissions.
func allParticipants() []*talk.Participant {
	all := []*talk.Participant{nil}
	for _, role := range roles {
		for _, p := range []talk.Permissions{0, 1, 1 | talk.PermissionIgnoreLobby, 1 | talk.PermissionChat, 255} {
			all = append(all, &talk.Participant{Attendee: talk.Attendee{Type: role, Permissions: p}})
		}
	}
	return all
}

func TestGuardOrder(t *testing.T) {
	seen := make(map[string]int)
	for _, g := range allGuards() {
		for _, room := range allRooms() {
			for _, me := range allParticipants() {
				for _, banned := range bools {
					f := &talk.Facts{Room: room, Me: me, Banned: banned}
					err := g.Check(f)
					seen[outcome(err)]++
					want := ""
					if kind, refused := firstRefusal(g, f); refused {
						want = kind.String()
					}
					wantOutcome(t, err, want, "%+v room %+v me %+v banned %v", g, room, me, banned)
				}
			}
		}
	}
	for _, want := range []string{"", "not found", "forbidden", "lobby active"} {
		if seen[want] == 0 {
			t.Errorf("no case ended in %q", want)
		}
	}
	if len(seen) != 4 {
		t.Errorf("outcomes %v, want four kinds", seen)
	}
}

func TestGuardFailureIsMarked(t *testing.T) {
	err := talk.Guard{Need: talk.NeedRoom}.Check(&talk.Facts{})
	var e *talk.Error
	if !errors.As(err, &e) || !e.Guard || e.Reason != "" || e.Message != "" {
		t.Errorf("Check = %#v, want a guard's error without a reason", err)
	}
}

func TestGuardUsesServerPermissions(t *testing.T) {
	room := &talk.Room{Type: talk.Group, LobbyState: talk.LobbyNonModerators}
	me := &talk.Participant{Attendee: talk.Attendee{Type: talk.Member}}
	g := talk.Guard{Need: talk.NeedParticipant, NoLobby: true, Permission: talk.PermissionChat}
	for server, want := range map[talk.Permissions]string{
		0: "lobby active", talk.PermissionIgnoreLobby: "forbidden", talk.PermissionsAll: "",
	} {
		err := g.Check(&talk.Facts{Room: room, Me: me, ServerPermissions: server})
		wantOutcome(t, err, want, "server default %d", server)
	}
}

func TestNeedsAccount(t *testing.T) {
	for need := talk.NeedNothing; need <= talk.NeedAccountModerator; need++ {
		want := need == talk.NeedMember || need == talk.NeedAccountModerator
		if got := (talk.Guard{Need: need}).NeedsAccount(); got != want {
			t.Errorf("NeedsAccount of need %d = %v, want %v", need, got, want)
		}
	}
}
