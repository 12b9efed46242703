package conversation_test

import (
	"strings"
	"sync"
	"testing"

	"parley/internal/config"
	"parley/internal/talktest"
)

const bridgeSecret = "secret-of-the-bridge"

// telephony sets the SIP bridge up.
func telephony(c *config.Config) { c.SIPSecret, c.SIPDialinInfo = bridgeSecret, "Call +49 30 123456" }

func TestTokensAreDigitsOnceTelephonesDialThem(t *testing.T) {
	s := talktest.Start(t, telephony)
	token := publicRoom(s)
	if len(token) < 10 || strings.Trim(token, "0123456789") != "" {
		t.Errorf("the token is %q", token)
	}
}

func TestSetSIP(t *testing.T) {
	s := talktest.Start(t, telephony)
	token := publicRoom(s)
	path := "v4/room/" + token + "/webinar/sip"
	alice := s.As("alice")
	room := alice.Get("v4/room/" + token).OK().Object()
	if room["canEnableSIP"] != true || room.Number("sipEnabled") != 0 || room.Text("attendeePin") != "" {
		t.Errorf("before: %v, %v, %q", room["canEnableSIP"], room["sipEnabled"], room["attendeePin"])
	}
	s.Anonymous().Put(path, talktest.P{"state": 1}).Expect(401)
	s.As("bob").Post("v4/room/" + token + "/participants/active").OK()
	s.As("bob").Put(path, talktest.P{"state": 1}).Expect(403)
	alice.Put(path, talktest.P{"state": 3}).Fails(400, "value")
	room = alice.Put(path, talktest.P{"state": 1}).OK().Object()
	if room.Number("sipEnabled") != 1 || len(room.Text("attendeePin")) != 7 {
		t.Errorf("after: %v, %q", room["sipEnabled"], room["attendeePin"])
	}
	if again := alice.Put(path, talktest.P{"state": 1}).OK().Text("attendeePin"); again != room.Text("attendeePin") {
		t.Errorf("the PIN changed from %q to %q", room.Text("attendeePin"), again)
	}
	v3 := alice.Put("v3/room/"+token+"/webinar/sip", talktest.P{"state": 2}).OK().Object()
	if v3.Number("sipEnabled") != 2 || v3["permissions"] != nil {
		t.Errorf("v3 answers %v", v3)
	}
	if bobs := s.As("bob").Get("v4/room/" + token).OK().Object(); bobs["canEnableSIP"] != false || len(bobs.Text("attendeePin")) != 7 {
		t.Errorf("a participant sees %v, %q", bobs["canEnableSIP"], bobs["attendeePin"])
	}

	if err := s.Settings.SetSettings(t.Context(), map[string]string{"sip_bridge_groups": `["callers"]`}); err != nil {
		t.Fatal(err)
	}
	may := func(want bool) {
		t.Helper()
		if got := alice.Get("v4/room/" + token).OK().Object()["canEnableSIP"]; got != want {
			t.Errorf("canEnableSIP is %v, want %v", got, want)
		}
		for _, room := range alice.Get("v4/room").OK().List() {
			if got := room["canEnableSIP"]; room.Text("token") == token && got != want {
				t.Errorf("canEnableSIP is %v in the list, want %v", got, want)
			}
		}
	}
	may(false)
	alice.Put(path, talktest.P{"state": 0}).Fails(403, "config")
	s.AddGroup("callers", "alice")
	may(true)
	alice.Put(path, talktest.P{"state": 0}).OK()
}

func TestOldTokensCannotBeDialled(t *testing.T) {
	s := talktest.Start(t)
	token := publicRoom(s)
	if err := s.Settings.SetSettings(t.Context(), map[string]string{
		"sip_bridge_shared_secret": bridgeSecret, "sip_bridge_dialin_info": "call us",
	}); err != nil {
		t.Fatal(err)
	}
	s.As("alice").Put("v4/room/"+token+"/webinar/sip", talktest.P{"state": 1}).Fails(400, "token")
	if room := s.As("alice").Get("v4/room/" + token).OK().Object(); room["canEnableSIP"] != false {
		t.Errorf("canEnableSIP is %v", room["canEnableSIP"])
	}
}

func TestRecordingConsentNeedsRecording(t *testing.T) {
	s := talktest.Start(t)
	path := "v4/room/" + publicRoom(s) + "/recording-consent"
	s.As("alice").Put(path, talktest.P{"recordingConsent": 1}).Fails(412, "config")
	s.As("bob").Put(path, talktest.P{"recordingConsent": 1}).Expect(404)
}

// sipRoom makes a conversation that telephones reach in the given way.
func sipRoom(s *talktest.Server, state int) string {
	return publicRoom(s, talktest.P{"sipEnabled": state})
}

func TestPINsAreShownToWhomTheyConcern(t *testing.T) {
	s := talktest.Start(t, telephony)
	token := sipRoom(s, 1)
	s.As("bob").Post("v4/room/" + token + "/participants/active").OK()
	s.Guest().Post("v4/room/" + token + "/participants/active").OK()
	s.AddGroup("team", "carol")
	s.As("alice").Post("v4/room/"+token+"/participants", talktest.P{"source": "groups", "newParticipant": "team"}).OK()

	pins := map[string]string{}
	for _, p := range s.As("alice").Get("v4/room/" + token + "/participants").OK().List() {
		pin, kind := p.Text("attendeePin"), p.Text("actorType")
		if want := kind == "users"; (len(pin) == 7) != want {
			t.Errorf("%s/%s has PIN %q", kind, p.Text("actorId"), pin)
		}
		pins[p.Text("actorId")] = pin
	}
	if pins["bob"] == pins["alice"] || pins["bob"] == pins["carol"] {
		t.Errorf("PINs are not different: %v", pins)
	}
	for _, p := range s.As("bob").Get("v4/room/" + token + "/participants").OK().List() {
		want := ""
		if p.Text("actorId") == "bob" {
			want = pins["bob"]
		}
		if got := p.Text("attendeePin"); got != want {
			t.Errorf("bob sees %q as the PIN of %s, want %q", got, p.Text("actorId"), want)
		}
	}
	for _, p := range s.As("alice").Get("v3/room/" + token + "/participants").OK().List() {
		if p.Text("attendeePin") != pins[p.Text("actorId")] {
			t.Errorf("v3 shows %q as the PIN of %s", p.Text("attendeePin"), p.Text("actorId"))
		}
	}
	for _, room := range s.As("carol").Get("v4/room").OK().List() {
		if room.Text("token") == token && room.Text("attendeePin") != pins["carol"] {
			t.Errorf("carol's list shows the PIN %q", room.Text("attendeePin"))
		}
	}
}

// However many readers ask at once, everybody gets one PIN and no two the same.
func TestPINRace(t *testing.T) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := talktest.Start(t, telephony, talktest.On(database.URL(t)))
			members := []string{"bob", "carol", "dave", "erin"}
			s.AddGroup("team", members...)
			token := sipRoom(s, 0)
			s.As("alice").Post("v4/room/"+token+"/participants", talktest.P{"source": "groups", "newParticipant": "team"}).OK()
			s.As("alice").Put("v4/room/"+token+"/webinar/sip", talktest.P{"state": 1}).OK()
			seen := make([]string, len(members))
			var all sync.WaitGroup
			for i, user := range members {
				client := s.As(user)
				all.Go(func() { seen[i] = client.Get("v4/room/" + token).Text("attendeePin") })
				all.Go(func() { s.As("alice").Get("v4/room/" + token + "/participants") })
			}
			all.Wait()
			owners := map[string]string{}
			for _, p := range s.As("alice").Get("v4/room/" + token + "/participants").OK().List() {
				if p.Text("actorType") == "users" {
					owners[p.Text("attendeePin")] = p.Text("actorId")
				}
			}
			if len(owners) != len(members)+1 {
				t.Errorf("PINs are not different: %v", owners)
			}
			for i, user := range members {
				if owners[seen[i]] != user {
					t.Errorf("%s saw the PIN %q, PINs are %v", user, seen[i], owners)
				}
			}
		})
	}
}
