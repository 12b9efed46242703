package signal_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/signal"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

type p = talktest.P

// beside is a server with a signaling server beside it, and a conversation of alice with bob.
type beside struct {
	*talktest.Server
	t     *testing.T
	other *talktest.SignalingServer
	token string
}

func eachBeside(t *testing.T, f func(*beside)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			other := talktest.StartSignaling(t)
			s := talktest.Start(t, talktest.On(d.URL(t)), other.Option)
			b := &beside{Server: s, t: t, other: other}
			s.As("bob")
			b.token = s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")
			s.As("alice").Post("v4/room/"+b.token+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
			if got := other.Types(b.token, 4); got != "invite message invite message" {
				t.Fatalf("at first: %s", got)
			}
			f(b)
		})
	}
}

func (b *beside) room() string { return "v4/room/" + b.token }

func (b *beside) call() string { return "v4/call/" + b.token }

func (b *beside) attendee(id string) int64 {
	b.t.Helper()
	for _, who := range b.As("alice").Get(b.room() + "/participants").OK().List() {
		if who.Text("actorId") == id {
			return who.Number("attendeeId")
		}
	}
	b.t.Fatalf("%s is not there", id)
	return 0
}

// expect holds the types of what the other server was told against what is wanted.
func (b *beside) expect(what, want string) {
	b.t.Helper()
	if got := b.other.Types(b.token, len(strings.Fields(want))); got != want {
		b.t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// settles waits until nothing has to be told any more, while the clock goes on in steps.
func (b *beside) settles(step time.Duration) {
	b.t.Helper()
	b.AwaitQueue(signal.Kind, "nothing waits", func(q deliveries.State) bool {
		if q.Waiting+q.Failed == 0 {
			return true
		}
		b.Advance(step)
		return false
	})
}

// TestWhatASignalingServerIsTold goes through the life of a conversation.
func TestWhatASignalingServerIsTold(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice, bob := b.As("alice"), b.As("bob")
		alice.Put(b.room(), p{"roomName": "New"}).OK()
		renamed := b.other.Take(b.token, 2)
		if properties := talktest.Object(renamed[0].Body["properties"].(map[string]any)); renamed[0].Type != "update" || properties.Text("name") != "New" ||
			properties.Number("type") != 3 || fmt.Sprint(renamed[0].Body["userids"]) != "[alice bob]" || properties["active-since"] != nil {
			t.Errorf("of the name it was told %v", renamed)
		}
		alice.Post(b.room()+"/moderators", p{"attendeeId": b.attendee("bob")}).OK()
		b.expect("promoted", "update participants message")
		alice.Put(b.room()+"/attendees/permissions", p{"attendeeId": b.attendee("bob"), "permissions": 1, "method": "set"})
		alice.Delete(b.room()+"/moderators", p{"attendeeId": b.attendee("bob")}).OK()
		b.expect("demoted", "update participants message")
		session := bob.Post(b.room() + "/participants/active").OK().Text("sessionId")
		alice.Put(b.room()+"/attendees/permissions", p{"attendeeId": b.attendee("bob"), "permissions": 16, "method": "set"}).OK()
		allowed := b.other.Take(b.token, 1)[0]
		one := talktest.Object(allowed.Body["changed"].([]any)[0].(map[string]any))
		if allowed.Type != "participants" || one.Text("sessionId") != session || fmt.Sprint(one["permissions"]) != "[publish-audio]" || one.Text("userId") != "bob" {
			t.Errorf("of permissions it was told %v", allowed)
		}
		alice.Put(b.room()+"/permissions/default", p{"permissions": 0}).OK()
		b.expect("default permissions", "participants")

		alice.Post(b.room() + "/participants/active").OK()
		alice.Post(b.call(), p{"flags": 7}).OK()
		joined := b.other.Take(b.token, 2)
		if joined[0].Type != "incall" || joined[0].Body.Number("incall") != 7 || len(joined[0].Body["users"].([]any)) != 1 || len(joined[0].Body["changed"].([]any)) != 1 {
			t.Errorf("of the call it was told %v", joined)
		}
		alice.Put(b.call(), p{"flags": 3}).OK()
		b.expect("flags", "incall")
		bob.Post(b.call()).OK()
		b.expect("joined", "incall message")
		bob.Delete(b.call()).OK()
		left := b.other.Take(b.token, 2)
		gone := talktest.Object(left[0].Body["changed"].([]any)[0].(map[string]any))
		if left[0].Body.Number("incall") != 0 || gone.Text("nextcloudSessionId") != session || gone.Number("inCall") != 0 || len(left[0].Body["users"].([]any)) != 1 {
			t.Errorf("of leaving it was told %v", left)
		}
		alice.Delete(b.call(), p{"all": true}).OK()
		ended := b.other.Take(b.token, 2)
		if ended[0].Type != "incall" || ended[0].Body["all"] != true || ended[0].Body.Number("incall") != 0 {
			t.Errorf("of the end it was told %v", ended)
		}

		guest := b.Guest()
		guestSession := guest.Post(b.room() + "/participants/active").OK().Text("sessionId")
		b.expect("a guest", "invite")
		guest.Post("v1/guest/"+b.token+"/name", p{"displayName": "Greta"}).OK()
		b.expect("renamed", "participants")
		guest.Delete(b.room() + "/participants/active").OK()
		if away := b.other.Take(b.token, 1)[0]; away.Type != "disinvite" || fmt.Sprint(away.Body["sessionids"]) != "["+guestSession+"]" {
			t.Errorf("of a guest who left it was told %v", away)
		}
		bob.Delete(b.room() + "/participants/active").OK()
		bob.Post(b.room() + "/participants/active").OK()
		bob.Post(b.room() + "/participants/active").OK()
		b.expect("replaced", "disinvite")
		alice.Delete(b.room()+"/attendees", p{"attendeeId": b.attendee("bob")}).OK()
		removed := b.other.Take(b.token, 3)
		if removed[0].Type != "disinvite" || fmt.Sprint(removed[0].Body["userids"]) != "[bob]" || removed[1].Type != "disinvite" || len(removed[1].Body["sessionids"].([]any)) != 1 {
			t.Errorf("of the removal it was told %v", removed)
		}
		alice.Post("v1/chat/"+b.token, p{"message": "x"}).Created()
		b.expect("chat", "message")
		alice.Delete(b.room()).OK()
		if deleted := b.other.Take(b.token, 1)[0]; deleted.Type != "delete" || fmt.Sprint(deleted.Body["userids"]) != "[alice]" {
			t.Errorf("of the end it was told %v", deleted)
		}
	})
}

// TestSignalingServerInTrouble: while it is down, slow or wrong nobody waits for it, and what
// still matters comes in order when it is well.
func TestSignalingServerInTrouble(t *testing.T) {
	for name, trouble := range map[string]func(*talktest.SignalingServer, bool){
		"down": func(s *talktest.SignalingServer, on bool) {
			s.Status.Store(map[bool]int32{true: http.StatusBadGateway}[on])
		},
		"refuses": func(s *talktest.SignalingServer, on bool) {
			s.Status.Store(map[bool]int32{true: http.StatusForbidden}[on])
		},
		"garbage": func(s *talktest.SignalingServer, on bool) { s.Garbage.Store(on) },
		"slow": func(s *talktest.SignalingServer, on bool) {
			s.Slow.Store(map[bool]int64{true: int64(300 * time.Millisecond)}[on])
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachBeside(t, func(b *beside) {
				b.t = t
				trouble(b.other, true)
				asked := b.other.Asked.Load()
				began := time.Now()
				b.As("alice").Post(b.room() + "/participants/active").OK()
				b.As("alice").Post(b.call()).OK()
				b.As("alice").Put(b.call(), p{"flags": 3}).OK()
				b.As("alice").Put(b.room(), p{"roomName": "New"}).OK()
				if took := time.Since(began); name == "slow" && took > 20*time.Second {
					t.Errorf("requests took %v", took)
				}
				for range 1000 {
					if b.other.Asked.Load() > asked {
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
				trouble(b.other, false)
				b.settles(2 * time.Second)
				b.expect("afterwards", "incall message incall update message")
			})
		})
	}
}

// TestWhatDoesNotMatterAnyMore: who comes later is told how things are then.
func TestWhatDoesNotMatterAnyMore(t *testing.T) {
	eachBeside(t, func(b *beside) {
		b.other.Status.Store(http.StatusBadGateway)
		b.As("alice").Post("v1/chat/"+b.token, p{"message": "x"}).Created()
		b.As("alice").Put(b.room(), p{"roomName": "New"}).OK()
		b.Advance(5 * time.Minute)
		b.other.Status.Store(0)
		b.settles(5 * time.Second)
		b.expect("afterwards", "update")
	})
}

// TestBreakoutRoomsSwitch: people are called into the breakout rooms and back.
func TestBreakoutRoomsSwitch(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice, bob := b.As("alice"), b.As("bob")
		parent := alice.Post("v4/room", p{"roomType": 2, "roomName": "Class"}).Created().Text("token")
		alice.Post("v4/room/"+parent+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
		rooms := alice.Post("v1/breakout-rooms/"+parent, p{"mode": 1, "amount": 1}).OK().List()
		inside := rooms[1].Text("token")
		session := bob.Post("v4/room/" + parent + "/participants/active").OK().Text("sessionId")
		switched := func(token string) talktest.Object {
			t.Helper()
			for n := 1; ; n++ {
				for _, one := range b.other.Take(token, 1) {
					if one.Type == "switchto" {
						return one.Body
					}
				}
			}
		}
		alice.Post("v1/breakout-rooms/" + parent + "/rooms").OK()
		if to := switched(parent); to.Text("roomid") != inside || fmt.Sprint(to["sessions"]) != "["+session+"]" {
			b.t.Errorf("into the breakout room: %v", to)
		}
		session = bob.Post("v4/room/" + inside + "/participants/active").OK().Text("sessionId")
		alice.Delete("v1/breakout-rooms/" + parent + "/rooms").OK()
		if to := switched(inside); to.Text("roomid") != parent || fmt.Sprint(to["sessions"]) != "["+session+"]" {
			b.t.Errorf("back: %v", to)
		}
	})
}

// TestBackend: what a signaling server asks, and what others try.
func TestBackend(t *testing.T) {
	eachBeside(t, func(b *beside) {
		ask := func(message any) talktest.Object {
			b.t.Helper()
			return b.other.Ask(b.Server, talktest.SignalingSecret, message).OK().Object()
		}
		code := func(o talktest.Object) string {
			e, _ := o["error"].(map[string]any)
			return talktest.Object(e).Text("code")
		}
		settings := b.As("bob").Get("v3/signaling/settings", p{"token": b.token}).OK().Object()
		if settings.Text("signalingMode") != "external" || settings.Text("server") != b.other.URL {
			b.t.Errorf("bob is told %v", settings)
		}
		auth := func(user, ticket string) any {
			return p{"type": "auth", "auth": p{"version": "1.0", "params": p{"userid": user, "ticket": ticket}}}
		}
		ticket := settings.Text("ticket")
		if who := ask(auth("bob", ticket)); talktest.Object(who["auth"].(map[string]any)).Text("userid") != "bob" {
			b.t.Errorf("the ticket is of %v", who)
		}
		guest := b.Guest().Get("v3/signaling/settings", p{"token": b.token}).OK().Text("ticket")
		if who := ask(auth("", guest)); code(who) != "" || talktest.Object(who["auth"].(map[string]any)).Text("userid") != "" {
			b.t.Errorf("the ticket of a guest is of %v", who)
		}
		for name, c := range map[string]struct {
			message any
			want    string
		}{
			"another's ticket":   {auth("alice", ticket), "invalid_ticket"},
			"a guest's ticket":   {auth("bob", guest), "invalid_ticket"},
			"a ticket for none":  {auth("", ticket), "invalid_ticket"},
			"a changed ticket":   {auth("bob", "x"+ticket[1:]), "invalid_ticket"},
			"no ticket":          {auth("bob", ""), "invalid_ticket"},
			"a short ticket":     {auth("bob", ":"), "invalid_ticket"},
			"unknown type":       {p{"type": "session", "session": p{}}, "unknown_type"},
			"no type":            {p{}, "unknown_type"},
			"no conversation":    {p{"type": "room", "room": p{"roomid": "nothing", "sessionid": "x", "userid": "bob"}}, "no_such_room"},
			"no session":         {p{"type": "room", "room": p{"roomid": b.token, "sessionid": "x", "userid": "bob"}}, "no_such_room"},
			"nobody":             {p{"type": "room", "room": p{"roomid": b.token}}, "no_such_room"},
			"a stranger":         {p{"type": "room", "room": p{"roomid": b.token, "userid": "eve"}}, "no_such_room"},
			"an unknown actor":   {p{"type": "room", "room": p{"roomid": b.token, "actortype": "phones", "actorid": "x", "sessionid": "y"}}, "no_such_room"},
			"a wrong action":     {p{"type": "room", "room": p{"roomid": b.token, "userid": "bob", "action": "explode"}}, "invalid_request"},
			"an endless session": {p{"type": "room", "room": p{"roomid": b.token, "userid": "bob", "sessionid": strings.Repeat("x", 513)}}, "invalid_request"},
			"fields of a kind":   {p{"type": "room", "room": []any{1}}, "invalid_request"},
		} {
			if got := code(ask(c.message)); got != c.want {
				b.t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
		if got := code(b.other.Ask(b.Server, "another secret", auth("bob", ticket)).OK().Object()); got != "invalid_request" {
			b.t.Errorf("with another secret: %q", got)
		}
		session := b.As("bob").Post(b.room() + "/participants/active").OK().Text("sessionId")
		in := ask(p{"type": "room", "room": p{"version": "1.0", "roomid": b.token, "userid": "bob", "sessionid": session}})
		room := talktest.Object(in["room"].(map[string]any))
		if room.Text("roomid") != b.token || fmt.Sprint(room["permissions"]) != "[publish-audio publish-video publish-screen]" ||
			talktest.Object(room["properties"].(map[string]any)).Text("name") != "Team" {
			b.t.Errorf("bob joins: %v", in)
		}
		// A session of one conversation is none of another.
		elsewhere := b.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Other"}).Created().Text("token")
		if got := code(ask(p{"type": "room", "room": p{"roomid": elsewhere, "userid": "bob", "sessionid": session}})); got != "no_such_room" {
			b.t.Errorf("elsewhere: %q", got)
		}
		b.Advance(90 * time.Second)
		if out := ask(p{"type": "ping", "ping": p{"roomid": b.token, "entries": []any{p{"sessionid": session}, p{"sessionid": "0"}, p{"sessionid": "x"}}}}); fmt.Sprint(out["room"]) != "map[version:1.0]" {
			b.t.Errorf("a ping: %v", out)
		}
		b.Advance(90 * time.Second)
		people := b.As("alice").Get(b.room() + "/participants").OK().List()
		i := slices.IndexFunc(people, func(o talktest.Object) bool { return o.Text("actorId") == "bob" })
		if len(people[i]["sessionIds"].([]any)) != 1 {
			b.t.Error("a session that pings is dead")
		}
		ask(p{"type": "room", "room": p{"roomid": b.token, "userid": "bob", "sessionid": session, "action": "leave"}})
		if got := code(ask(p{"type": "room", "room": p{"roomid": b.token, "userid": "bob", "sessionid": session, "action": "leave"}})); got != "no_such_room" {
			b.t.Errorf("leaving twice: %q", got)
		}
	})
}

// TestVirtualSessions: who has no client, such as a telephone, gets a session by the signaling
// server, and may be in the call with it.
func TestVirtualSessions(t *testing.T) {
	eachBeside(t, func(b *beside) {
		join := func(session string, more p) *talktest.Reply {
			room := p{"roomid": b.token, "actortype": "users", "actorid": "bob", "sessionid": session}
			for key, value := range more {
				room[key] = value
			}
			return b.other.Ask(b.Server, talktest.SignalingSecret, p{"type": "room", "room": room})
		}
		join("virtual-1", p{"incall": 9}).OK()
		r := b.As("alice").Get(b.room()).OK().Object()
		if r["hasCall"] != true || r.Number("callFlag") != 9 {
			b.t.Errorf("the call is %v with %v", r["hasCall"], r["callFlag"])
		}
		b.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Other"}).Created()
		other := b.As("bob").Post("v4/room", p{"roomType": 3, "roomName": "Third"}).Created().Text("token")
		taken := b.other.Ask(b.Server, talktest.SignalingSecret, p{"type": "room", "room": p{"roomid": other, "actortype": "users", "actorid": "bob", "sessionid": "virtual-1"}}).OK().Object()
		if e, _ := taken["error"].(map[string]any); talktest.Object(e).Text("code") != "duplicate_session" {
			b.t.Errorf("the session of another conversation: %v", taken)
		}
		join("virtual-1", p{"incall": 0}).OK()
		if r := b.As("alice").Get(b.room()).OK().Object(); r["hasCall"] != false {
			b.t.Error("the call goes on")
		}
		join("virtual-1", p{"action": "leave"}).OK()
		b.As("alice").Put(b.room()+"/permissions/default", p{"permissions": 1}).OK()
		join("virtual-2", p{"incall": 1}).Expect(http.StatusForbidden)
	})
}

// TestDialout: a moderator has a telephone called, and is told why it is not.
func TestDialout(t *testing.T) {
	eachBeside(t, func(b *beside) {
		alice := b.As("alice")
		for key, value := range map[string]string{"sip_bridge_shared_secret": "s", "sip_bridge_dialin_info": "call us", "sip_dialout": "yes"} {
			b.As("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/"+key, p{"value": value}).OK()
		}
		token := alice.Post("v4/room", p{"roomType": 2, "roomName": "Phones"}).Created().Text("token")
		alice.Put("v4/room/"+token+"/webinar/sip", p{"state": 1}).OK()
		alice.Post("v4/room/"+token+"/participants", p{"newParticipant": "+4930123456", "source": "phones"}).OK()
		phone, own := int64(0), int64(0)
		for _, who := range alice.Get("v4/room/" + token + "/participants").OK().List() {
			if who.Text("actorType") == "phones" {
				phone = who.Number("attendeeId")
			} else {
				own = who.Number("attendeeId")
			}
		}
		dial := func(attendee int64) *talktest.Reply {
			return alice.Post(fmt.Sprintf("v4/call/%s/dialout/%d", token, attendee))
		}
		answer := func(text string) { b.other.Dialout.Store(&text) }
		dial(phone).Expect(http.StatusBadRequest)
		alice.Post("v4/room/" + token + "/participants/active").OK()
		alice.Post("v4/call/" + token).OK()
		dial(own).Expect(http.StatusNotFound)
		answer(`{"error":{"code":"busy","message":"Nobody is at home."}}`)
		if r := dial(phone).Expect(http.StatusNotImplemented).Object(); r.Text("error") != "busy" || r.Text("message") != "Nobody is at home." {
			b.t.Errorf("it is told %v", r)
		}
		answer(`"garbage"`)
		dial(phone).Fails(http.StatusNotImplemented, "unreachable")
		b.other.Garbage.Store(true)
		dial(phone).Fails(http.StatusNotImplemented, "unreachable")
		b.other.Garbage.Store(false)
		answer(`{"callid":"call-1"}`)
		told := func(what string, options p, want any, anonymous any) {
			b.t.Helper()
			for key, value := range options {
				b.As("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/"+key, p{"value": value}).OK()
			}
			dial(phone).Created()
			said, _ := b.other.Dialled()["options"].(map[string]any)
			if said["caller"] != want || said["anonymous"] != anonymous || b.other.Dialled().Text("number") != "+4930123456" {
				b.t.Errorf("%s: it is told %v", what, said)
			}
		}
		told("no number", nil, nil, nil)
		told("the number for all", p{"sip_bridge_dialout_number": "+49301"}, "+49301", nil)
		for _, number := range []string{"+4930777", "+4930555"} {
			if err := b.Store.Write(b.t.Context(), func(tx *db.Tx) error {
				return store.InsertPhoneNumber(tx, store.PhoneNumber{Number: number, UserID: "alice"})
			}); err != nil {
				b.t.Fatal(err)
			}
		}
		told("her own number", nil, "+4930555", nil)
		told("another prefix", p{"sip_bridge_dialout_prefix": "00"}, "004930555", nil)
		told("nothing", p{"sip_bridge_dialout_anonymous": "yes"}, nil, true)
		for _, who := range alice.Get("v4/room/" + token + "/participants").OK().List() {
			if who.Number("attendeeId") == phone && who.Text("callId") != "call-1" {
				b.t.Errorf("the telephone is %v", who)
			}
		}
	})
}
