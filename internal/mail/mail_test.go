package mail_test

import (
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

// invite makes a public conversation of alice and invites somebody by e-mail.
func invite(srv *talktest.Server, name, address string) (token string) {
	alice := srv.As("alice")
	token = alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": name}).Created().Text("token")
	alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "emails", "newParticipant": address}).OK()
	return token
}

func empty(s deliveries.State) bool    { return s == deliveries.State{} }
func troubled(s deliveries.State) bool { return s.Waiting == 1 && s.LastError != "" }
func givenUp(s deliveries.State) bool  { return s.Failed == 1 && s.Waiting == 0 }

func TestInvitationArrives(t *testing.T) {
	post := talktest.StartMail(t)
	srv := talktest.Start(t, post.Option, func(c *config.Config) { c.URL = "https://talk.example.org/" })
	token := invite(srv, "Plans & <Ideas> für Jörg", " Foo@Example.com ")
	m := post.Next()
	if m.To != "foo@example.com" || m.From != "no-reply@talk.example.org" {
		t.Errorf("from %q to %q", m.From, m.To)
	}
	if from, err := mail.ParseAddress(m.Header.Get("From")); err != nil || from.Name != "Alice" || from.Address != m.From {
		t.Errorf("From: %v %v", from, err)
	}
	if got := m.HeaderText("Subject"); got != "Alice invited you to a conversation." {
		t.Errorf("subject %q", got)
	}
	if !strings.HasPrefix(m.Header.Get("Content-Type"), "multipart/alternative") || m.Header.Get("Message-Id") == "" || m.Header.Get("Date") == "" {
		t.Errorf("header %v", m.Header)
	}
	link := "https://talk.example.org/call/" + token + "?email=foo%40example.com&"
	if !strings.Contains(m.Text, link) || !strings.Contains(m.Text, "Join »Plans & <Ideas> für Jörg«") {
		t.Errorf("text:\n%s", m.Text)
	}
	if !strings.Contains(m.HTML, `href="`+strings.ReplaceAll(link, "&", "&amp;")) || !strings.Contains(m.HTML, ">Join »Plans &amp; &lt;Ideas&gt; für Jörg«</a>") {
		t.Errorf("HTML:\n%s", m.HTML)
	}
	if strings.Contains(m.Text+m.HTML, "PIN") {
		t.Error("tells of telephones that there are not")
	}
	srv.AwaitQueue(store.MailKind, "sent", empty)
	post.None()
}

func TestInvitationTellsHowToDial(t *testing.T) {
	post := talktest.StartMail(t)
	srv := talktest.Start(t, post.Option, func(c *config.Config) {
		c.SIPSecret, c.SIPDialinInfo = "secret", "Call +49 30 123 <or> 456"
	})
	post.Behave(talktest.MailRefusesAll)
	token := invite(srv, "Plans", "foo@example.com")
	srv.AwaitQueue(store.MailKind, "tried", troubled)
	err := srv.Store.Write(t.Context(), func(tx *db.Tx) error {
		room, err := store.LockRoom(tx, token)
		if err != nil {
			return err
		}
		room.SIP = 1
		guests, err := store.AttendeesOfTypes(tx, room.ID, "emails")
		if err != nil {
			return err
		}
		guests[0].PIN = "1234567"
		if err := store.UpdateAttendee(tx, &guests[0]); err != nil {
			return err
		}
		return store.UpdateRoom(tx, &room)
	})
	if err != nil {
		t.Fatal(err)
	}
	post.Behave(talktest.MailAccepts)
	srv.Advance(2 * time.Minute)
	m := post.Next()
	for _, want := range []string{"Call +49 30 123 <or> 456", "Meeting ID: " + token, "Your PIN: 1234567"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("the text lacks %q:\n%s", want, m.Text)
		}
	}
	if !strings.Contains(m.HTML, "Call &#43;49 30 123 &lt;or&gt; 456") || !strings.Contains(m.HTML, "1234567") {
		t.Errorf("HTML:\n%s", m.HTML)
	}
}

func TestBrokenMailServerDelaysAndLosesNothing(t *testing.T) {
	for name, mode := range map[string]talktest.MailMode{
		"refuses people": talktest.MailRefusesPeople, "refuses all": talktest.MailRefusesAll, "drops": talktest.MailDrops,
	} {
		t.Run(name, func(t *testing.T) {
			post := talktest.StartMail(t)
			post.Behave(mode)
			srv := talktest.Start(t, post.Option)
			invite(srv, "Plans", "foo@example.com")
			srv.AwaitQueue(store.MailKind, "noted", troubled)
			if cause := srv.Queue(store.MailKind).LastError; strings.Contains(cause, "foo@example.com") || strings.Contains(cause, "\n") {
				t.Errorf("the cause tells too much: %q", cause)
			}
			tried := post.Attempts()
			srv.Advance(30 * time.Second)
			post.Behave(talktest.MailAccepts)
			if post.None(); post.Attempts() != tried {
				t.Error("tried again too early")
			}
			srv.Advance(time.Minute)
			post.Next()
			srv.AwaitQueue(store.MailKind, "sent", empty)
		})
	}
}

func TestSilentMailServer(t *testing.T) {
	post := talktest.StartMail(t)
	post.Behave(talktest.MailHangs)
	srv := talktest.Start(t, post.Option)
	begin := time.Now()
	invite(srv, "Plans", "foo@example.com")
	for post.Attempts() == 0 {
		time.Sleep(time.Millisecond)
	}
	srv.As("alice").Get("v4/room").OK()
	if took := time.Since(begin); took > 10*time.Second {
		t.Errorf("requests waited %v", took)
	}
	if s := srv.Queue(store.MailKind); s.Waiting != 1 {
		t.Errorf("queue %+v", s)
	}
	// The end of the test shows that it does not hold up the server's end either.
}

func TestRestIsForTheServerNotForEachMail(t *testing.T) {
	post := talktest.StartMail(t)
	post.Behave(talktest.MailRefusesAll)
	srv := talktest.Start(t, post.Option)
	alice := srv.As("alice")
	people := []string{"a@example.com", "b@example.com", "c@example.com"}
	alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Plans", "participants": map[string]any{"emails": people}}).Created()
	srv.AwaitQueue(store.MailKind, "noted", func(s deliveries.State) bool { return s.LastError != "" })
	if n := post.Attempts(); n != 1 {
		t.Errorf("a server in trouble was asked %d times", n)
	}
	post.Behave(talktest.MailAccepts)
	srv.Advance(2 * time.Minute)
	for range people {
		post.Next()
	}
	srv.AwaitQueue(store.MailKind, "sent", empty)
}

func TestGivenUpMailIsKeptAndCanBeResent(t *testing.T) {
	post := talktest.StartMail(t)
	post.Behave(talktest.MailRefusesPeople)
	srv := talktest.Start(t, post.Option)
	token := invite(srv, "Plans", "foo@example.com")
	begin := srv.Now()
	for srv.Queue(store.MailKind).Failed == 0 {
		srv.Advance(time.Hour)
		time.Sleep(5 * time.Millisecond) // the clock must not run away from the worker
		if srv.Now().Sub(begin) > 60*24*time.Hour {
			t.Fatal("never given up")
		}
	}
	srv.AwaitQueue(store.MailKind, "given up", givenUp)
	if took := srv.Now().Sub(begin); took < 2*24*time.Hour {
		t.Errorf("given up after %v", took)
	}
	srv.Advance(24 * time.Hour)
	post.Behave(talktest.MailAccepts)
	srv.As("alice").Post("v4/room/" + token + "/participants/resend-invitations").OK()
	post.Next()
	srv.AwaitQueue(store.MailKind, "sent", empty)
}

func TestWithoutMailServerInvitationsAreKept(t *testing.T) {
	srv := talktest.Start(t)
	invite(srv, "Plans", "foo@example.com")
	srv.Advance(time.Hour)
	if s := srv.Queue(store.MailKind); s.Waiting != 1 || s.Failed != 0 || s.Oldest == 0 {
		t.Errorf("queue %+v", s)
	}
}

// Who invites can send any Host header, but gets no mail sent with a link to it. Mail
// waits for the address, and has it also when it was asked for before.
func TestMailWaitsForTheAddressOfTheServer(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			post, database := talktest.StartMail(t), talktest.On(d.URL(t))
			var token string
			t.Run("without", func(t *testing.T) { token = inviteInVain(t, post, database) })
			srv := talktest.Start(t, database, post.Option, func(c *config.Config) { c.URL = "https://Right.example/talk/" })
			srv.Advance(time.Minute)
			post.Next()
			m := post.Next()
			if want := "https://right.example/talk/call/" + token + "?"; !strings.Contains(m.Text, want) {
				t.Errorf("no link to %s… in\n%s", want, m.Text)
			}
			if strings.Contains(m.Text+m.HTML, "evil") {
				t.Errorf("the mail repeats the header:\n%s", m.Text)
			}
			srv.AwaitQueue(store.MailKind, "sent", empty)
		})
	}
}

// inviteInVain invites two people at a server that does not know its address.
func inviteInVain(t *testing.T, post *talktest.MailServer, database talktest.Option) (token string) {
	srv := talktest.Start(t, database, post.Option, func(c *config.Config) { c.URL = "" })
	evil := func(r *http.Request) { r.Host = "evil.example" }
	alice := srv.As("alice")
	ocs, list := talktest.Header("OCS-APIRequest", "true"), "/ocs/v2.php/apps/spreed/api/v4/room"
	asJSON := talktest.Header("Accept", "application/json")
	body := talktest.Body("application/json", `{"roomType":3,"roomName":"Plans","participants":{"emails":["a@example.com"]}}`)
	token = alice.Raw("POST", list, evil, ocs, asJSON, body).Open().Created().Text("token")
	more := talktest.Body("application/json", `{"source":"emails","newParticipant":"b@example.com"}`)
	alice.Raw("POST", list+"/"+token+"/participants", evil, ocs, more).Expect(http.StatusOK)
	alice.Raw("POST", list+"/"+token+"/participants/resend-invitations", evil, ocs).Expect(http.StatusOK)
	srv.Advance(time.Hour)
	srv.AwaitQueue(store.MailKind, "held", func(s deliveries.State) bool {
		return s.Waiting == 2 && s.Failed == 0 && strings.Contains(s.LastError, "--url")
	})
	if post.None(); post.Attempts() != 0 {
		t.Error("the mail server was asked")
	}
	return token
}

func TestMailOfRemovedGuestIsNotSent(t *testing.T) {
	post := talktest.StartMail(t)
	post.Behave(talktest.MailRefusesAll)
	srv := talktest.Start(t, post.Option)
	token := invite(srv, "Plans", "foo@example.com")
	srv.AwaitQueue(store.MailKind, "noted", troubled)
	srv.As("alice").Delete("v4/room/" + token + "/public").OK()
	srv.AwaitQueue(store.MailKind, "forgotten", empty)
}

func TestLinkOfTheMailWorks(t *testing.T) {
	post := talktest.StartMail(t)
	srv := talktest.Start(t, post.Option)
	token := invite(srv, "Plans", "foo+bar@example.com")
	link := post.Next().Link()
	guest := srv.Guest()
	guest.Raw("GET", link).Expect(http.StatusOK)
	me := guest.Post("v4/room/" + token + "/participants/active").OK()
	if me.Text("actorType") != "emails" || me.Text("invitedActorId") != "foo+bar@example.com" {
		t.Errorf("joined as %s", me.Data)
	}
}
