package signal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"parley/internal/talk"
	"parley/internal/talktest"
)

// TestForgedMessages: nobody speaks for others, nor to those who are not in the conversation.
func TestForgedMessages(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob := m.join(m.As("alice")), m.join(m.As("bob"))
		elsewhere := m.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Elsewhere"}).Created().Text("token")
		there, guest := m.joinAt(m.As("alice"), elsewhere), m.joinAt(m.Guest(), elsewhere)

		bob.send(say(there.session, "candidate", 1), say(guest.session, "candidate", 2))
		guest.send(say(bob.session, "candidate", 3))
		(&peer{guest.Client, m, m.token, guest.session}).send(say(bob.session, "candidate", 4))
		(&peer{guest.Client, m, m.token, bob.session}).send(say(alice.session, "candidate", 5))
		(&peer{bob.Client, m, m.token, alice.session}).send(say(alice.session, "candidate", 6))
		(&peer{alice.Client, m, m.token, there.session}).send(say(bob.session, "candidate", 7))
		bob.send(say(alice.session, "candidate", 8, p{"from": guest.session, "FROM": "x"}), say(bob.session, "candidate", 9))

		if got := there.hears(guest); len(got.notes) > 0 {
			m.t.Errorf("elsewhere alice hears %s", kinds(got.notes))
		}
		if got := guest.hears(there); len(got.notes) > 0 {
			m.t.Errorf("elsewhere a guest hears %s", kinds(got.notes))
		}
		if got := bob.hears(alice); kinds(got.notes) != "candidate 9" {
			m.t.Errorf("bob hears %s", kinds(got.notes))
		}
		got := alice.hears(bob)
		if kinds(got.notes) != "candidate 8" || !strings.Contains(got.texts[0], `"from":"`+bob.session+`"`) {
			m.t.Errorf("alice hears %s: %s", kinds(got.notes), got.texts)
		}
	})
}

// TestMalformedMessages: what nobody can read is dropped, and takes nothing else with it.
func TestMalformedMessages(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob := m.join(m.As("alice")), m.join(m.As("bob"))
		deep := strings.Repeat("[", 30_000)
		for _, text := range []string{
			"", "null", "[]", "{}", "1", `"x"`, "[", "[]]", "\xff", deep, "[" + strings.Repeat(`{"ev":`, 20_000), strings.Repeat("[", 100) + strings.Repeat("]", 100),
			`{"ev":"message"}`, `[null,1,"x",[],{},{"ev":1},{"ev":"message","fn":{},"sessionId":"` + bob.session + `"}]`,
		} {
			bob.post(text)
		}
		r := bob.Raw("POST", "/ocs/v2.php/apps/spreed/api/v3/signaling/"+m.token, talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", "application/json"),
			talktest.Body("application/x-www-form-urlencoded", "messages=%5B%00%ff%5D&messages=%5B&messages[]=1"))
		if r.Status != http.StatusOK && r.Status != http.StatusBadRequest {
			m.t.Errorf("a form: %d", r.Status)
		}
		for _, value := range []any{1, true, []any{}, p{"a": 1}} {
			if r := bob.Post("v3/signaling/"+m.token, p{"messages": value}); r.Status != http.StatusBadRequest && r.Status != http.StatusOK {
				m.t.Errorf("messages that are %v: %d", value, r.Status)
			}
		}
		var all []any
		n := 0
		add := func(some ...any) { // each with a good one behind it
			n++
			all = append(append(all, some...), say(alice.session, "candidate", n))
		}
		for _, to := range []any{
			nil, 1, true, []any{alice.session}, p{"a": 1}, "", "x", "\x00", alice.session[:16], alice.session[:511], alice.session + "x", alice.session + "\x00",
			"0123456789abcde\u00e9", "0123456789abcd\u00e9\u00e9", strings.Repeat("\U0001F600", 600), "' OR 1=1 --", "%", strings.Repeat("x", 60_000),
		} {
			message := say("", "candidate", -1)
			message["to"] = to
			add(message)
		}
		good := fmt.Sprintf(`"to":%q`, alice.session)
		add("", "null", "[]", "1", "{", "{"+good, "\x00", `{`+good+`,"x":`+deep+`}`, `{"TO":"`+alice.session+`"}`)
		add(say(alice.session, "candidate", -1, p{"x": strings.Repeat("x", talk.MaxSignalLength)}))
		bob.send(all...)
		got := alice.hears(bob)
		if len(got.notes) != n || slices.ContainsFunc(got.notes, func(x note) bool { return x.N < 1 }) {
			m.t.Errorf("alice hears %d messages, want %d: %s", len(got.notes), n, kinds(got.notes))
		}
		bob.send(fmt.Sprintf(`{%s,"type":"candidate","x":"%s"}`, good, strings.Repeat("<é\u2028", 10_000)))
		if got := alice.hears(bob); len(got.texts) != 1 || len(got.texts[0]) > talk.MaxSignalLength || !strings.Contains(got.texts[0], "<é") {
			m.t.Errorf("of a large message alice hears %d", len(got.texts))
		}
		if r := bob.Post("v3/signaling/"+m.token, p{"messages": strings.Repeat("x", 1<<20)}); r.Status != http.StatusRequestEntityTooLarge {
			m.t.Errorf("a request of a megabyte: %d", r.Status)
		}
	})
}

// TestHiddenMedia: whoever may not send a camera does not, however the offer is written.
func TestHiddenMedia(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob := m.join(m.As("alice")), m.join(m.As("bob"))
		who := alice.Get("v4/room/" + m.token + "/participants").OK().List()
		silent := int(talk.PermissionsAll &^ (talk.PermissionPublishAudio | talk.PermissionPublishVideo | talk.PermissionPublishScreen))
		alice.Put("v4/room/"+m.token+"/attendees/permissions", p{"attendeeId": who[1].Number("attendeeId"), "permissions": silent, "method": "set"}).OK()
		const sends, plain = "v=0\r\nm=video 9 X 1\r\na=sendrecv\r\n", "v=0\r\nm=video 9 X 1\r\na=recvonly\r\n"
		raw := func(fields string) string { return fmt.Sprintf(`{"to":%q,"n":-1,%s}`, alice.session, fields) }
		text := func(sdp string) string { encoded, _ := json.Marshal(sdp); return string(encoded) }
		for _, message := range []any{
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}}),
			say(alice.session, "answer", -1, p{"payload": p{"sdp": sends}}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}, "roomType": "screen"}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}, "roomType": "other"}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}, "roomType": nil}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": []string{sends}}}),
			say(alice.session, "offer", -1, p{"payload": []any{p{"sdp": sends}}}),
			say(alice.session, "offer", -1, p{"payload": text(sends)}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}, "roomType": []string{"video"}}),
			say(alice.session, "offer", -1, p{"payload": p{"sdp": sends}, "type": []string{"offer"}}),
			raw(`"type":"offer","roomType":"video","payload":{"sdp":` + text(sends) + `,"SDP":` + text(plain) + `}`),
			raw(`"type":"offer","roomType":"video","payload":{"sdp":` + text(sends) + `},"PAYLOAD":{"sdp":` + text(plain) + `}`),
			raw(`"type":"offer","TYPE":"candidate","roomType":"video","payload":{"sdp":` + text(sends) + `}`),
			raw(`"type":"candidate","type":"offer","payload":{"sdp":` + text(plain) + `,"sdp":` + text(sends) + `}`),
			say(alice.session, "control", -1, p{"payload": p{"action": "forceMute"}}),
		} {
			bob.send(message)
		}
		bob.send(
			say(alice.session, "offer", 1, p{"payload": p{"sdp": plain}}), say(alice.session, "answer", 2, p{"payload": p{"sdp": plain}}),
			say(alice.session, "offer", 3), say(alice.session, "candidate", 4, p{"payload": p{"sdp": sends}}), say(alice.session, "raiseHand", 5),
		)
		if got := kinds(alice.hears(bob).notes); got != "offer 1, answer 2, offer 3, candidate 4, raiseHand 5" {
			m.t.Errorf("alice hears %s", got)
		}
		alice.send(say(bob.session, "offer", 1, p{"payload": p{"sdp": sends}}), say(bob.session, "control", 2))
		if got := kinds(bob.hears(alice).notes); got != "offer 1, control 2" {
			m.t.Errorf("bob hears %s", got)
		}
	})
}

// TestFlood: a receiver who takes nothing keeps no more than a bounded number, which costs others nothing.
func TestFlood(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob, guest := m.join(m.As("alice")), m.join(m.As("bob")), m.join(m.Guest())
		const sent = 600
		var many []any
		for n := range sent {
			to := []string{alice.session, guest.session}[n%2]
			many = append(many, p{"to": to, "n": n})
		}
		bob.send(many...)
		for i, x := range []*peer{alice, guest} {
			got := x.ask()
			if len(got.notes) != talk.MaxSignalsTaken {
				m.t.Errorf("%d messages at once", len(got.notes))
			}
			got.notes = append(got.notes, x.hears(bob).notes...)
			for n, one := range got.notes {
				if one.N != 2*n+i {
					m.t.Fatalf("message %d came as number %d", one.N, n)
				}
			}
			if len(got.notes) != sent/2 {
				m.t.Errorf("%d messages in all", len(got.notes))
			}
		}
		few, err := json.Marshal(append(make([]any, talk.MaxSignals-1), alice.item(say(alice.session, "candidate", 1)), alice.item(say(alice.session, "candidate", 2))))
		if err != nil {
			m.t.Fatal(err)
		}
		alice.post(string(few))
		if got := kinds(alice.hears(bob).notes); got != "candidate 1" {
			m.t.Errorf("of too many messages alice hears %s", got)
		}
		var flood sync.WaitGroup
		for _, x := range []*peer{bob, guest} {
			flood.Go(func() {
				for range 5 {
					some := make([]any, 200)
					for n := range some {
						some[n] = say(alice.session, "candidate", n)
					}
					x.send(some...)
				}
			})
		}
		flood.Wait()
		guest.send(say(bob.session, "candidate", 1))
		if got := kinds(bob.hears(guest).notes); got != "candidate 1" {
			m.t.Errorf("bob hears %s", got)
		}
		bob.send(say(alice.session, "late", 0)) // there is no room for it
		got := slices.Concat(alice.ask().notes, alice.hears(bob).notes)
		// Two that are stored at the same time do not see each other.
		if n := len(got); n < talk.MaxSignalsWaiting || n > talk.MaxSignalsWaiting+200 || strings.Contains(kinds(got), "late") {
			m.t.Errorf("%d messages waited", n)
		}
	})
}

// TestOrder: what somebody says comes in the order in which it was said, however many speak, and
// though the receiver takes it meanwhile.
func TestOrder(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		const requests, each = 15, 3
		alice := m.join(m.As("alice"))
		senders := []*peer{m.join(m.As("bob")), m.join(m.Guest()), m.join(m.Guest()), alice}
		heard := alice.listen(len(senders))
		var speaking sync.WaitGroup
		for _, x := range senders {
			speaking.Go(func() {
				for r := range requests {
					var some []any
					for i := range each {
						some = append(some, say(alice.session, "candidate", r*each+i))
					}
					x.send(some...)
				}
				x.send(say(alice.session, "bye", requests*each))
			})
		}
		speaking.Wait()
		next := map[string]int{}
		for _, one := range heard() {
			if one.N != next[one.From] {
				m.t.Fatalf("message %d came as number %d", one.N, next[one.From])
			}
			next[one.From]++
		}
		for _, x := range senders {
			if next[x.session] != requests*each+1 {
				m.t.Errorf("%d messages came", next[x.session])
			}
		}
	})
}

// TestBannedGuestWaits: whoever is banned while they wait is told that they have no session, and their
// address is banned with them, once.
func TestBannedGuestWaits(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, guest, other := m.join(m.As("alice")), m.join(m.Guest()), m.join(m.Guest())
		bans := func() (all []string) {
			for _, b := range alice.Get("v1/ban/" + m.token).OK().List() {
				all = append(all, b.Text("bannedActorType")+" "+b.Text("internalNote"))
			}
			return all
		}
		ban := func(who talktest.Object) {
			alice.Post("v1/ban/"+m.token, p{"actorType": who.Text("actorType"), "actorId": who.Text("actorId"), "internalNote": "rude"}).OK()
		}
		people := guest.ask().people
		answer := guest.waits()
		ban(people[1])
		if got := m.soon("banned", answer); got.status != http.StatusNotFound || len(got.people) > 0 {
			m.t.Errorf("told %+v", got)
		}
		for range 3 {
			if got := guest.ask(); got.status != http.StatusNotFound {
				m.t.Errorf("after that told %d", got.status)
			}
			guest.send(say(alice.session, "candidate", 1))
		}
		if got := fmt.Sprint(bans()); got != "[guests rude ip rude]" {
			m.t.Errorf("banned are %s", got)
		}
		if r := m.Guest().Post("v4/room/" + m.token + "/participants/active"); r.Status != http.StatusForbidden {
			m.t.Errorf("as another guest: %d", r.Status)
		}
		// Somebody else at that address is not banned by name: nothing is added.
		if got := other.ask(); got.status != http.StatusNotFound {
			m.t.Errorf("another guest at that address is told %d", got.status)
		}
		m.join(m.As("bob"))
		if got := fmt.Sprint(bans()); got != "[guests rude ip rude]" {
			m.t.Errorf("at the end banned are %s", got)
		}
		if got := kinds(alice.hears(alice).notes); got != "" {
			m.t.Errorf("alice hears %s", got)
		}
	})
}

// TestTheyLeaveMeanwhile: receivers who go while others speak to them are no mistake of anybody.
func TestTheyLeaveMeanwhile(t *testing.T) {
	eachMeeting(t, func(m *meeting) {
		alice, bob := m.join(m.As("alice")), m.join(m.As("bob"))
		var going sync.WaitGroup
		for i := range 2 {
			going.Go(func() {
				for range 15 {
					alice.send(say(bob.session, "candidate", 1), say(alice.session, "candidate", i))
				}
			})
		}
		for range 10 {
			m.As("bob").Post("v4/room/" + m.token + "/participants/active").OK()
			m.As("bob").Delete("v4/room/" + m.token + "/participants/active").OK()
		}
		going.Wait()
		if got := alice.hears(alice); len(got.notes) != 30 {
			m.t.Errorf("alice hears %d messages", len(got.notes))
		}
	})
}
