package conversation_test

import (
	"maps"
	"slices"
	"strings"

	"parley/internal/talktest"
)

func listTopic() topic {
	return topic{"list", "GET /room/{token}/participants", []apiCase{
		{versions: inUserID, status: 200, name: "people", when: "users and the guests who are there, by `userId`", by: member,
			before: everybody, after: listsUsersAndGuests},
		{versions: inV3, status: 200, name: "actors", when: "everybody by actor, with one session each", by: member,
			before: everybody, after: listsAttendees},
		{versions: inV4, status: 200, name: "attendees", when: "everybody by actor, with all sessions and permissions", by: member,
			before: everybody, after: listsAttendees},
		{versions: inAll, status: 200, name: "statuses", when: "`includeStatus` adds the statuses of users", by: member,
			before: busy, with: send(talktest.P{"includeStatus": true}), after: listsStatuses},
		{versions: inAll, status: 200, name: "self-joined", when: "self-joined users may list", by: selfJoined, after: listsSomebody},
		{versions: inAll, status: 200, name: "guest moderator", when: "guest moderators may list", by: guestModerator, after: listsSomebody},
		{versions: inAll, status: 200, name: "moderator in lobby", when: "moderators ignore the lobby", by: moderator, before: inLobby, after: listsSomebody},
		{versions: inAll, status: 403, name: "guest", when: "the caller is a guest", by: guest, want: "null"},
		{versions: inAll, status: 403, name: "e-mail guest", when: "the caller is a guest by e-mail", by: emailGuest, want: "null"},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: member, before: elsewhere, want: "[]"},
		{versions: inAll, status: 404, name: "stranger", when: "the caller is no participant", by: stranger, want: "[]"},
		{versions: inAll, status: 404, name: "passer-by", when: "a guest did not join", by: passerBy, want: "[]"},
		{versions: inAll, status: 412, name: "lobby", when: "the lobby is on for the caller", by: member, before: inLobby, want: "[]"},
		{versions: inAll, status: 412, name: "guest in lobby", when: "a guest in the lobby: this comes before 403", by: guest,
			before: both(arrive(guest), inLobby), want: "[]"},
	}}
}

func everybody(s *stage) {
	arrive(selfJoined, guest, guestModerator, emailGuest)(s)
	s.addGroup()
}

// entryKeys are the fields of an entry by version.
func entryKeys(version int) []string {
	return strings.Fields(map[int]string{
		1: "displayName inCall lastPing participantType sessionId userId",
		2: "displayName inCall lastPing participantType sessionId userId",
		3: "actorId actorType attendeeId attendeePin displayName inCall lastPing participantType sessionId",
		4: "actorId actorType attendeeId attendeePermissions attendeePin callId displayName inCall lastPing participantType " +
			"permissions phoneNumber roomToken sessionIds",
	}[version])
}

func (s *stage) checkKeys(entries []talktest.Object) {
	s.t.Helper()
	for _, p := range entries {
		if got := slices.Sorted(maps.Keys(p)); !slices.Equal(got, entryKeys(s.version)) {
			s.t.Errorf("an entry has the fields %q", got)
		}
	}
}

func listsUsersAndGuests(s *stage, reply *talktest.Reply) {
	list := reply.List()
	s.checkKeys(list)
	var got []string
	for _, p := range list {
		here := map[bool]string{true: "+"}[len(p.Text("sessionId")) == 512]
		if here == "" && p.Text("sessionId") != "0" {
			s.t.Errorf("session %q", p.Text("sessionId"))
		}
		got = append(got, p.Text("userId")+here)
	}
	want := []string{"alice", "bob", "carol", "dave+", "+", "+", "frank"}
	if !slices.Equal(got, want) {
		s.t.Errorf("listed %q, want %q", got, want)
	}
}

func listsAttendees(s *stage, reply *talktest.Reply) {
	list := reply.List()
	s.checkKeys(list)
	var got []string
	for _, p := range list {
		got = append(got, p.Text("actorType"))
		if sessions, ok := p["sessionIds"].([]any); s.version == 4 && (!ok || len(sessions) > 1) {
			s.t.Errorf("sessions %v", p["sessionIds"])
		}
	}
	want := []string{"users", "users", "users", "users", "guests", "guests", "emails", "groups", "users"}
	if !slices.Equal(got, want) {
		s.t.Errorf("listed %q, want %q", got, want)
	}
	if first := list[0]; first.Text("actorId") != "alice" || first.Number("participantType") != 1 || first.Text("displayName") != "Alice" {
		s.t.Errorf("the owner is %v", first)
	}
}

func busy(s *stage) {
	s.srv.As(string(owner)).Put("/apps/user_status/api/v1/user_status/status", talktest.P{"statusType": "dnd"}).OK()
}

func listsStatuses(s *stage, reply *talktest.Reply) {
	list := reply.List()
	if got := list[0].Text("status"); got != "dnd" {
		s.t.Errorf("the owner is %q", got)
	}
	// The old versions leave out what nobody chose.
	want := map[bool]string{true: "offline"}[s.version == 4]
	if got := list[1].Text("status"); got != want {
		s.t.Errorf("the moderator is %q, want %q", got, want)
	}
	if got := reply.Header.Get("X-Nextcloud-Has-User-Statuses"); got != "1" {
		s.t.Errorf("the header is %q", got)
	}
}

func listsSomebody(s *stage, reply *talktest.Reply) {
	if len(reply.List()) < 3 {
		s.t.Errorf("listed %s", reply.Data)
	}
}
