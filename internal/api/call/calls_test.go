package call_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

type p = talktest.P

// world is a server with a conversation of alice, with bob and carol in it.
type world struct {
	*talktest.Server
	t     *testing.T
	token string
}

// eachWorld runs f over each database.
func eachWorld(t *testing.T, f func(*world)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			for _, id := range []string{"alice", "bob", "carol"} {
				s.As(id)
			}
			w := &world{Server: s, t: t}
			w.token = s.As("alice").Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")
			for _, id := range []string{"bob", "carol"} {
				s.As("alice").Post("v4/room/"+w.token+"/participants", p{"newParticipant": id, "source": "users"}).OK()
			}
			f(w)
		})
	}
}

func (w *world) room() string { return "v4/room/" + w.token }

func (w *world) call() string { return "v4/call/" + w.token }

// enter has clients open the conversation and join the call.
func (w *world) enter(all ...*talktest.Client) {
	w.t.Helper()
	for _, c := range all {
		c.Post(w.room() + "/participants/active").OK()
		c.Post(w.call()).OK()
	}
}

// said are the system messages about calls since the conversation began, each with its actor.
func (w *world) said() (out []string) {
	w.t.Helper()
	all := w.As("alice").Get("v1/chat/"+w.token, p{"lookIntoFuture": 0, "limit": 100}).OK().List()
	slices.Reverse(all)
	for _, m := range all {
		if key := m.Text("systemMessage"); strings.HasPrefix(key, "call_") {
			out = append(out, strings.TrimPrefix(key, "call_")+" "+m.Text("actorId"))
		}
	}
	return out
}

// expect holds what was said of calls, and whether one runs, against what is wanted.
func (w *world) expect(running bool, want ...string) {
	w.t.Helper()
	if got := w.said(); !slices.Equal(got, want) {
		w.t.Errorf("said %q, want %q", got, want)
	}
	r := w.As("alice").Get(w.room()).OK().Object()
	if r["hasCall"] != running || (r.Number("callStartTime") != 0) != running || (r.Number("callFlag") != 0) != running {
		w.t.Errorf("a call runs: %v since %v with flags %v", r["hasCall"], r["callStartTime"], r["callFlag"])
	}
}

func (w *world) attendee(id string) int64 {
	w.t.Helper()
	for _, who := range w.As("alice").Get(w.room() + "/participants").OK().List() {
		if who.Text("actorId") == id {
			return who.Number("attendeeId")
		}
	}
	w.t.Fatalf("%s is not there", id)
	return 0
}

// TestCallEndsWithWhatItDependsOn: whatever takes people out of a call, its state is right at
// once, and it ends once.
func TestCallEndsWithWhatItDependsOn(t *testing.T) {
	const system = "system"
	for _, c := range []struct {
		name    string
		who     []string
		do      func(*world)
		running bool
		want    []string
	}{
		{"leave", []string{"bob"}, func(w *world) { w.As("bob").Delete(w.call()).OK() }, false, []string{"left bob", "ended bob"}},
		{"leave twice", []string{"bob"}, func(w *world) {
			w.As("bob").Delete(w.call()).OK()
			w.As("bob").Delete(w.call()).OK()
		}, false, []string{"left bob", "ended bob"}},
		{"leave of one", []string{"bob", "carol"}, func(w *world) { w.As("bob").Delete(w.call()).OK() }, true, []string{"joined carol", "left bob"}},
		{"close", []string{"bob"}, func(w *world) { w.As("bob").Delete(w.room() + "/participants/active").OK() }, false, []string{"left bob", "ended bob"}},
		{"open again", []string{"bob"}, func(w *world) { w.As("bob").Post(w.room() + "/participants/active").OK() }, false, []string{"left bob", "ended bob"}},
		{"open by an old version", []string{"bob"}, func(w *world) {
			w.As("bob").Post("v3/room/" + w.token + "/participants/active").OK()
		}, false, []string{"left bob", "ended bob"}},
		{"end for everybody", []string{"bob", "carol"}, func(w *world) {
			w.As("alice").Post(w.room() + "/participants/active").OK()
			w.As("alice").Delete(w.call(), p{"all": true}).OK()
		}, false, []string{"joined carol", "ended_everyone alice"}},
		{"end by somebody who may not", []string{"bob", "carol"}, func(w *world) { w.As("bob").Delete(w.call(), p{"all": true}).OK() }, true, []string{"joined carol", "left bob"}},
		{"lobby", []string{"bob", "alice"}, func(w *world) { w.As("alice").Put(w.room()+"/webinar/lobby", p{"state": 1}).OK() }, true, []string{"joined alice", "left bob"}},
		{"lobby without a moderator", []string{"bob", "carol"}, func(w *world) { w.As("alice").Put(w.room()+"/webinar/lobby", p{"state": 1}).OK() }, false, []string{"joined carol", "left bob", "left carol", "ended carol"}},
		{"lock", []string{"bob", "alice"}, func(w *world) { w.As("alice").Put(w.room()+"/read-only", p{"state": 1}).OK() }, false, []string{"joined alice", "left bob", "left alice", "ended alice"}},
		{"removal", []string{"bob"}, func(w *world) {
			w.As("alice").Delete(w.room()+"/attendees", p{"attendeeId": w.attendee("bob")}).OK()
		}, false, []string{"ended " + system}},
		{"removal of one", []string{"bob", "carol"}, func(w *world) {
			w.As("alice").Delete(w.room()+"/attendees", p{"attendeeId": w.attendee("bob")}).OK()
		}, true, []string{"joined carol"}},
		{"self", []string{"bob"}, func(w *world) { w.As("bob").Delete(w.room() + "/participants/self").OK() }, false, []string{"ended " + system}},
		{"ban", []string{"bob"}, func(w *world) {
			w.As("alice").Post("v1/ban/"+w.token, p{"actorType": "users", "actorId": "bob"}).OK()
		}, false, []string{"ended " + system}},
		{"account", []string{"carol", "bob"}, func(w *world) {
			w.t.Helper()
			if err := w.Directory.DeleteAccount(w.t.Context(), talktest.Caller("admin"), "bob"); err != nil {
				w.t.Fatal(err)
			}
			w.As("carol").Put(w.call(), p{"flags": 1}).OK()
			w.As("carol").Delete(w.room() + "/participants/self").OK()
		}, false, []string{"joined deleted_users", "ended " + system}},
		{"death", []string{"bob"}, func(w *world) { w.Advance(101 * time.Second) }, false, []string{"left bob", "ended bob"}},
		{"guests", []string{"dora"}, func(w *world) { w.As("alice").Delete(w.room() + "/public").OK() }, false, []string{"ended " + system}},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachWorld(t, func(w *world) {
				w.t = t
				for _, id := range c.who {
					w.enter(w.As(id))
				}
				c.do(w)
				w.expect(c.running, append([]string{"started " + c.who[0]}, c.want...)...)
				w.Advance(time.Minute)
				if !c.running {
					w.expect(false, append([]string{"started " + c.who[0]}, c.want...)...)
				}
			})
		})
	}
}

// TestLongestCall: a call that takes longer than the administrator allows ends for everybody.
func TestLongestCall(t *testing.T) {
	eachWorld(t, func(w *world) {
		admin := w.As("admin")
		admin.Post("/apps/provisioning_api/api/v1/config/apps/spreed/max_call_duration", p{"value": "120"}).OK()
		w.enter(w.As("bob"))
		for range 3 {
			w.Advance(30 * time.Second)
			w.As("bob").Put(w.call(), p{"flags": 1}).OK() // a sign of life
		}
		w.expect(true, "started bob")
		w.Advance(40 * time.Second)
		w.expect(false, "started bob", "ended_everyone system")
	})
}

// TestPeers: only sessions that are alive keep a call alive, each has a row of its own.
func TestPeers(t *testing.T) {
	eachWorld(t, func(w *world) {
		bob, phone := w.As("bob"), w.Device("bob")
		w.enter(bob, phone, w.As("carol"))
		peers := func() (out []string) {
			for _, one := range w.As("alice").Get(w.call()).OK().List() {
				out = append(out, one.Text("actorId"))
				if one.Text("token") != w.token || len(one.Text("sessionId")) != 512 || one.Number("lastPing") == 0 || one.Text("displayName") == "" {
					w.t.Errorf("a peer is %v", one)
				}
			}
			return out
		}
		if got := peers(); !slices.Equal(got, []string{"bob", "bob", "carol"}) {
			w.t.Errorf("peers are %v", got)
		}
		if old := w.As("alice").Get("v1/call/" + w.token).OK().List(); len(old) != 3 || old[2].Text("userId") != "carol" {
			w.t.Errorf("old versions read %v", old)
		}
		w.Advance(30 * time.Second)
		w.As("carol").Put(w.call(), p{"flags": 3}).OK()
		w.Advance(15 * time.Second)
		if got := peers(); !slices.Equal(got, []string{"carol"}) {
			w.t.Errorf("peers are %v", got)
		}
		// Those who said nothing for a while do not keep it alive.
		w.As("carol").Delete(w.call()).OK()
		w.expect(false, "started bob", "joined bob", "joined carol", "left carol", "ended carol")
	})
}

// TestNobodyMayCall: where the administrator wants no calls nobody asks for any.
func TestNobodyMayCall(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.enter(w.As("bob"))
		w.As("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/start_calls", p{"value": "3"}).OK()
		for _, refused := range []*talktest.Reply{
			w.As("bob").Get(w.call()), w.As("carol").Post(w.call()), w.As("bob").Post(fmt.Sprintf("%s/ring/%d", w.call(), w.attendee("carol"))),
			w.As("bob").Post(w.call() + "/dialout/1"),
		} {
			refused.Expect(http.StatusForbidden)
		}
		w.As("bob").Delete(w.call()).OK() // but everybody can leave
		w.expect(false, "started bob", "left bob", "ended bob")
	})
}

// TestPermissionsOfTheCall hold until it ends.
func TestPermissionsOfTheCall(t *testing.T) {
	eachWorld(t, func(w *world) {
		w.enter(w.As("alice"))
		w.As("alice").Put(w.room()+"/permissions/call", p{"permissions": 4}).OK()
		w.enter(w.As("bob"))
		if flags := w.As("bob").Get(w.room()).Number("participantFlags"); flags != 1 {
			w.t.Errorf("bob takes part with %d", flags)
		}
		w.As("alice").Delete(w.call(), p{"all": true}).OK()
		if r := w.As("bob").Get(w.room()).Object(); r.Number("callPermissions") != 0 || r.Number("permissions")&16 == 0 {
			w.t.Errorf("after the call there are %v and %v", r["callPermissions"], r["permissions"])
		}
	})
}

// TestStatusInCall: who is in a call is away, and what they were before comes back by itself.
func TestStatusInCall(t *testing.T) {
	eachWorld(t, func(w *world) {
		bob, status := w.As("bob"), "/apps/user_status/api/v1/"
		shown := func() string {
			s := w.As("carol").Get(status + "statuses/bob").Object()
			return fmt.Sprint(s["status"], " ", s["icon"])
		}
		for chosen, in := range map[string]string{"online": "away 💬", "dnd": "dnd 💬", "invisible": "offline <nil>", "busy": "away 💬"} {
			bob.Put(status+"user_status/status", p{"statusType": chosen}).OK()
			before := shown()
			w.enter(bob)
			if got := shown(); got != in {
				w.t.Errorf("%s in a call is %s, want %s", chosen, got, in)
			}
			bob.Delete(w.call()).OK()
			if got := shown(); got != before {
				w.t.Errorf("%s after a call is %s, want %s", chosen, got, before)
			}
		}
		w.enter(w.As("carol"))
		if got := bob.Get(status + "statuses/carol").OK().Text("icon"); got != "💬" {
			w.t.Errorf("somebody without a status shows %q", got)
		}
		people := bob.Get(w.room()+"/participants", p{"includeStatus": true}).OK().List()
		i := slices.IndexFunc(people, func(o talktest.Object) bool { return o.Text("actorId") == "carol" })
		if people[i].Text("status") != "away" {
			w.t.Errorf("in the list she is %v", people[i])
		}
	})
}

// TestRoll: spreadsheets take no name for a formula.
func TestRoll(t *testing.T) {
	eachWorld(t, func(w *world) {
		guest := w.Guest()
		w.enter(w.As("bob"), guest)
		guest.Post("v1/guest/"+w.token+"/name", p{"displayName": `=cmd|"x"`}).OK()
		got := w.As("alice").Raw("GET", "/ocs/v2.php/apps/spreed/api/v4/call/"+w.token+"/download?format=csv").Expect(http.StatusOK)
		if kind := got.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
			w.t.Errorf("it is %s", kind)
		}
		if file := got.Header.Get("Content-Disposition"); !strings.HasPrefix(file, `attachment; filename="Team 20`) {
			w.t.Errorf("it is called %s", file)
		}
		lines := strings.Split(string(got.Body), "\n")
		if lines[0] != "name,email,type,identifier" || lines[1] != `"Bob",,users,bob` || !strings.HasPrefix(lines[2], `"'=cmd|""x""",,guests,`) {
			w.t.Errorf("it reads %q", lines)
		}
	})
}

// TestBadCalls: what no client sends.
func TestBadCalls(t *testing.T) {
	eachWorld(t, func(w *world) {
		bob := w.As("bob")
		bob.Post(w.room() + "/participants/active").OK()
		for _, flags := range []any{0, -1, 256, 1 << 40, "x", map[string]any{}} {
			if got := bob.Post(w.call(), p{"flags": flags}); got.Status != http.StatusBadRequest {
				w.t.Errorf("flags %v: %d", flags, got.Status)
			}
		}
		w.expect(false)
		w.enter(bob)
		for _, flags := range []any{0, 2, -1, 257, "x"} {
			if got := bob.Put(w.call(), p{"flags": flags}); got.Status != http.StatusBadRequest {
				w.t.Errorf("flags %v: %d", flags, got.Status)
			}
		}
		bob.Put(w.call()).Expect(http.StatusBadRequest)
		for _, path := range []string{"/ring/0", "/ring/-1", "/ring/x", "/ring/99999999999999999999", "/dialout/x"} {
			if got := bob.Post(w.call() + path); got.Status != http.StatusNotFound {
				w.t.Errorf("%s: %d", path, got.Status)
			}
		}
		w.As("eve").Get(w.call() + "/download").Expect(http.StatusNotFound)
		w.As("eve").Get(w.call() + "/notification-state").Expect(http.StatusNotFound)
		w.expect(true, "started bob")
	})
}
