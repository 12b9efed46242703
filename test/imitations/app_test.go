package imitations_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// Where the API is, as clients write it.
const (
	ocsV1 = "/ocs/v1.php"
	ocsV2 = "/ocs/v2.php"
	talk1 = ocsV2 + "/apps/spreed/api/v1"
	talk3 = ocsV2 + "/apps/spreed/api/v3"
	talk4 = ocsV2 + "/apps/spreed/api/v4"
)

// change is something about a request.
type change = func(*http.Request)

// app is one program of one person.
type app struct {
	*talktest.Client
	t      testing.TB
	server *talktest.Server
	// headers come with each request.
	headers map[string]string
}

// newApp returns a program that keeps cookies, which nobody has logged in with.
func newApp(t testing.TB, s *talktest.Server, headers map[string]string) *app {
	return &app{Client: s.Guest(), t: t, server: s, headers: headers}
}

// as returns the same program, logged in. It keeps its cookies.
func (a *app) as(user, password string) *app {
	a.User, a.Password = user, password
	return a
}

// answer is what came, with its head.
type answer struct {
	*talktest.Reply
	value
}

// ask sends a request. Path may be an address of the server, too.
func (a *app) ask(method, path string, changes ...change) answer {
	a.t.Helper()
	path = strings.TrimPrefix(path, a.server.URL)
	common := func(r *http.Request) {
		for name, text := range a.headers {
			r.Header.Set(name, text)
		}
	}
	reply := a.Raw(method, path, append([]change{common}, changes...)...)
	if reply.Status == http.StatusUnauthorized {
		a.t.Fatalf("%s %s: 401 logs somebody out of a real app: %s", method, path, reply.Body)
	}
	if reply.Status >= http.StatusInternalServerError && reply.Status != http.StatusNotImplemented {
		a.t.Fatalf("%s %s: %d %s", method, path, reply.Status, reply.Body)
	}
	return answer{Reply: reply, value: value{t: a.t, where: method + " " + path, raw: reply.Body}}
}

// status ends the test unless the answer has one of the statuses.
func (r answer) status(want ...int) answer {
	r.t.Helper()
	for _, one := range want {
		if r.Status == one {
			return r
		}
	}
	r.t.Fatalf("%s: %d, not %v: %s", r.where, r.Status, want, r.Reply.Body)
	return r
}

// data ends the test unless the answer is a success, and returns what is in its envelope.
func (r answer) data() value {
	r.t.Helper()
	r.status(http.StatusOK, http.StatusCreated, http.StatusAccepted)
	if kind := r.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/json") {
		r.t.Fatalf("%s: the type is %q", r.where, kind)
	}
	meta := r.get("ocs", "meta").has(keys{"status": text, "statuscode": integer})
	if meta.get("status").text() != "ok" {
		r.t.Fatalf("%s: %s", r.where, meta.raw)
	}
	return r.get("ocs", "data")
}

// head returns a header that the client cannot do without.
func (r answer) head(name string) string {
	r.t.Helper()
	text := r.Header.Get(name)
	if text == "" {
		r.t.Fatalf("%s: no header %s", r.where, name)
	}
	return text
}

// form sends fields as a form: name, value, name, value.
func form(pairs ...string) change {
	return talktest.Body("application/x-www-form-urlencoded", inPairs(pairs).Encode())
}

// asJSON sends a body in JSON, as it is written here.
func asJSON(format string, args ...any) change {
	return talktest.Body("application/json", fmt.Sprintf(format, args...))
}

// query appends parameters to the address: name, value, name, value.
func query(pairs ...string) change {
	return func(r *http.Request) {
		if r.URL.RawQuery != "" {
			r.URL.RawQuery += "&"
		}
		r.URL.RawQuery += inPairs(pairs).Encode()
	}
}

func inPairs(pairs []string) url.Values {
	out := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Add(pairs[i], pairs[i+1])
	}
	return out
}

// header sets a header of one request.
func header(name, text string) change { return talktest.Header(name, text) }

// both runs f on a new server on each database, where alice has a conversation with bob, in which
// she said something.
func both(t *testing.T, f func(t *testing.T, s *talktest.Server, token string)) {
	t.Helper()
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)), talktest.AllowLoopback)
			alice := s.As("alice")
			s.As("bob")
			token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Plans"}).Created().Text("token")
			alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).OK()
			alice.Post("v4/room", talktest.P{"roomType": 1, "invite": "bob"}).Created()
			alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "Empty"}).Created()
			alice.Post("v1/chat/"+token, talktest.P{"message": "hello @bob"}).Created()
			f(t, s, token)
		})
	}
}

// browser shows pages to somebody.
type browser struct {
	*app
	page answer
}

var (
	formTag  = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	inputTag = regexp.MustCompile(`<input (?:type="hidden" )?name="([^"]*)" (?:type="[a-z]*" )?value="([^"]*)"`)
	linkTag  = regexp.MustCompile(`<a (?:class="button" )?href="([^"]*)">([^<]*)</a>`)
	entities = strings.NewReplacer("&amp;", "&", "&#43;", "+")
)

// follow goes where a page leads by itself, within the server.
func (b *browser) follow() *browser {
	b.t.Helper()
	for range 5 {
		to := b.page.Header.Get("Location")
		if b.page.Status != http.StatusSeeOther || strings.HasPrefix(to, "nc:") {
			break
		}
		b.page = b.ask("GET", to)
	}
	return b
}

// submit sends the form of the page with the fields filled in.
func (b *browser) submit(pairs ...string) *browser {
	b.t.Helper()
	first, _, _ := strings.Cut(string(b.page.Reply.Body), "</form>")
	to := formTag.FindStringSubmatch(first)
	if to == nil {
		b.t.Fatalf("no form in %s", b.page.Reply.Body)
	}
	fields := url.Values{}
	for _, in := range inputTag.FindAllStringSubmatch(first, -1) {
		fields.Set(in[1], entities.Replace(in[2]))
	}
	for name := range inPairs(pairs) {
		fields.Set(name, inPairs(pairs).Get(name))
	}
	b.page = b.ask("POST", entities.Replace(to[1]), talktest.Body("application/x-www-form-urlencoded", fields.Encode()))
	return b.follow()
}

// letIn opens an address that an app gave, logs in, and lets the app in. It returns where the
// browser is sent then, "" when it stays.
func letIn(a *app, address, user string, changes ...change) string {
	a.t.Helper()
	b := &browser{app: &app{Client: a.server.Guest(), t: a.t, server: a.server, headers: map[string]string{"Accept": "text/html"}}}
	b.page = b.ask("GET", address, changes...)
	b.follow()
	for _, link := range linkTag.FindAllStringSubmatch(string(b.page.Reply.Body), -1) {
		if link[2] == "Go on" {
			b.page = b.ask("GET", entities.Replace(link[1]))
			break
		}
	}
	b.follow().submit("user", user, "password", talktest.PasswordOf(user)).submit()
	return b.page.Header.Get("Location")
}

// ncAddress is where the window of an app ends, part by part in this order.
var ncAddress = regexp.MustCompile(`^nc://login/server:(.*)&user:(.*)&password:(.*)$`)

// logInByWindow logs an app in that shows the pages itself and waits for a redirect.
func logInByWindow(a *app, user string) {
	a.t.Helper()
	to := letIn(a, "/index.php/login/flow", user, header("OCS-APIRequest", "true"))
	parts := ncAddress.FindStringSubmatch(to)
	if parts == nil {
		a.t.Fatalf("the window is sent to %q", to)
	}
	name, err := url.QueryUnescape(parts[2])
	password, err2 := url.QueryUnescape(parts[3])
	if err != nil || err2 != nil || name != user || password == "" || parts[1] != a.server.URL {
		a.t.Fatalf("the window is sent to %q", to)
	}
	a.as(name, password)
}

// TestNoticed breaks answers of the server on purpose, one field after the other, and sees that
// each client would stumble: over null, and over a missing field unless it copes with that.
func TestNoticed(t *testing.T) {
	s := talktest.Start(t)
	alice := s.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "A"}).Created().Text("token")
	alice.Post("v1/chat/"+token, talktest.P{"message": "x"}).Created()
	first := func(path string, params talktest.P) talktest.Object { return alice.Get(path, params).OK().List()[0] }
	room := alice.Get("v4/room/" + token).OK().Object()
	message := first("v1/chat/"+token, talktest.P{"lookIntoFuture": 0})
	person := first("v4/room/"+token+"/participants", nil)
	for name, c := range map[string]struct {
		keys keys
		of   talktest.Object
	}{
		"Android, room": {androidRoom, room}, "iOS, room": {iosRoom, room}, "Android, message": {androidMessage, message}, "iOS, message": {iosMessage, message},
		"Android, participant": {androidParticipant, person}, "web, participant": {webParticipant, person}, "web, message": {webMessage, message},
	} {
		for field, kind := range c.keys {
			old, there := c.of[field]
			c.of[field] = nil
			if len(c.keys.wrong(encode(t, c.of))) != 1 {
				t.Errorf("%s: null in %s goes unnoticed", name, field)
			}
			delete(c.of, field)
			if lost := len(c.keys.wrong(encode(t, c.of))) == 1; lost == strings.HasSuffix(kind, "?") {
				t.Errorf("%s: without %s it is noticed: %v", name, field, lost)
			}
			if there {
				c.of[field] = old
			}
		}
	}
}

func encode(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
