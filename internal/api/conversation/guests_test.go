package conversation_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"parley/internal/talktest"
)

// guestStage is a guest in a public conversation of alice that has a password.
type guestStage struct {
	t     *testing.T
	srv   *talktest.Server
	alice *talktest.Client
	guest *talktest.Client
	token string
	id    int64
}

const guestPassword = "let me in please"

func newGuestStage(t *testing.T) *guestStage { return guestStageOn(t, talktest.Start(t)) }

// guestStageOn is the stage of a new conversation on a server that others may have visited
// before.
func guestStageOn(t *testing.T, srv *talktest.Server) *guestStage {
	v := &guestStage{t: t, srv: srv.For(t)}
	v.alice, v.guest = v.srv.As("alice"), v.srv.Guest()
	v.token = v.alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Public", "password": guestPassword}).Created().Text("token")
	v.id = v.join(v.guest).Number("attendeeId")
	return v
}

func (v *guestStage) room() string { return "v4/room/" + v.token }

func (v *guestStage) join(guest *talktest.Client) *talktest.Reply {
	v.t.Helper()
	return guest.Post(v.room()+"/participants/active", talktest.P{"password": guestPassword}).OK()
}

// listed returns the attendee ids of the guests in the list.
func (v *guestStage) listed() (ids []int64) {
	v.t.Helper()
	for _, p := range v.alice.Get(v.room() + "/participants").OK().List() {
		if p.Text("actorType") == "guests" {
			ids = append(ids, p.Number("attendeeId"))
		}
	}
	return ids
}

// give gives something to the guest.
func (v *guestStage) give(what string) {
	v.t.Helper()
	switch what {
	case "a name":
		v.guest.Post("v1/guest/"+v.token+"/name", talktest.P{"displayName": "Gus"}).OK()
	case "permissions":
		v.alice.Put(v.room()+"/attendees/permissions", talktest.P{"attendeeId": v.id, "method": "set", "permissions": 5}).OK()
	case "a role":
		v.alice.Post(v.room()+"/moderators", talktest.P{"attendeeId": v.id}).OK()
	}
}

// A guest who kept the cookie and was silent is the same participant, whatever the
// server did meanwhile.
func TestGuestsComeBack(t *testing.T) {
	srv := talktest.Start(t)
	for what, kept := range map[string]time.Duration{
		"nothing": 24 * time.Hour, "a name": 29 * 24 * time.Hour, "permissions": 29 * 24 * time.Hour, "a role": 29 * 24 * time.Hour,
	} {
		for _, silence := range []time.Duration{101 * time.Second, time.Hour, kept} {
			t.Run(what+"/"+silence.String(), func(t *testing.T) {
				v := guestStageOn(t, srv)
				v.give(what)
				before := v.guest.Get(v.room()).OK().Object()
				if silence == time.Hour {
					v.srv.Clock.Advance(silence) // nobody sweeps meanwhile
				} else {
					v.srv.Advance(silence)
				}
				v.guest.Get(v.room() + "/participants").Expect(http.StatusNotFound)
				v.guest.Post(v.room() + "/participants/active").Expect(http.StatusForbidden)
				after := v.join(v.guest).Object()
				for _, field := range []string{"attendeeId", "actorId", "participantType", "attendeePermissions", "permissions"} {
					if before[field] != after[field] {
						t.Errorf("%s was %v and is %v", field, before[field], after[field])
					}
				}
				if ids := v.listed(); !slices.Equal(ids, []int64{v.id}) {
					t.Errorf("listed: %v", ids)
				}
				v.srv.Advance(time.Minute)
				v.guest.Get(v.room()).OK()
				v.srv.Advance(90 * time.Second)
				if got := v.join(v.guest).Number("attendeeId"); got != v.id {
					t.Error("another one after the next pause")
				}
			})
		}
	}
}

// Who left, was removed or banned, or did not come back for long is not found again.
func TestGuestsAreForgotten(t *testing.T) {
	srv := talktest.Start(t)
	for name, end := range map[string]func(*guestStage){
		"left":    func(v *guestStage) { v.guest.Delete(v.room() + "/participants/active").OK() },
		"removed": func(v *guestStage) { v.alice.Delete(v.room()+"/attendees", talktest.P{"attendeeId": v.id}).OK() },
		"removed while away": func(v *guestStage) {
			v.srv.Advance(2 * time.Minute)
			v.alice.Delete(v.room()+"/attendees", talktest.P{"attendeeId": v.id}).OK()
		},
		"away for long": func(v *guestStage) {
			v.srv.Advance(30 * 24 * time.Hour)
			v.srv.Advance(11 * time.Minute)
			v.srv.Advance(30 * 24 * time.Hour)
		},
		"made private and public": func(v *guestStage) {
			v.srv.Advance(2 * time.Minute)
			v.alice.Delete(v.room() + "/public").OK()
			v.alice.Post(v.room()+"/public", talktest.P{"password": guestPassword}).OK()
		},
	} {
		for _, what := range []string{"nothing", "a name", "permissions", "a role"} {
			t.Run(name+"/"+what, func(t *testing.T) {
				v := guestStageOn(t, srv)
				v.give(what)
				end(v)
				if got := v.join(v.guest).Object(); got.Number("attendeeId") == v.id || got.Number("participantType") != 4 || got.Number("attendeePermissions") != 0 {
					t.Errorf("got attendee %d of type %d with permissions %d, as before", got.Number("attendeeId"), got.Number("participantType"), got.Number("attendeePermissions"))
				}
			})
		}
	}
}

// A banned guest does not come back by the cookie, and neither does a guest with the
// cookie into another conversation, or by an old API version.
func TestGuestsWhoDoNotComeBack(t *testing.T) {
	v := newGuestStage(t)
	actor := v.guest.Get(v.room()).OK().Text("actorId")
	other := v.alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Other"}).Created().Text("token")
	v.srv.Advance(2 * time.Minute)
	if got := v.guest.Post("v4/room/" + other + "/participants/active").OK(); got.Text("actorId") == actor {
		t.Error("the same guest in another conversation")
	}
	v.guest.Post("v3/room/"+v.token+"/participants/active", talktest.P{"password": guestPassword}).OK()
	if ids := v.listed(); len(ids) != 1 || ids[0] == v.id {
		t.Errorf("by v3: %v", ids)
	}
	actor = v.guest.Get(v.room()).OK().Text("actorId")
	v.srv.Advance(2 * time.Minute)
	v.alice.Post("v1/ban/"+v.token, talktest.P{"actorType": "guests", "actorId": actor}).OK()
	v.guest.Post(v.room()+"/participants/active", talktest.P{"password": guestPassword}).Expect(http.StatusForbidden)
}

// Guests who are away are not listed, and their rows do not stay for ever.
func TestGuestsWhoAreAway(t *testing.T) {
	v := newGuestStage(t)
	v.srv.Advance(2 * time.Minute)
	if ids := v.listed(); len(ids) != 0 {
		t.Errorf("listed: %v", ids)
	}
	v.join(v.guest)
	v.give("a role")
	v.srv.Advance(2 * time.Minute)
	if ids := v.listed(); !slices.Equal(ids, []int64{v.id}) {
		t.Errorf("listed: %v", ids)
	}
	v.srv.Advance(30 * 24 * time.Hour)
	if ids := v.listed(); len(ids) != 0 {
		t.Errorf("listed after 30 days: %v", ids)
	}
}
