package conversation_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	rules "parley/internal/talk"
	"parley/internal/talktest"
)

// room makes a conversation of alice.
func room(srv *talktest.Server, kind rules.RoomType, more ...talktest.P) (path string) {
	wanted := append([]talktest.P{{"roomType": int(kind), "roomName": "Plans"}}, more...)
	return "v4/room/" + srv.As("alice").Post("v4/room", wanted...).Created().Text("token")
}

func addEmail(c *talktest.Client, path, address string) *talktest.Reply {
	return c.Post(path+"/participants", talktest.P{"source": "emails", "newParticipant": address})
}

// personalLink returns the link that the mail to somebody would hold.
func personalLink(t *testing.T, srv *talktest.Server, path, address string) (link string) {
	t.Helper()
	token := strings.TrimPrefix(path, "v4/room/")
	err := srv.Store.Read(t.Context(), func(tx *db.Tx) error {
		r, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		at, err := store.AttendeeOf(tx, r.ID, rules.EmailGuest(address))
		link = "/call/" + token + "?email=" + address + "&access=" + at.AccessToken
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return link
}

// guests returns the e-mail guests that the caller sees.
func emailGuests(c *talktest.Client, path string) (found []talktest.Object) {
	for _, p := range c.Get(path + "/participants").OK().List() {
		if p.Text("actorType") == "emails" {
			found = append(found, p)
		}
	}
	return found
}

func TestAddEmail(t *testing.T) {
	srv := talktest.Start(t)
	alice, bob := srv.As("alice"), srv.As("bob")
	path := room(srv, rules.Group, talktest.P{"participants": map[string]any{"users": []string{"bob"}}})

	addEmail(alice, path, "not-an-email").Fails(http.StatusBadRequest, "new-participant")
	if kind := alice.Get(path).OK().Number("type"); kind != int64(rules.Group) {
		t.Errorf("a refused address made the conversation %d", kind)
	}
	addEmail(bob, path, "foo@example.com").Fails(http.StatusForbidden, "")
	for range 2 { // the second time is silent
		if got := addEmail(alice, path, " Foo@Example.com").OK().Number("type"); got != int64(rules.Public) {
			t.Errorf("type %d", got)
		}
	}
	if n := srv.Queue(store.MailKind).Waiting; n != 1 {
		t.Errorf("%d mails wait", n)
	}
	last := alice.Get(path).OK()
	if message := talktest.Decode[struct{ LastMessage talktest.Object }](last).LastMessage.Text("systemMessage"); message != "guests_allowed" {
		t.Errorf("told %q", message)
	}

	found := emailGuests(alice, path)
	want := talktest.Object{"invitedActorId": "foo@example.com", "participantType": 4.0, "displayName": "", "permissions": 246.0,
		"actorId": "321ba197033e81286fedb719d60d4ed5cecaed170733cb4a92013811afc0e3b6"}
	if len(found) != 1 {
		t.Fatalf("found %v", found)
	}
	for field, value := range want {
		if found[0][field] != value {
			t.Errorf("%s is %v, want %v", field, found[0][field], value)
		}
	}
	if _, shown := emailGuests(bob, path)[0]["invitedActorId"]; shown {
		t.Error("a member sees the address")
	}
}

func TestAddEmailLegacy(t *testing.T) {
	srv := talktest.Start(t)
	path := room(srv, rules.Public)
	old := strings.Replace(path, "v4", "v3", 1)
	if got := addEmail(srv.As("alice"), old, "foo@example.com").OK().Number("type"); got != int64(rules.Public) {
		t.Errorf("type %d", got)
	}
	if data := string(addEmail(srv.As("alice"), old, "foo").Expect(http.StatusBadRequest).Data); data != "[]" {
		t.Errorf("failure %s", data)
	}
}

func TestCreateWithEmails(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	emails := func(all ...string) talktest.P {
		return talktest.P{"roomName": "Plans", "participants": map[string]any{"emails": all}}
	}
	made := alice.Post("v4/room", emails("foo@example.com", "FOO@example.com"), talktest.P{"password": "secret"}).Created()
	if made.Number("type") != int64(rules.Public) || made.Object()["hasPassword"] != true {
		t.Errorf("made %s", made.Data)
	}
	if n := srv.Queue(store.MailKind).Waiting; n != 1 {
		t.Errorf("%d mails wait", n)
	}
	partly := alice.Post("v4/room", emails("foo@example.com", "nobody")).Expect(http.StatusAccepted)
	rejected := talktest.Decode[struct{ InvalidParticipants map[string][]string }](partly).InvalidParticipants
	if diff := cmp.Diff(map[string][]string{"emails": {"nobody"}}, rejected); diff != "" {
		t.Error(diff)
	}
	alice.Post("v4/room", emails("nobody")).Fails(http.StatusNotFound, "invite")
}

func TestEmailGuestJoins(t *testing.T) {
	srv := talktest.Start(t)
	path := room(srv, rules.Public, talktest.P{"password": "secret"})
	addEmail(srv.As("alice"), path, "foo@example.com").OK()
	foo := srv.Guest()
	foo.Post(path+"/participants/active").Fails(http.StatusForbidden, "password")
	foo.Raw("GET", personalLink(t, srv, path, "foo@example.com")).OK()

	me := foo.Post(path + "/participants/active").OK()
	id := me.Number("attendeeId")
	if me.Text("actorType") != "emails" || me.Text("invitedActorId") != "foo@example.com" || len(me.Text("sessionId")) != rules.SessionIDLength {
		t.Errorf("joined as %s", me.Data)
	}
	if again := foo.Post(path + "/participants/active").OK(); again.Number("attendeeId") != id {
		t.Errorf("came back as %s", again.Data)
	}
	foo.Post("v1/guest/"+strings.TrimPrefix(path, "v4/room/")+"/name", talktest.P{"displayName": "Foo"}).OK()
	foo.Get(path+"/participants").Fails(http.StatusForbidden, "")

	foo.Delete(path + "/participants/active").OK()
	found := emailGuests(srv.As("alice"), path)
	if len(found) != 1 || found[0].Text("displayName") != "Foo" || found[0].Number("attendeeId") != id {
		t.Errorf("left behind %v", found)
	}
	if back := foo.Post(path + "/participants/active").OK(); back.Number("attendeeId") != id {
		t.Errorf("came back after leaving as %s", back.Data)
	}

	srv.As("alice").Post(path+"/moderators", talktest.P{"attendeeId": id}).OK()
	if all := foo.Get(path + "/participants").OK().List(); len(all) != 2 {
		t.Errorf("the guest moderator sees %v", all)
	}
}

func TestPersonalLinkWinsOverGuest(t *testing.T) {
	srv := talktest.Start(t)
	path := room(srv, rules.Public)
	addEmail(srv.As("alice"), path, "foo@example.com").OK()
	foo := srv.Guest()
	foo.Post(path + "/participants/active").OK()
	foo.Raw("GET", personalLink(t, srv, path, "foo@example.com")).OK()
	if still := foo.Get(path).OK(); still.Text("actorType") != "guests" {
		t.Errorf("the link ended a session: %s", still.Data)
	}
	if me := foo.Post(path + "/participants/active").OK(); me.Text("actorType") != "emails" {
		t.Errorf("joined as %s", me.Data)
	}
	if all := srv.As("alice").Get(path + "/participants").OK().List(); len(all) != 2 {
		t.Errorf("the guest is left behind: %v", all)
	}
}

func TestRemovedEmailGuestIsOut(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	path := room(srv, rules.Public, talktest.P{"password": "secret"})
	addEmail(alice, path, "foo@example.com").OK()
	foo := srv.Guest()
	link := personalLink(t, srv, path, "foo@example.com")
	foo.Raw("GET", link).OK()
	foo.Post(path + "/participants/active").OK()
	alice.Delete(path+"/attendees", talktest.P{"attendeeId": emailGuests(alice, path)[0].Number("attendeeId")}).OK()
	foo.Post(path+"/participants/active").Fails(http.StatusForbidden, "password")

	addEmail(alice, path, "foo@example.com").OK()
	foo.Post(path+"/participants/active").Fails(http.StatusForbidden, "password")
	foo.Raw("GET", link).Expect(http.StatusSeeOther)
	foo.Raw("GET", personalLink(t, srv, path, "foo@example.com")).OK()
	foo.Post(path + "/participants/active").OK()
}

func TestPrivateConversationHasNoEmailGuests(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	path := room(srv, rules.Public)
	addEmail(alice, path, "foo@example.com").OK()
	alice.Delete(path + "/public").OK()
	if found := emailGuests(alice, path); len(found) != 0 || srv.Queue(store.MailKind).Waiting != 0 {
		t.Errorf("left are %v and %d mails", found, srv.Queue(store.MailKind).Waiting)
	}
}

// forgetMails takes all mails that wait out of the queue, as if they were sent.
func forgetMails(t *testing.T, srv *talktest.Server) {
	t.Helper()
	err := srv.Store.Write(t.Context(), func(tx *db.Tx) error {
		for {
			m, err := deliveries.Lease(tx, store.MailKind, nil, "l", 1)
			if err != nil {
				return nil
			}
			if err := deliveries.Done(tx, m); err != nil {
				return err
			}
		}
	})
	if err != nil || srv.Queue(store.MailKind).Waiting != 0 {
		t.Fatal(err, srv.Queue(store.MailKind).Waiting)
	}
}

func TestResendInvitations(t *testing.T) {
	srv := talktest.Start(t)
	alice, bob := srv.As("alice"), srv.As("bob")
	path := room(srv, rules.Public, talktest.P{"participants": map[string]any{"users": []string{"bob"}, "emails": []string{"a@b.c", "d@e.f"}}})
	forgetMails(t, srv)
	resend := path + "/participants/resend-invitations"
	ids := map[string]int64{}
	for _, p := range alice.Get(path + "/participants").OK().List() {
		ids[p.Text("actorType")] = p.Number("attendeeId")
	}
	for _, c := range []struct {
		params talktest.P
		want   int
	}{
		{talktest.P{}, 2}, {talktest.P{"attendeeId": nil}, 2},
		{talktest.P{"attendeeId": ids["emails"]}, 1}, {talktest.P{"attendeeId": ids["users"]}, 0},
	} {
		if data := string(alice.Post(resend, c.params).OK().Data); data != "null" {
			t.Errorf("answered %s", data)
		}
		if n := srv.Queue(store.MailKind).Waiting; n != c.want {
			t.Errorf("%v: %d mails wait, want %d", c.params, n, c.want)
		}
		forgetMails(t, srv)
	}
	alice.Post(resend, talktest.P{"attendeeId": 1 << 40}).Fails(http.StatusNotFound, "")
	bob.Post(resend).Fails(http.StatusForbidden, "")
	srv.As("carol").Post(resend).Fails(http.StatusNotFound, "")
	srv.Guest().Post(resend).Fails(http.StatusUnauthorized, "")
	if data := string(alice.Post(strings.Replace(resend, "v4", "v3", 1)).OK().Data); data != "[]" {
		t.Errorf("v3 answered %s", data)
	}
	alice.Post(strings.Replace(resend, "v4", "v2", 1)).Expect(http.StatusNotFound)
}

// csv is a multipart body with a file and a parameter.
func csv(text, testRun string) func(*http.Request) {
	const boundary = "xxBOUNDARYxx"
	return talktest.Body("multipart/form-data; boundary="+boundary, "--"+boundary+
		"\r\nContent-Disposition: form-data; name=\"testRun\"\r\n\r\n"+testRun+"\r\n--"+boundary+
		"\r\nContent-Disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\nContent-Type: text/csv\r\n\r\n"+text+
		"\r\n--"+boundary+"--\r\n")
}

func imports(c *talktest.Client, path, text, testRun string) *talktest.Reply {
	return c.Raw("POST", "/ocs/v2.php/apps/spreed/api/"+path+"/import-emails", talktest.Header("OCS-APIRequest", "true"),
		talktest.Header("Accept", "application/json"), csv(text, testRun)).Open()
}

func TestImportEmails(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	path := room(srv, rules.Group)
	list := "name,email\nFoo Bar,Foo@Example.com\n,bar@example.com\nX,foo@example.com\n"

	tested := imports(alice, path, list, "true").OK()
	if diff := cmp.Diff(talktest.Object{"invites": 2.0, "duplicates": 1.0}, tested.Object()); diff != "" {
		t.Error(diff)
	}
	if n := srv.Queue(store.MailKind).Waiting; n != 0 || alice.Get(path).OK().Number("type") != int64(rules.Group) {
		t.Errorf("the test run left %d mails", n)
	}
	done := imports(alice, path, list+"nobody\n", "false").OK()
	want := talktest.Object{"invites": 2.0, "duplicates": 1.0, "invalid": 1.0, "invalidLines": []any{5.0}, "type": 3.0}
	if diff := cmp.Diff(want, done.Object()); diff != "" {
		t.Error(diff)
	}
	found := emailGuests(alice, path)
	if n := srv.Queue(store.MailKind).Waiting; n != 2 || len(found) != 2 || found[0].Text("displayName") != "Foo Bar" {
		t.Errorf("%d mails wait for %v", n, found)
	}
	again := imports(alice, path, list, "false").OK()
	if again.Number("invites") != 0 || again.Number("duplicates") != 3 || srv.Queue(store.MailKind).Waiting != 2 {
		t.Errorf("again: %s", again.Data)
	}
	bad := imports(alice, path, "email\nnobody\na@b.c\n@\n", "1").Fails(http.StatusBadRequest, "rows").Object()
	delete(bad, "message")
	want = talktest.Object{"error": "rows", "invites": 1.0, "duplicates": 0.0, "invalid": 2.0, "invalidLines": []any{2.0, 4.0}}
	if diff := cmp.Diff(want, bad); diff != "" {
		t.Error(diff)
	}
}

func TestImportEmailsRefuses(t *testing.T) {
	srv := talktest.Start(t)
	alice, bob := srv.As("alice"), srv.As("bob")
	path := room(srv, rules.Group, talktest.P{"participants": map[string]any{"users": []string{"bob"}}})
	for name, c := range map[string]struct{ text, reason string }{
		"wrong header":   {"mail\na@b.c", "header-email"},
		"wrong encoding": {"email,name\na@b.c,J\xf6rg\n", "file"},
		"10 MB":          {"email\n" + strings.Repeat("somebody@example.com\n", 500_000), "file"},
		"empty":          {"", "header-email"},
	} {
		t.Run(name, func(t *testing.T) { imports(alice, path, c.text, "false").Fails(http.StatusBadRequest, c.reason) })
	}
	imports(alice, path, strings.Repeat("x", 13<<20), "false").Expect(http.StatusRequestEntityTooLarge)
	alice.Post(path+"/import-emails").Fails(http.StatusBadRequest, "file")
	imports(bob, path, "email\n", "true").Fails(http.StatusForbidden, "")
	imports(srv.Guest(), path, "email\n", "true").Fails(http.StatusUnauthorized, "")
	notes := "v4/room/" + alice.Get("v4/room/note-to-self").OK().Text("token")
	imports(alice, notes, "mail\n", "true").Fails(http.StatusBadRequest, "room")
	if n := srv.Queue(store.MailKind).Waiting; n != 0 {
		t.Errorf("%d mails wait", n)
	}
}
