package conversation_test

import (
	"net/http"
	"strings"

	"parley/internal/store"
	"parley/internal/talktest"
)

func resendTopic() topic {
	return topic{"resend", "POST /room/{token}/participants/resend-invitations", []apiCase{
		{versions: inIDs, status: 200, name: "one", when: "the mail to one e-mail guest goes out again", by: moderator,
			before: twoInvited, with: byRow("sha256"), want: "null", after: mailsWait(1)},
		{versions: inIDs, status: 200, name: "all", when: "without `attendeeId`: all mails", by: moderator, before: twoInvited, want: "null", after: mailsWait(2)},
		{versions: inIDs, status: 200, name: "user", when: "for users nothing is sent", by: moderator,
			before: twoInvited, with: byRow(member), want: "null", after: mailsWait(0)},
		{versions: inIDs, status: 401, name: "guest moderator", when: "the caller has no account", by: guestModerator, want: "[]"},
		{versions: inIDs, status: 403, name: "member", when: "the caller is no moderator", by: member, want: "[]"},
		{versions: inIDs, status: 404, name: "conversation", when: "there is no such conversation", by: moderator, before: elsewhere, want: "[]"},
		{versions: inIDs, status: 404, name: "participant", when: "there is no such participant", by: moderator, with: nobody, want: "null"},
	}}
}

func pinTopic() topic {
	return topic{"PIN", "GET /room/{token}/pin/{pin}", []apiCase{
		{versions: inIDs, status: 200, name: "bridge", when: "the conversation as the participant with the PIN sees it", phones: true,
			before: withPIN, by: passerBy, signed: signed, after: foundMember},
		{versions: inIDs, status: 401, name: "no proof", when: "the caller does not show that it is the SIP bridge", phones: true,
			before: withPIN, by: owner, want: "null"},
		{versions: inIDs, status: 401, name: "wrong proof", when: "the proof is for something else", phones: true,
			before: withPIN, by: passerBy, signed: signedElse, want: "null"},
		{versions: inIDs, status: 404, name: "conversation", when: "there is no such conversation", phones: true,
			before: both(withPIN, elsewhere), by: passerBy, signed: signed, want: "[]"},
		{versions: inIDs, status: 404, name: "participant", when: "nobody has the PIN", phones: true,
			before: wrongPIN, by: passerBy, signed: signed, want: "null"},
		{versions: inIDs, status: 501, name: "no bridge", when: "telephones are not set up", before: wrongPIN, by: passerBy, want: "null"},
	}}
}

func guestNameTopic() topic {
	name := func(n string) func(*stage) talktest.P { return send(talktest.P{"displayName": n}) }
	return topic{"guest name", "POST /guest/{token}/name", []apiCase{
		{versions: inV1, status: 200, name: "guest", when: "a guest has a name, kept as given", by: guest, with: name(" Gü <b>"), want: "null",
			after: isCalled(guest, " Gü <b>")},
		{versions: inV1, status: 200, name: "no name", when: "the name may be empty", by: guest, with: name(""), want: "null", after: isCalled(guest, "")},
		{versions: inV1, status: 200, name: "e-mail guest", when: "an e-mail guest is a guest", by: emailGuest, with: name("Em"), want: "null",
			after: isCalled(emailGuest, "Em")},
		{versions: inV1, status: 200, name: "guest moderator", when: "a guest moderator is a guest", by: guestModerator, with: name("Mo"), want: "null",
			after: isCalled(guestModerator, "Mo")},
		{versions: inV1, status: 400, name: "long", when: "the name has more than 255 characters", by: guest,
			with: name(strings.Repeat("ü", 256)), want: `{"error":"displayName"}`},
		{versions: inV1, status: 400, name: "missing", when: "`displayName` is missing", by: guest, want: `{"error":"displayName"}`},
		{versions: inV1, status: 403, name: "member", when: "the caller has an account", by: member, with: name("Ca"), want: "null"},
		{versions: inV1, status: 403, name: "self-joined", when: "the caller is a self-joined user", by: selfJoined, with: name("Da"), want: "null"},
		{versions: inV1, status: 404, name: "conversation", when: "there is no such conversation", by: guest, before: both(arrive(guest), elsewhere),
			with: name("Gu"), want: "[]"},
		{versions: inV1, status: 404, name: "passer-by", when: "the caller did not join", by: passerBy, with: name("Gu"), want: "[]"},
	}}
}

// twoInvited has invited two people by e-mail; "sha256" is the first.
func twoInvited(s *stage) {
	s.invite()
	s.actors["sha256"] = emailGuests(s.srv.As(string(owner)), "v4/room/"+s.home)[0].Text("actorId")
	s.add("emails", "other@example.com")
	forgetMails(s.t, s.srv)
}

func mailsWait(want int) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) {
		if n := s.srv.Queue(store.MailKind).Waiting; n != want {
			s.t.Errorf("%d mails wait, want %d", n, want)
		}
	}
}

func withPIN(s *stage) {
	if s.pin = s.row(member).Text("attendeePin"); len(s.pin) != 7 {
		s.t.Fatalf("the PIN is %q", s.pin)
	}
}

func wrongPIN(s *stage) { s.pin = "0000000" }

func signed(s *stage) func(*http.Request) { return newBridge(s.srv).sign(s.token) }

func signedElse(s *stage) func(*http.Request) { return newBridge(s.srv).sign("another") }

func foundMember(s *stage, reply *talktest.Reply) {
	if o := reply.Object(); o.Text("token") != s.token || o.Text("actorId") != string(member) {
		s.t.Errorf("answered %s", reply.Data)
	}
}

func isCalled(r role, name string) func(*stage, *talktest.Reply) {
	return func(s *stage, _ *talktest.Reply) {
		if got := s.row(r).Text("displayName"); got != name {
			s.t.Errorf("%s is called %q", r, got)
		}
	}
}
