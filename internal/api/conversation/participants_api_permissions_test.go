package conversation_test

import (
	"net/http"
	"testing"

	"parley/internal/talktest"
)

func permissionsTopic() topic {
	return topic{"permissions", "PUT /room/{token}/attendees/permissions", []apiCase{
		{versions: inV4, status: 200, name: "set", when: "`set` adds the custom bit", by: moderator, with: permitting(member, "set", 12), after: mayNow(13, 13)},
		{versions: inV4, status: 200, name: "reset", when: "`set` to 0 goes back to the defaults", by: moderator,
			before: permitted(member, "set", 12), with: permitting(member, "set", 0), after: mayNow(0, 246)},
		{versions: inV4, status: 200, name: "add", when: "`add` starts from what applied before", by: moderator, with: permitting(member, "add", 8), after: mayNow(254, 254)},
		{versions: inV4, status: 200, name: "remove", when: "`remove` starts from what applied before", by: guestModerator,
			with: permitting(member, "remove", 2), after: mayNow(244, 244)},
		{versions: inV4, status: 200, name: "from the conversation", when: "the defaults of the conversation are such a start", by: moderator,
			before: conversationPermits(20), with: permitting(member, "add", 2), after: mayNow(23, 23)},
		{versions: inV4, status: 200, name: "method", when: "`method` is another word for `mode` and wins", by: moderator,
			with: permittingBoth, after: mayNow(5, 5)},
		{versions: inV4, status: 200, name: "self-joined", when: "a self-joined user becomes a member by it", by: moderator,
			with: permitting(selfJoined, "set", 4), after: becomes(selfJoined, 3)},
		{versions: inV4, status: 400, name: "one-to-one", when: "the conversation is a one-to-one", by: owner,
			before: inOneToOne, with: permitting(member, "set", 4), want: `{"error":"room-type"}`},
		{versions: inV4, status: 400, name: "group", when: "the target is a group", by: moderator,
			before: (*stage).addGroup, with: permittingRow("group"), want: `{"error":"type"}`},
		{versions: inV4, status: 400, name: "circle", when: "the target is a team", by: moderator,
			before: withCircle, with: permittingCircle, want: `{"error":"type"}`},
		{versions: inV4, status: 400, name: "mode", when: "the mode is unknown", by: moderator, with: permitting(member, "toggle", 4), want: `{"error":"method"}`},
		{versions: inV4, status: 400, name: "value", when: "the permissions are out of range", by: moderator,
			with: permitting(member, "set", 256), want: `{"error":"value"}`},
		{versions: inV4, status: 400, name: "nobody named", when: "`attendeeId` is missing", by: moderator,
			with: send(talktest.P{"mode": "set", "permissions": 4}), want: `{"error":"attendeeId"}`},
		{versions: inV4, status: 403, name: "member", when: "the caller is no moderator", by: member, with: permitting(guest, "set", 4), want: "[]"},
		{versions: inV4, status: 403, name: "moderator", when: "the target is a moderator", by: owner,
			with: permitting(moderator, "set", 4), want: `{"error":"moderator"}`},
		{versions: inV4, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: permitting(member, "set", 4), want: "[]"},
		{versions: inV4, status: 404, name: "participant", when: "there is no such participant", by: moderator,
			with: send(talktest.P{"attendeeId": unknownID, "mode": "set", "permissions": 4}), want: `{"error":"participant"}`},
	}}
}

func allPermissionsTopic() topic {
	all := func(mode string, p int) func(*stage) talktest.P {
		return send(talktest.P{"mode": mode, "permissions": p})
	}
	return topic{"all permissions", "PUT /room/{token}/attendees/permissions/all", []apiCase{
		{versions: inV4, status: 200, name: "set", when: "`set` counts for everybody and forgets what single ones had", by: moderator,
			before: permitted(member, "set", 12), with: all("set", 4), after: mayNow(0, 5)},
		{versions: inV4, status: 200, name: "add", when: "`add` counts also for those who have their own", by: moderator,
			before: permitted(member, "set", 4), with: all("add", 8), after: mayNow(13, 13)},
		{versions: inV4, status: 200, name: "remove", when: "`remove` starts from what applied before", by: guestModerator,
			with: all("remove", 2), after: mayNow(0, 244)},
		{versions: inV4, status: 400, name: "one-to-one", when: "the conversation is a one-to-one", by: owner,
			before: inOneToOne, with: all("set", 4), want: `{"error":"type"}`},
		{versions: inV4, status: 400, name: "mode", when: "the mode is unknown", by: moderator, with: all("toggle", 4), want: `{"error":"method"}`},
		{versions: inV4, status: 400, name: "value", when: "the permissions are out of range", by: moderator, with: all("set", -1), want: `{"error":"value"}`},
		{versions: inV4, status: 400, name: "no mode", when: "`mode` is missing", by: moderator, with: send(talktest.P{"permissions": 4}), want: `{"error":"method"}`},
		{versions: inV4, status: 403, name: "member", when: "the caller is no moderator", by: member, with: all("set", 4), want: "[]"},
		{versions: inV4, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: all("set", 4), want: "[]"},
	}}
}

func permitting(r role, mode string, p int) func(*stage) talktest.P {
	return func(s *stage) talktest.P {
		if r != member { // who is there from the beginning
			s.client(r)
		}
		return talktest.P{"attendeeId": s.id(r), "mode": mode, "permissions": p}
	}
}

func permittingBoth(s *stage) talktest.P {
	return talktest.P{"attendeeId": s.id(member), "mode": "remove", "method": "set", "permissions": 4}
}

func permittingRow(r role) func(*stage) talktest.P {
	return func(s *stage) talktest.P { return talktest.P{"attendeeId": s.id(r), "mode": "set", "permissions": 4} }
}

func withCircle(s *stage) {
	newCircle(s)
	s.add("circles", s.team)
}

func permittingCircle(s *stage) talktest.P { return permittingRow(role(s.team))(s) }

func permitted(r role, mode string, p int) func(*stage) {
	return func(s *stage) { s.asOwner(http.MethodPut, "/attendees/permissions", permitting(r, mode, p)(s)) }
}

func conversationPermits(p int) func(*stage) {
	return func(s *stage) { s.asOwner(http.MethodPut, "/permissions/default", talktest.P{"permissions": p}) }
}

// mayNow checks the stored and the final permissions of the member.
func mayNow(stored, final int64) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) {
		row := s.row(member)
		if row.Number("attendeePermissions") != stored || row.Number("permissions") != final {
			s.t.Errorf("permissions %v and %v, want %d and %d", row["attendeePermissions"], row["permissions"], stored, final)
		}
	}
}

// The answer is a list with the one participant, in full.
func TestPermissionsAnswer(t *testing.T) {
	s := newStage(t, 4, false)
	list := s.asOwner(http.MethodPut, "/attendees/permissions", permitting(member, "set", 4)(s)).List()
	if len(list) != 1 || list[0].Text("actorId") != string(member) || list[0].Number("permissions") != 5 {
		t.Errorf("answered %v", list)
	}
}
