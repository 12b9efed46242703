package conversation_test

import (
	"net/http"

	"parley/internal/talktest"
)

func removeAttendeeTopic() topic {
	return topic{"remove attendee", "DELETE /room/{token}/attendees", []apiCase{
		{versions: inIDs, status: 200, name: "member", when: "a member is removed", by: moderator, with: byID(member), want: "null",
			after: becomesSaying(member, 0, "user_removed")},
		{versions: inIDs, status: 200, name: "moderator", when: "moderators can be removed", by: owner, with: byID(moderator), want: "null",
			after: becomes(moderator, 0)},
		{versions: inIDs, status: 200, name: "guest", when: "a guest is removed, also by a guest moderator", by: guestModerator, with: byID(guest), want: "null",
			after: becomes(guest, 0)},
		{versions: inIDs, status: 200, name: "e-mail guest", when: "an e-mail guest is removed", by: moderator, with: byID(emailGuest), want: "null",
			after: becomes(emailGuest, 0)},
		{versions: inIDs, status: 200, name: "group", when: "a group goes with its members", by: moderator,
			before: (*stage).addGroup, with: byRow("group"), want: "null", after: bothAre(0, 0)},
		{versions: inV4, status: 200, name: "oneself", when: "moderators may remove themselves", by: owner, with: byRow(owner), want: "null",
			after: ownerIsOut},
		{versions: inIDs, status: 400, name: "one-to-one", when: "the conversation is a one-to-one", by: owner,
			before: inOneToOne, with: byRow(member), want: `{"error":"room-type"}`},
		{versions: inV4, status: 400, name: "last moderator", when: "the caller removes themselves and no moderator would be left", by: owner,
			before: alone, with: byRow(owner), want: `{"error":"last-moderator"}`},
		{versions: inIDs, status: 400, name: "nobody named", when: "`attendeeId` is missing", by: moderator, want: `{"error":"attendeeId"}`},
		{versions: inIDs, status: 403, name: "member", when: "the caller is no moderator", by: member, with: byID(selfJoined), want: "[]"},
		{versions: inIDs, status: 403, name: "owner", when: "the target is the owner", by: moderator, with: byID(owner), want: `{"error":"owner"}`},
		{versions: []int{3}, status: 403, name: "oneself", when: "the caller names themselves, who have a request of their own", by: moderator, with: byRow(moderator), want: "[]"},
		{versions: inIDs, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: byID(member), want: "[]"},
		{versions: inIDs, status: 404, name: "participant", when: "there is no such participant", by: moderator, with: nobody, want: `{"error":"participant"}`},
		{versions: inV4, status: 404, name: "guest moderator", when: "guest moderators cannot remove themselves, they leave", by: guestModerator,
			with: byRow(guestModerator), want: `{"error":"participant"}`},
	}}
}

func removeUserTopic() topic {
	return topic{"remove user", "DELETE /room/{token}/participants", []apiCase{
		{versions: inOld, status: 200, name: "member", when: "a member is removed", by: moderator, with: removing(member), want: "[]",
			after: becomesSaying(member, 0, "user_removed")},
		{versions: inOld, status: 200, name: "moderator", when: "moderators can be removed", by: owner, with: removing(moderator), want: "[]",
			after: becomes(moderator, 0)},
		{versions: inOld, status: 200, name: "oneself", when: "members may remove themselves", by: member, with: removing(member), want: "[]",
			after: becomes(member, 0)},
		{versions: inOld, status: 400, name: "one-to-one", when: "the conversation is a one-to-one", by: owner,
			before: inOneToOne, with: removing(member), want: "[]"},
		{versions: inOld, status: 400, name: "last moderator", when: "the caller removes themselves and no moderator would be left", by: owner,
			before: alone, with: removing(owner), want: "[]"},
		{versions: inOld, status: 400, name: "nobody named", when: "`participant` is missing", by: moderator, want: "[]"},
		{versions: inOld, status: 403, name: "member", when: "the caller is no moderator", by: member, with: removing(moderator), want: "[]"},
		{versions: inOld, status: 403, name: "owner", when: "the target is the owner", by: moderator, with: removing(owner), want: "[]"},
		{versions: inOld, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: removing(member), want: "[]"},
		{versions: inOld, status: 404, name: "participant", when: "there is no such participant", by: moderator, with: removing(stranger), want: "[]"},
	}}
}

func removeGuestTopic() topic {
	return topic{"remove guest", "DELETE /room/{token}/participants/guests", []apiCase{
		{versions: inOld, status: 200, name: "guest", when: "a guest is removed by session id", by: moderator, with: removingSession(guest), want: "[]",
			after: becomes(guest, 0)},
		{versions: inOld, status: 200, name: "guest moderator", when: "a guest moderator is removed", by: moderator, with: removingSession(guestModerator), want: "[]",
			after: becomes(guestModerator, 0)},
		{versions: inOld, status: 400, name: "user", when: "the session is a user's", by: moderator, with: removingSession(selfJoined), want: "[]"},
		{versions: inOld, status: 403, name: "member", when: "the caller is no moderator", by: member, with: removingSession(guest), want: "[]"},
		{versions: inOld, status: 403, name: "oneself", when: "a guest moderator names their own session", by: guestModerator,
			with: removingSession(guestModerator), want: "[]"},
		{versions: inOld, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: both(arrive(guest), elsewhere), with: removingSession(guest), want: "[]"},
		{versions: inOld, status: 404, name: "participant", when: "there is no such session", by: moderator, with: removing("nobody"), want: "[]"},
		{versions: inOld, status: 404, name: "no session", when: "`'0'` is nobody's session", by: moderator,
			before: arrive(guest), with: removing("0"), want: "[]"},
	}}
}

func removeSelfTopic() topic {
	return topic{"remove self", "DELETE /room/{token}/participants/self", []apiCase{
		{versions: inAll, status: 200, name: "member", when: "the caller is out", by: member, want: "null", after: becomesSaying(member, 0, "user_removed")},
		{versions: inAll, status: 200, name: "self-joined", when: "a self-joined user goes silently", by: selfJoined, want: "null",
			after: becomesSaying(selfJoined, 0, "moderator_promoted")},
		{versions: inAll, status: 200, name: "last", when: "the last member goes, and the conversation with them", by: owner,
			before: forsaken, want: "null", after: gone},
		{versions: inAll, status: 400, name: "last moderator", when: "no moderator would be left", by: owner, before: alone, want: `{"error":"last-moderator"}`},
		{versions: inAll, status: 401, name: "guest", when: "the caller has no account", by: guest, want: "[]"},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: member, before: elsewhere, want: "[]"},
		{versions: inAll, status: 404, name: "stranger", when: "the caller is no participant", by: stranger, want: "[]"},
	}}
}

func ownerIsOut(s *stage, _ *talktest.Reply) {
	const list = "GET /room/{token}/participants"
	s.ask(s.client(owner), list, nil).Expect(http.StatusNotFound)
	s.ask(s.client(moderator), list, nil).Expect(http.StatusOK)
}

// byRow is byID for those who do not join.
func byRow(r role) func(*stage) talktest.P {
	return func(s *stage) talktest.P { return talktest.P{"attendeeId": s.id(r)} }
}

func removing(r role) func(*stage) talktest.P { return send(talktest.P{"participant": r}) }

func removingSession(r role) func(*stage) talktest.P {
	return func(s *stage) talktest.P { s.client(r); return talktest.P{"participant": s.session(r)} }
}

// alone leaves the owner as the only moderator.
func alone(s *stage) {
	s.asOwner(http.MethodDelete, "/attendees", talktest.P{"attendeeId": s.id(moderator)})
	arrive(guestModerator)(s) // does not count
}

// forsaken leaves the owner with guests only.
func forsaken(s *stage) {
	alone(s)
	s.asOwner(http.MethodDelete, "/attendees", talktest.P{"attendeeId": s.id(member)})
	arrive(selfJoined, emailGuest)(s)
}

func gone(s *stage, _ *talktest.Reply) {
	for _, r := range []role{owner, selfJoined, guestModerator} {
		s.ask(s.client(r), "GET /room/{token}", nil).Expect(http.StatusNotFound)
	}
}
