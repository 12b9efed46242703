package talktest_test

import (
	"net/http"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

func TestPeopleOfAServer(t *testing.T) {
	srv := talktest.Start(t)
	srv.AddGroup("team", "bob", "carol")
	alice := srv.As("alice")
	if alice != srv.As("alice") {
		t.Error("As returns another client each time")
	}
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Plans"}).Created().Text("token")
	alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "groups", "newParticipant": "team"}).OK()
	if rooms := srv.As("carol").Get("v4/room").OK().List(); len(rooms) != 1 || rooms[0].Text("token") != token {
		t.Errorf("carol has %v", rooms)
	}

	guest := srv.Guest()
	id := guest.Post("v4/room/" + token + "/participants/active").OK().Text("actorId")
	if again := guest.Get("v4/room/" + token).OK().Text("actorId"); again != id || id == "" {
		t.Errorf("the guest %q comes back as %q", id, again)
	}
	srv.Guest().Delete("v4/room/"+token).Fails(http.StatusNotFound, "")
	srv.As("admin").Post("v4/room", talktest.P{"roomType": 3, "roomName": " "}).Fails(http.StatusBadRequest, "name")
}

func TestAnonymousForgetsCookies(t *testing.T) {
	srv := talktest.Start(t)
	for name, c := range map[string]struct {
		client *talktest.Client
		want   bool
	}{"guest": {srv.Guest(), true}, "anonymous": {srv.Anonymous(), false}} {
		c.client.Get("/cloud/capabilities").OK()
		again := c.client.Get("/cloud/capabilities").OK()
		if keeps := again.Header.Get("Set-Cookie") == ""; keeps != c.want {
			t.Errorf("%s: keeps cookies: %v", name, keeps)
		}
	}
}

func TestDevicesOfAPerson(t *testing.T) {
	srv := talktest.Start(t)
	phone, laptop := srv.As("alice"), srv.Device("alice")
	token := phone.Post("v4/room", talktest.P{"roomType": 2, "roomName": "Plans"}).Created().Text("token")
	for _, device := range []*talktest.Client{phone, laptop} {
		device.Post("v4/room/" + token + "/participants/active").OK()
	}
	people := talktest.Decode[[]struct{ SessionIds []string }](phone.Get("v4/room/" + token + "/participants").OK())
	if len(people) != 1 || len(people[0].SessionIds) != 2 {
		t.Errorf("participants %+v", people)
	}
}

func TestAdvanceKeepsHouse(t *testing.T) {
	srv := talktest.Start(t)
	before := srv.Now()
	alice, guest := srv.As("alice"), srv.Guest()
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Plans"}).Created().Text("token")
	guest.Post("v4/room/" + token + "/participants/active").OK()
	srv.Advance(2 * time.Hour)
	if got := srv.Now().Sub(before); got != 2*time.Hour {
		t.Errorf("the clock moved %v", got)
	}
	var sessions int
	err := srv.Store.Read(t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err == nil {
			var all map[int64][]talk.Session
			all, err = store.Sessions(tx, room.ID)
			sessions = len(all)
		}
		return err
	})
	if err != nil || sessions != 0 {
		t.Errorf("the session was not swept: %d are left, %v", sessions, err)
	}
}

func TestProtectionIsAnOption(t *testing.T) {
	for name, c := range map[string]struct {
		options []talktest.Option
		want    int
	}{"off": {nil, 401}, "on": {[]talktest.Option{talktest.BruteForce}, 429}} {
		srv := talktest.Start(t, c.options...)
		var last int
		for range 12 {
			last = srv.Anonymous().Raw("GET", "/ocs/v2.php/cloud/capabilities", func(r *http.Request) { r.SetBasicAuth("alice", "guess") }).Status
		}
		if last != c.want {
			t.Errorf("protection %s: %d after many guesses", name, last)
		}
	}
}

func TestHandMadeRequests(t *testing.T) {
	srv := talktest.Start(t)
	reply := srv.As("alice").Raw("POST", "/ocs/v1.php/apps/spreed/api/v4/room", talktest.Header("OCS-APIRequest", "true"),
		talktest.Body("application/x-www-form-urlencoded", "roomType=2&roomName=Plans"))
	if reply.OK(); reply.Data != nil || len(reply.Body) == 0 {
		t.Errorf("data %s, body %s", reply.Data, reply.Body)
	}
	srv.As("alice").Get("v4/room", talktest.P{"includeStatus": true, "ids": []string{"1", "2"}}).OK()
}
