package conversation_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/db"
	"parley/internal/ocs"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talktest"
)

// guarded starts a server that counts guesses and sits behind a proxy.
func guarded(t *testing.T, options ...talktest.Option) *talktest.Server {
	t.Helper()
	return talktest.Start(t, append(options, talktest.BruteForce, behindProxy)...)
}

// from sends a request to a path below the entry point, from an address.
func from(c *talktest.Client, address, method, path string, more ...func(*http.Request)) *talktest.Reply {
	changes := append([]func(*http.Request){
		talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", "application/json"), talktest.Header("X-Forwarded-For", address),
	}, more...)
	return c.Raw(method, "/ocs/v2.php"+path, changes...)
}

// failures returns how many failures of a network count, by action.
func failures(t *testing.T, s *talktest.Server, network string) map[string]int {
	t.Helper()
	sources, err := s.Auth.Protection().Sources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, source := range sources {
		if source.Network == network {
			out[source.Action] += source.Failures
		}
	}
	return out
}

// publicTokenRows lists the rows that strangers may try tokens on, one per version:
// method and path below the entry point. Those for bots answer the same whatever the
// token, see TestForgedSignaturesAreBlocked.
func publicTokenRows() (out [][2]string) {
	for _, t := range api.Tables(api.Services{}, nil) {
		for _, row := range ocs.Expand(t.Rows) {
			if row.Rules&(ocs.Login|ocs.Admin|ocs.GroupAdmin|ocs.CountBots) == 0 && strings.Contains(row.Path, "{token}") {
				out = append(out, [2]string{row.Method, row.FullPath()})
			}
		}
	}
	return out
}

// Wherever a stranger can try tokens, those that lead nowhere count, and so do
// those of conversations that the stranger may not know of.
func TestUnknownTokensCountOnEveryPublicRow(t *testing.T) {
	s := guarded(t, telephony)
	private := s.As("alice").Post("v4/room", talktest.P{"roomType": 2, "roomName": "r"}).Created().Text("token")
	for i, row := range publicTokenRows() {
		answers := map[string]string{}
		for name, token := range map[string]string{"unknown": "unknown7", "private": private} {
			network := fmt.Sprintf("10.1.%d.%d", i, len(answers))
			path := strings.NewReplacer("{token}", token, "{mode}", "call", "{banId}", "1", "{pin}", "1234567", "{chatMessageId}", "1", "{pollId}", "1").Replace(row[1])
			reply := from(s.Guest(), network, row[0], path, talktest.Body("application/json", `{"pin":"1","number":"1","callId":"1"}`))
			counted := failures(t, s, network)
			if n := counted["talkRoomToken"] + counted["talkSipBridgeSecret"]; n != 1 && reply.Status != http.StatusNotImplemented {
				t.Errorf("%s %s, %s: %d, failures %v, want 1", row[0], row[1], name, reply.Status, counted)
			}
			answers[name] = fmt.Sprint(reply.Status, string(reply.Body), counted)
		}
		if answers["unknown"] != answers["private"] {
			t.Errorf("%s %s: %s for no conversation, %s for a private one", row[0], row[1], answers["unknown"], answers["private"])
		}
	}
}

func TestTryingTokensIsBlocked(t *testing.T) {
	s := guarded(t)
	token := publicRoom(s)
	inside := s.Guest()
	from(inside, "10.2.0.1", "POST", "/apps/spreed/api/v4/room/"+token+"/participants/active").OK()
	for i := range 11 {
		from(s.Guest(), "10.2.0.1", "DELETE", "/apps/spreed/api/v4/room/unknown"+strconv.Itoa(i)+"/participants/active").Expect(404)
	}
	s.Clock.Advance(100 * time.Second)
	for _, row := range publicTokenRows() {
		if strings.Contains(row[1], "pin") || strings.Contains(row[1], "dial") {
			continue
		}
		path := strings.NewReplacer("{token}", "unknown8", "{mode}", "call", "{banId}", "1", "{chatMessageId}", "1", "{pollId}", "1").Replace(row[1])
		reply := from(s.Guest(), "10.2.0.1", row[0], path).Expect(http.StatusTooManyRequests)
		if got := reply.Header.Get("Retry-After"); got != "1701" {
			t.Errorf("%s %s: try again after %q seconds, want 1701", row[0], row[1], got)
		}
	}
	if n := failures(t, s, "10.2.0.1")["talkRoomToken"]; n != 11 {
		t.Errorf("%d failures, want 11", n)
	}
	s.Clock.Advance(1701 * time.Second)
	from(s.Guest(), "10.2.0.1", "GET", "/apps/spreed/api/v4/room/"+token).OK()
}

// Behind a blocked address those go on who are in the conversation or show who
// they are.
func TestBlockedButNotTheWholeOffice(t *testing.T) {
	s := guarded(t)
	const office = "10.3.0.1"
	token := publicRoom(s, talktest.P{"password": "Right-Password-1"})
	room := "/apps/spreed/api/v4/room/" + token
	bob, guest, link := s.As("bob"), s.Guest(), s.Guest()
	right := talktest.Body("application/json", `{"password":"Right-Password-1"}`)
	from(guest, office, "POST", room+"/participants/active", right).OK()
	addEmail(s.As("alice"), "v4/room/"+token, "eve@example.org").OK()
	link.Raw(http.MethodGet, personalLink(t, s, "v4/room/"+token, "eve@example.org")).OK()
	from(link, office, "POST", room+"/participants/active").OK()
	for i := range 11 {
		from(s.Guest(), office, "POST", "/apps/spreed/api/v4/room/unknown"+strconv.Itoa(i)+"/participants/active").Expect(404)
		from(s.Guest(), office, "GET", "/cloud/user", func(r *http.Request) { r.SetBasicAuth("alice", "guess"+strconv.Itoa(i)) }).Expect(401)
	}
	from(s.Guest(), office, "POST", room+"/participants/active", right).Expect(429)
	from(s.Guest(), office, "GET", "/cloud/user", func(r *http.Request) { r.SetBasicAuth("alice", talktest.PasswordOf("alice")) }).Expect(429)
	for name, c := range map[string]*talktest.Client{"an account": bob, "a guest": guest, "an e-mail guest": link} {
		for _, request := range [][2]string{
			{"POST", room + "/participants/active"}, {"GET", room}, {"GET", room + "/participants"}, {"DELETE", room + "/participants/active"},
		} {
			if reply := from(c, office, request[0], request[1], right); reply.Status == http.StatusTooManyRequests {
				t.Errorf("%s from the office: %s %s: %d", name, request[0], request[1], reply.Status)
			}
		}
	}
	from(s.Guest(), office, "GET", "/cloud/user", func(r *http.Request) { r.SetBasicAuth("bob", talktest.PasswordOf("bob")) }).OK()
	// Whoever is logged in is blocked for what they try themselves.
	for i := range 12 {
		want := 404
		if i == 11 {
			want = 429
		}
		from(bob, office, "GET", "/apps/spreed/api/v4/room/unknown"+strconv.Itoa(i)).Expect(want)
	}
	from(s.As("carol"), office, "GET", room).OK()
}

// A guest whose session ended does not block the neighbours by asking on.
func TestGuestsOfBeforeAreNotCounted(t *testing.T) {
	s := guarded(t)
	token := publicRoom(s)
	guest := s.Guest()
	path := "/apps/spreed/api/v4/room/" + token + "/participants"
	from(guest, "10.4.0.1", "POST", path+"/active").OK()
	s.Advance(10 * time.Minute)
	for range 15 {
		from(guest, "10.4.0.1", "GET", path).Expect(404)
	}
	if n := failures(t, s, "10.4.0.1"); len(n) != 0 {
		t.Errorf("failures %v", n)
	}
}

// looked sends many requests at once and returns how many were looked at, that is
// not refused as too many.
func looked(t *testing.T, n int, ask func(i int) *talktest.Reply) int {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	refused, start := 0, make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			reply := ask(i)
			mu.Lock()
			defer mu.Unlock()
			if reply.Status == http.StatusTooManyRequests {
				refused++
				if reply.Header.Get("Retry-After") == "" {
					t.Error("429 without Retry-After")
				}
			}
		})
	}
	close(start)
	wg.Wait()
	return n - refused
}

// Of many guesses that are sent at once to one or two servers, few are looked at.
func TestGuessesSentAtOnce(t *testing.T) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			url := database.URL(t)
			servers := []*talktest.Server{guarded(t, telephony, talktest.On(url))}
			if database.Name != "sqlite" {
				servers = append(servers, guarded(t, telephony, talktest.On(url)))
			}
			token := publicRoom(servers[0], talktest.P{"password": "Right-Password-1"})
			active := "/apps/spreed/api/v4/room/" + token + "/participants/active"
			forger := newBridge(servers[0])
			forger.secret = "guess"
			for i, kind := range []struct {
				name  string
				guess func(c *talktest.Client, network string, i int) *talktest.Reply
			}{
				{"password of an account", func(c *talktest.Client, network string, i int) *talktest.Reply {
					return from(c, network, "GET", "/cloud/user", func(r *http.Request) { r.SetBasicAuth("alice", strconv.Itoa(i)) })
				}},
				{"passwords of accounts", func(c *talktest.Client, network string, i int) *talktest.Reply {
					return from(c, network, "GET", "/cloud/user", func(r *http.Request) { r.SetBasicAuth("user"+strconv.Itoa(i), "guess") })
				}},
				{"password of a conversation", func(c *talktest.Client, network string, i int) *talktest.Reply {
					return from(c, network, "POST", active, talktest.Body("application/json", `{"password":"`+strconv.Itoa(i)+`"}`))
				}},
				{"token", func(c *talktest.Client, network string, i int) *talktest.Reply {
					return from(c, network, "GET", "/apps/spreed/api/v4/room/unknown"+strconv.Itoa(i))
				}},
				{"one token", func(c *talktest.Client, network string, _ int) *talktest.Reply {
					return from(c, network, "DELETE", "/apps/spreed/api/v4/room/unknown1/participants/active")
				}},
				{"secret of the bridge", func(c *talktest.Client, network string, _ int) *talktest.Reply {
					return from(c, network, "POST", "/apps/spreed/api/v4/room/"+token+"/open-dial-in", forger.sign(token))
				}},
				{"page", func(c *talktest.Client, network string, i int) *talktest.Reply {
					return c.Raw("GET", "/call/unknown"+strconv.Itoa(i), talktest.Header("X-Forwarded-For", network))
				}},
			} {
				network := "10.5.0." + strconv.Itoa(i)
				n := looked(t, 100, func(i int) *talktest.Reply {
					return kind.guess(servers[i%len(servers)].Anonymous(), network, i)
				})
				t.Logf("%s: %d of 100 were looked at", kind.name, n)
				if n < 11 || n > 20 {
					t.Errorf("%s: %d of 100 guesses were looked at, want 11 to 20", kind.name, n)
				}
			}
		})
	}
}

// Many who are right come through one address at once.
func TestRightRequestsAtOnce(t *testing.T) {
	s := guarded(t)
	token := publicRoom(s, talktest.P{"password": "Right-Password-1"})
	n := looked(t, 100, func(int) *talktest.Reply {
		return from(s.Guest(), "10.6.0.1", "POST", "/apps/spreed/api/v4/room/"+token+"/participants/active",
			talktest.Body("application/json", `{"password":"Right-Password-1"}`)).OK()
	})
	if counted := failures(t, s, "10.6.0.1"); n != 100 || len(counted) != 0 {
		t.Errorf("%d of 100 were looked at, failures %v", n, counted)
	}
}

// hashKiB is the memory of a computation in TestJoinsThatComputeNothing, far more
// than everything else there allocates.
const hashKiB = 64 * 1024

// A password costs something only where a join depends on it.
func TestJoinsThatComputeNothing(t *testing.T) {
	s := talktest.Start(t, behindProxy)
	alice, bob, guest, link := s.As("alice"), s.As("bob"), s.Guest(), s.Guest()
	token := publicRoom(s, talktest.P{"password": "Right-Password-1"})
	path := "v4/room/" + token
	alice.Post(path+"/participants", talktest.P{"newParticipant": "bob"}).OK()
	addEmail(alice, path, "eve@example.org").OK()
	link.Raw(http.MethodGet, personalLink(t, s, path, "eve@example.org")).OK()
	from(guest, "10.7.0.1", "POST", "/apps/spreed/api/"+path+"/participants/active", talktest.Body("application/json", `{"password":"Right-Password-1"}`)).OK()
	alice.Post("v1/ban/"+token, talktest.P{"actorType": "ip", "actorId": "10.7.0.66"}).OK()
	alice.Post("v1/ban/"+token, talktest.P{"actorType": "users", "actorId": s.As("eve").User}).OK()
	open := publicRoom(s)
	private := alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "r"}).Created().Text("token")
	hash, err := secret.NewHasher(secret.Options{Memory: hashKiB, Passes: 1}).Hash(t.Context(), "Right-Password-1")
	if err != nil {
		t.Fatal(err)
	}
	err = s.Store.Write(t.Context(), func(tx *db.Tx) error {
		if err := store.LockRooms(tx, []string{token, private}); err != nil {
			return err
		}
		for _, token := range []string{token, private} {
			room, err := store.Room(tx, token)
			if err != nil {
				return err
			}
			room.PasswordHash = hash
			if err := store.UpdateRoom(tx, &room); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		who     *talktest.Client
		address string
		token   string
		status  int
		want    uint64
	}{
		{"a member", bob, "10.7.0.1", token, 200, 0},
		{"the owner", alice, "10.7.0.1", token, 200, 0},
		{"an invited guest", link, "10.7.0.1", token, 200, 0},
		{"a guest who is there", guest, "10.7.0.1", token, 200, 0},
		{"a banned address", s.Guest(), "10.7.0.66", token, 403, 0},
		{"a banned account", s.As("eve"), "10.7.0.1", token, 403, 0},
		{"no password", s.Guest(), "10.7.0.1", open, 200, 0},
		{"no conversation", s.Guest(), "10.7.0.1", "unknown1", 404, 0},
		{"a private one", s.Guest(), "10.7.0.1", private, 404, 0},
		{"a stranger", s.Guest(), "10.7.0.1", token, 403, 1},
		{"a user", s.As("carol"), "10.7.0.1", token, 403, 1},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		reply := from(test.who, test.address, "POST", "/apps/spreed/api/v4/room/"+test.token+"/participants/active",
			talktest.Body("application/json", `{"password":"wrong"}`))
		runtime.ReadMemStats(&after)
		got := (after.TotalAlloc - before.TotalAlloc) / (hashKiB * 1024)
		if reply.Status != test.status || got != test.want {
			t.Errorf("%s: %d after %d computations, want %d after %d", test.name, reply.Status, got, test.status, test.want)
		}
	}
}
