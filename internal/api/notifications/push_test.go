package notifications_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

const pushPath = "/apps/notifications/api/v2/webpush"

// phone is an app with a push service of its own.
type phone struct {
	t      *testing.T
	own    *ecdh.PrivateKey
	auth   []byte
	url    string
	status atomic.Int32
	// told are what the app reads, seen the requests that the push service got.
	told chan map[string]any
	seen atomic.Int32
}

func startPhone(t *testing.T) *phone {
	t.Helper()
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := &phone{t: t, own: own, auth: make([]byte, 16), told: make(chan map[string]any, 100)}
	rand.Read(f.auth)
	f.status.Store(http.StatusCreated)
	service := httptest.NewServer(f)
	t.Cleanup(service.Close)
	f.url = service.URL + "/send/1?key=2"
	return f
}

// ServeHTTP is the push service.
func (f *phone) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.seen.Add(1)
	body, err := io.ReadAll(r.Body)
	status := int(f.status.Load())
	w.WriteHeader(status)
	if err != nil || status != http.StatusCreated {
		return
	}
	h := r.Header
	if h.Get("Content-Encoding") != "aes128gcm" || h.Get("TTL") != "86400" || h.Get("Urgency") == "" ||
		!strings.HasPrefix(h.Get("Authorization"), "vapid t=") || r.URL.RawQuery != "key=2" {
		f.t.Errorf("a push with %v to %s", h, r.URL)
	}
	text, err := talktest.OpenPush(f.own, f.auth, body)
	if err != nil {
		f.t.Errorf("the app cannot read what was pushed: %v", err)
		return
	}
	var told map[string]any
	if err := json.Unmarshal(text, &told); err != nil {
		f.t.Error(err)
	}
	f.told <- told
}

func (f *phone) next() map[string]any {
	f.t.Helper()
	select {
	case told := <-f.told:
		return told
	case <-time.After(20 * time.Second):
		f.t.Fatal("nothing was pushed")
	}
	return nil
}

// subscription are the parameters with which the app subscribes.
func (f *phone) subscription() p {
	encode := base64.RawURLEncoding.EncodeToString
	return p{"endpoint": f.url, "uaPublicKey": encode(f.own.PublicKey().Bytes()), "auth": encode(f.auth), "appTypes": "talk"}
}

// activate subscribes an app and shows what was pushed to it.
func (f *phone) activate(c *talktest.Client) {
	f.t.Helper()
	c.Post(pushPath, f.subscription()).Expect(201)
	c.Post(pushPath+"/activate", p{"activationToken": f.next()["activationToken"]}).Expect(202)
}

func TestPush(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := group(s, "bob")
	bob, alice, f := s.Device("bob"), s.As("alice"), startPhone(t)
	if key := bob.Get(pushPath + "/vapid").OK().Text("vapid"); len(key) != 87 || s.As("carol").Get(pushPath+"/vapid").OK().Text("vapid") != key {
		t.Errorf("the key is %q", key)
	}
	bob.Post(pushPath, f.subscription()).Expect(201)
	first := f.next()["activationToken"]
	alice.Post("v1/chat/"+token, p{"message": "@bob too early"}).Created()
	bob.Post(pushPath, f.subscription()).Expect(200)
	if again := f.next()["activationToken"]; again != first {
		t.Errorf("the second activation has %v, not %v", again, first)
	}
	refuses(t, bob.Post(pushPath+"/activate", p{"activationToken": "another"}), "INVALID_ACTIVATION_TOKEN")
	bob.Post(pushPath+"/activate", p{"activationToken": first}).Expect(202)
	bob.Post(pushPath+"/activate", p{"activationToken": first}).Expect(200)

	id := strconv.FormatInt(alice.Post("v1/chat/"+token, p{"message": "@bob hello"}).Created().Number("id"), 10)
	told := f.next()
	if told["app"] != "spreed" || told["type"] != "chat" || told["id"] != token+"/"+id || told["subject"] != "Alice mentioned you in Plans" {
		t.Errorf("a mention is pushed as %v", told)
	}
	number := strconv.FormatFloat(told["nid"].(float64), 'f', 0, 64)
	if n := bob.Get(list + "/" + number).OK(); n.Text("object_id") != token+"/"+id {
		t.Errorf("the notification of the push is %v", n)
	}
	bob.Delete(list + "/" + number).OK()
	if gone := f.next(); gone["nid"] != told["nid"] || gone["delete"] != true {
		t.Errorf("a notification that is gone is pushed as %v", gone)
	}
	bob.Delete(list).OK()
	if gone := f.next(); gone["delete-all"] != true {
		t.Errorf("all that are gone are pushed as %v", gone)
	}

	bob.Post("/apps/notifications/api/v3/test/self").OK()
	if told := f.next(); told["app"] != "admin_notification_talk" {
		t.Errorf("the test is pushed as %v", told)
	}
	bob.Delete(pushPath).Expect(202)
	bob.Delete(pushPath).Expect(200)
	bob.Post("/apps/notifications/api/v3/test/self").Expect(400)
	bob.Post(pushPath+"/activate", p{"activationToken": first}).Expect(404)
}

// Whoever does not want to be disturbed is told of important conversations alone, and of
// sensitive ones without what was said.
func TestPushSpares(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := group(s, "bob")
	bob, alice, f := s.Device("bob"), s.As("alice"), startPhone(t)
	f.activate(bob)
	const status = "/apps/user_status/api/v1/user_status/status"
	mention := func() { alice.Post("v1/chat/"+token, p{"message": "@bob secret"}).Created() }
	bob.Put(status, p{"statusType": "dnd"}).OK()
	mention()
	bob.Post("/apps/notifications/api/v3/test/self").OK() // comes after the mention, which is left out
	if told := f.next(); told["app"] != "admin_notification_talk" {
		t.Errorf("one who does not want to be disturbed is told of %v", told)
	}
	bob.Post("v4/room/" + token + "/important").OK()
	mention()
	if told := f.next(); told["type"] != "chat" {
		t.Errorf("an important conversation pushes %v", told)
	}
	bob.Put(status, p{"statusType": "online"}).OK()
	bob.Post("v4/room/" + token + "/sensitive").OK()
	mention()
	if told := f.next(); told["id"] != token || strings.Contains(told["subject"].(string), "Alice") {
		t.Errorf("a sensitive conversation pushes %v", told)
	}
}

func TestPushRefuses(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	bob, f := s.As("bob"), startPhone(t)
	for _, test := range []struct {
		change p
		want   string
	}{
		{p{"uaPublicKey": "BAAA"}, "INVALID_P256DH"},
		{p{"auth": "AAAA"}, "INVALID_AUTH"},
		{p{"endpoint": "ftp://push.example.org/1"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "http://push.example.org/1"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "http://10.0.0.1/1"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://name:word@push.example.org/1"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://169.254.169.254/latest"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://[fd00::1]/1"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://"}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://push.example.org/" + strings.Repeat("x", 1000)}, "INVALID_ENDPOINT"},
		{p{"endpoint": "https://push.example.org/\r\nX: 1"}, "INVALID_ENDPOINT"},
		{p{"appTypes": strings.Repeat("x,", 200)}, "TOO_MANY_APP_TYPES"},
	} {
		refuses(t, bob.Post(pushPath, f.subscription(), test.change), test.want)
	}
	refuses(t, s.LoggedIn("bob").Post(pushPath, f.subscription()), "INVALID_SESSION_TOKEN")
	refuses(t, s.LoggedIn("bob").Delete(pushPath), "INVALID_SESSION_TOKEN")
	s.Guest().Get(pushPath + "/vapid").Expect(401)
}

// A subscription ends with its app password, and when the push service does not know it
// any more. A push service in trouble is asked again.
func TestPushEnds(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := group(s, "bob")
	bob, alice, f := s.Device("bob"), s.As("alice"), startPhone(t)
	mention := func() { alice.Post("v1/chat/"+token, p{"message": "@bob hello"}).Created() }
	f.activate(bob)
	f.status.Store(http.StatusServiceUnavailable)
	mention()
	s.AwaitQueue(store.PushKind, "trouble", troubled)
	f.status.Store(http.StatusCreated)
	s.Advance(time.Hour)
	s.Outbox.Wake()
	if told := f.next(); told["type"] != "chat" {
		t.Errorf("after the trouble %v is pushed", told)
	}
	f.status.Store(http.StatusGone)
	mention()
	s.AwaitQueue(store.PushKind, "the end", empty)
	if n := f.seen.Load(); n != 4 {
		t.Errorf("the push service was asked %d times", n)
	}
	bob.Delete(pushPath).Expect(200) // it had ended

	f.status.Store(http.StatusCreated)
	f.activate(bob)
	bob.Delete("/core/apppassword").OK()
	mention()
	s.AwaitQueue(store.PushKind, "nothing", empty)
	if n := f.seen.Load(); n != 5 {
		t.Errorf("the push service was asked %d times", n)
	}
}

func refuses(t *testing.T, r *talktest.Reply, reason string) {
	t.Helper()
	if got := r.Expect(400).Text("message"); got != reason {
		t.Errorf("the answer is %q, not %q", got, reason)
	}
}

// A push that could not be made for a day is forgotten, and nothing is left of it.
func TestPushOutlived(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	token := group(s, "bob")
	f := startPhone(t)
	f.activate(s.Device("bob"))
	f.status.Store(http.StatusInternalServerError)
	s.As("alice").Post("v1/chat/"+token, p{"message": "@bob hello"}).Created()
	s.AwaitQueue(store.PushKind, "trouble", troubled)
	s.Advance(25 * time.Hour)
	s.Outbox.Wake()
	s.AwaitQueue(store.PushKind, "nothing", empty)
	if n := f.seen.Load(); n != 2 {
		t.Errorf("the push service was asked %d times", n)
	}
}

// Nobody makes the server send many requests to somebody else.
func TestPushRequestsAreLimited(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback, talktest.BruteForce)
	bob, f := s.As("bob"), startPhone(t)
	f.status.Store(http.StatusNoContent)
	for range auth.LimitPushRequests.Count {
		bob.Post(pushPath, f.subscription(), p{"appTypes": "all"})
	}
	bob.Post(pushPath, f.subscription()).Expect(http.StatusTooManyRequests)
	bob.Post("/apps/notifications/api/v3/test/self").Expect(http.StatusTooManyRequests)
	s.As("carol").Post("/apps/notifications/api/v3/test/self").Expect(http.StatusBadRequest)
}

func TestSubscribingAtOnce(t *testing.T) {
	s := talktest.Start(t, talktest.AllowLoopback)
	bob, f := s.As("bob"), startPhone(t)
	f.status.Store(http.StatusNoContent)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			if r := bob.Post(pushPath, f.subscription(), p{"appTypes": "all," + strconv.Itoa(i)}); r.Status != http.StatusCreated {
				t.Errorf("subscribing at once: %d", r.Status)
			}
		})
	}
	all.Wait()
	bob.Delete(pushPath).Expect(http.StatusAccepted)
	bob.Delete(pushPath).Expect(http.StatusOK)
}

// troubled tells that it is stored that a push failed, and with that when it is tried again by
// the clock of the test.
func troubled(s deliveries.State) bool { return s.Waiting == 1 && s.LastError != "" }

func empty(s deliveries.State) bool { return s == deliveries.State{} }
