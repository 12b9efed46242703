package conversation_test

import (
	"net/http"

	"parley/internal/store"
	"parley/internal/talktest"
)

func addTopic() topic {
	return topic{"add", "POST /room/{token}/participants", []apiCase{
		{versions: inAll, status: 200, name: "user", when: "a user becomes a member; `source` is `users` by default", by: moderator,
			with: send(talktest.P{"newParticipant": stranger}), want: "[]", after: becomesSaying(stranger, 3, "user_added")},
		{versions: inAll, status: 200, name: "capitals", when: "user ids are the same in small and capital letters", by: moderator,
			with: adding("users", "ERIN"), want: "[]", after: becomes(stranger, 3)},
		{versions: inAll, status: 200, name: "participant", when: "a participant stays what they are", by: moderator,
			with: adding("users", "alice"), want: "[]", after: becomes(owner, 1)},
		{versions: inOld, status: 200, name: "still self-joined", when: "a self-joined user stays self-joined", by: moderator,
			before: arrive(selfJoined), with: adding("users", "dave"), want: "[]", after: becomes(selfJoined, 5)},
		{versions: inV4, status: 200, name: "self-joined", when: "a self-joined user becomes a member", by: moderator,
			before: arrive(selfJoined), with: adding("users", "dave"), want: "[]", after: becomesSaying(selfJoined, 3, "user_added")},
		{versions: inOld, status: 200, name: "group members", when: "the members of a group, without the group", by: moderator,
			before: withGroup, with: adding("groups", "group"), want: "[]", after: bothAre(0, 3)},
		{versions: inV4, status: 200, name: "group", when: "a group and its members", by: moderator,
			before: withGroup, with: adding("groups", "group"), want: "[]", after: bothAre(3, 3)},
		{versions: inAll, status: 200, name: "e-mail", when: "an address; the conversation is public then", by: moderator,
			before: private, with: adding("emails", guestAddress), want: `{"type":3}`, after: invited},
		{versions: inAll, status: 200, name: "circle", when: "a team (`circles`) and its members", by: owner,
			before: newCircle, with: addCircle, want: "[]", after: becomes("frank", 3)},
		{versions: inV4, status: 200, name: "team", when: "`teams` is another word for `circles`", by: owner,
			before: newCircle, with: addTeam, want: "[]", after: becomes("frank", 3)},
		{versions: inAll, status: 200, name: "group again", when: "a group that is there already, also in its members", by: moderator,
			before: (*stage).addGroup, with: adding("groups", "group"), want: "[]", after: bothAre(3, 3)},
		{versions: inV4, status: 200, name: "banned member", when: "banned members of a group are left out", by: moderator,
			before: withBannedGroup, with: adding("groups", "group"), want: "[]", after: bothAre(3, 0)},
		{versions: inOld, status: 400, name: "team", when: "the old versions do not know `teams`", by: owner,
			before: newCircle, with: addTeam, want: "[]"},
		{versions: inAll, status: 400, name: "source", when: "the source is unknown", by: moderator, with: adding("planets", "mars"), want: `{"error":"source"}`},
		{versions: inAll, status: 400, name: "no source", when: "the source is empty", by: moderator, with: adding("", "erin"), want: `{"error":"source"}`},
		{versions: inAll, status: 400, name: "one-to-one", when: "the conversation is a one-to-one", by: owner,
			before: inOneToOne, with: adding("users", "erin"), want: `{"error":"room-type"}`},
		{versions: inV4, status: 400, name: "banned", when: "the user is banned", by: moderator,
			before: banStranger, with: adding("users", "erin"), want: `{"error":"ban"}`},
		{versions: inAll, status: 400, name: "address", when: "the address is impossible", by: moderator,
			with: adding("emails", "not an address"), want: `{"error":"new-participant"}`},
		{versions: inAll, status: 400, name: "nobody named", when: "`newParticipant` is missing", by: moderator,
			with: send(talktest.P{"source": "users"}), want: `{"error":"newParticipant"}`},
		{versions: inAll, status: 401, name: "guest moderator", when: "the caller has no account", by: guestModerator,
			with: adding("users", "erin"), want: "[]"},
		{versions: inAll, status: 403, name: "member", when: "the caller is no moderator", by: member, with: adding("users", "erin"), want: "[]"},
		{versions: inAll, status: 404, name: "conversation", when: "there is no such conversation", by: moderator,
			before: elsewhere, with: adding("users", "erin"), want: "[]"},
		{versions: inAll, status: 404, name: "user", when: "there is no such user", by: moderator,
			with: adding("users", "nobody"), want: `{"error":"new-participant"}`},
		{versions: inAll, status: 404, name: "group", when: "there is no such group", by: moderator,
			with: adding("groups", "nobody"), want: `{"error":"new-participant"}`},
		{versions: inAll, status: 404, name: "circle", when: "there is no such team, or the caller is not in it", by: moderator,
			before: newCircle, with: addCircle, want: `{"error":"new-participant"}`},
		{versions: inAll, status: 501, name: "phone", when: "telephones (`phones`) are not set up", by: moderator,
			with: adding("phones", "+4930123456"), want: `{"error":"sip"}`},
	}}
}

// withGroup makes the group, unless an earlier stage did.
func withGroup(s *stage) {
	if s.srv.As("admin").Get("/cloud/groups/group").Status != http.StatusOK {
		s.srv.AddGroup("group", "frank")
	}
}

func newCircle(s *stage) {
	s.srv.As("frank")
	s.team = newTeam(s.srv, "team", user("frank"))
}

func addCircle(s *stage) talktest.P { return talktest.P{"source": "circles", "newParticipant": s.team} }

func addTeam(s *stage) talktest.P { return talktest.P{"source": "teams", "newParticipant": s.team} }

func withBannedGroup(s *stage) {
	withGroup(s)
	ban(s, "frank")
}

func bothAre(group, frank int64) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) {
		s.is("group", group)
		s.is("frank", frank)
	}
}

func invited(s *stage, _ *talktest.Reply) {
	if found := emailGuests(s.srv.As(string(owner)), "v4/room/"+s.home); len(found) != 1 || found[0].Text("invitedActorId") != guestAddress {
		s.t.Errorf("e-mail guests are %v", found)
	}
	if kind := s.asOwner("GET", "").Number("type"); kind != 3 {
		s.t.Errorf("the conversation has type %d", kind)
	}
	if n := s.srv.Queue(store.MailKind).Waiting; n != 1 {
		s.t.Errorf("%d mails wait", n)
	}
}

func ban(s *stage, r role) {
	s.t.Helper()
	s.srv.As(string(owner)).Post("v1/ban/"+s.home, talktest.P{"actorType": "users", "actorId": r}).OK()
}

func banStranger(s *stage) { ban(s, stranger) }
