package conversation_test

import (
	"net/http"
	"strconv"
	"testing"

	"parley/internal/talktest"
)

// dialout lets people call telephones.
func dialout(t *testing.T, s *talktest.Server) {
	t.Helper()
	if err := s.Settings.SetSettings(t.Context(), map[string]string{"sip_dialout": "yes"}); err != nil {
		t.Fatal(err)
	}
}

func TestDirectDialin(t *testing.T) {
	s := talktest.Start(t, telephony)
	alice := s.As("alice")
	if err := s.Directory.SetPhoneNumber(t.Context(), "+49 30 123456", "alice", false); err != nil {
		t.Fatal(err)
	}
	b := newBridge(s)
	call := func(number string, signed ...func(*http.Request)) answer {
		return b.ask("POST", "direct-dial-in", talktest.P{"phoneNumber": number, "caller": "+4989…"}, signed...)
	}
	call("+4930123456", b.sign("+4930999999")).is(t, "signature of another number", 401, "null")
	call("+4930999999", b.sign("+4930999999")).is(t, "unknown number", 404, "null")
	call("x", b.sign("x")).is(t, "no number", 404, "null")
	for _, number := range []string{"+4930123456", "4930123456"} {
		a := call(number, b.sign(number))
		if a.status != 200 || a.data.Number("type") != 2 || a.data.Text("objectType") != "phone_temporary" ||
			a.data.Text("objectId") != "direct-dialin" || a.data.Number("sipEnabled") != 2 || a.data.Text("actorType") != "guests" {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		list := alice.Get("v4/room/" + a.data.Text("token") + "/participants").OK().List()
		if len(list) != 2 || list[0].Text("actorId") != "alice" || list[1].Text("displayName") != "+4989…" {
			t.Errorf("participants are %v", list)
		}
	}
}

func TestPhonesAsParticipants(t *testing.T) {
	s := talktest.Start(t, telephony)
	token, alice, b := sipRoom(s, 1), s.As("alice"), newBridge(s)
	add := talktest.P{"source": "phones", "newParticipant": "0049 (30) 123-456"}
	alice.Post("v4/room/"+token+"/participants", add).Fails(501, "sip")
	b.ask("POST", token+"/verify-dialout", talktest.P{"number": "+1"}, b.sign(token)).is(t, "dial-out while it is off", 501, "null")
	dialout(t, s)
	alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "phones", "newParticipant": "call me"}).Fails(400, "new-participant")
	alice.Post("v4/room/"+token+"/participants", add).OK()
	last := alice.Get("v4/room/" + token).OK().Object()["lastMessage"].(map[string]any)
	if last["systemMessage"] != "phone_added" {
		t.Errorf("the last message is %v", last["systemMessage"])
	}
	phone := alice.Get("v4/room/" + token + "/participants").OK().List()[1]
	if phone.Text("actorType") != "phones" || phone.Text("phoneNumber") != "+4930123456" || phone.Text("displayName") != "+493012…" ||
		len(phone.Text("actorId")) != 40 || phone.Number("participantType") != 3 || phone.Text("attendeePin") != "" {
		t.Errorf("the phone is %v", phone)
	}
	s.As("bob").Post("v4/room/" + token + "/participants/active").OK()
	if seen := s.As("bob").Get("v4/room/" + token + "/participants").OK().List()[1].Text("phoneNumber"); seen != "" {
		t.Errorf("a participant sees the number %q", seen)
	}
	alice.Delete("v4/room/"+token+"/attendees", talktest.P{"attendeeId": phone.Number("attendeeId")}).OK()
	last = alice.Get("v4/room/" + token).OK().Object()["lastMessage"].(map[string]any)
	if last["systemMessage"] != "phone_removed" {
		t.Errorf("the last message is %v", last["systemMessage"])
	}
}

func TestConversationsBeginWithPhones(t *testing.T) {
	s := talktest.Start(t, telephony)
	numbers := talktest.P{"roomType": 2, "roomName": "Call", "participants": talktest.P{"phones": []string{"+4930123456", "me"}}}
	s.As("alice").Post("v4/room", numbers).Fails(404, "invite")
	dialout(t, s)
	room := s.As("alice").Post("v4/room", numbers).Expect(202).Object()
	if got := room["invalidParticipants"].(map[string]any)["phones"].([]any); len(got) != 1 || got[0] != "me" {
		t.Errorf("rejected phones are %v", got)
	}
	list := s.As("alice").Get("v4/room/" + room.Text("token") + "/participants").OK().List()
	if len(list) != 2 || list[1].Text("phoneNumber") != "+4930123456" {
		t.Errorf("participants are %v", list)
	}
}

func TestDialoutAnswers(t *testing.T) {
	s := talktest.Start(t, telephony)
	dialout(t, s)
	token, alice, b := sipRoom(s, 1), s.As("alice"), newBridge(s)
	alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "phones", "newParticipant": "+4930123456"}).OK()
	list := alice.Get("v4/room/" + token + "/participants").OK().List()
	owner, phone := list[0], list[1]
	verify := func(number, kind string, id any) answer {
		options := talktest.P{"actorType": kind, "actorId": id, "attendeeId": phone["attendeeId"]}
		return b.ask("POST", token+"/verify-dialout", talktest.P{"number": number, "options": options}, b.sign(token))
	}
	if a := verify("+4930123456", "phones", phone["actorId"]); a.status != 200 || a.data.Number("attendeeId") != phone.Number("attendeeId") {
		t.Errorf("%d %s", a.status, a.raw)
	}
	verify("+4930123456", "users", "alice").is(t, "a user", 400, "null")
	verify("+4930123456", "phones", nil).is(t, "no id", 400, "null")
	verify("+4930123456", "phones", "unknown").is(t, "another phone", 404, "null")
	verify("+4930123457", "phones", phone["actorId"]).is(t, "another number", 400, "null")
	b.ask("POST", token+"/verify-dialout", talktest.P{"number": "+1"}).is(t, "no signature", 401, "null")

	reject := func(call string, options talktest.P) answer {
		return b.ask("DELETE", token+"/rejected-dialout", talktest.P{"callId": call, "options": options}, b.sign(token))
	}
	reject("c1", talktest.P{}).is(t, "nobody", 400, "null")
	reject("c1", talktest.P{"attendeeId": 999999}).is(t, "unknown attendee", 404, "null")
	reject("", talktest.P{"attendeeId": owner["attendeeId"]}).is(t, "a user", 400, "null")
	reject("c1", talktest.P{"attendeeId": phone["attendeeId"]}).is(t, "another call", 400, "null")
	reject("", talktest.P{"attendeeId": strconv.FormatInt(phone.Number("attendeeId"), 10)}).is(t, "rejected", 200, "null")
	b.ask("DELETE", token+"/rejected-dialout", talktest.P{"callId": "c1"}).is(t, "no signature", 401, "null")
}
