package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// serveVariable makes the test program a parley that runs its command line. Its
// clock stands at that many Unix seconds, so that no session dies of the slowness
// of the machine.
const serveVariable = "PARLEY_TEST_SERVE"

func TestMain(m *testing.M) {
	if path := os.Getenv(readVariable); path != "" {
		os.Exit(readBeside(path))
	}
	seconds, err := strconv.ParseInt(os.Getenv(serveVariable), 10, 64)
	if err != nil {
		os.Exit(m.Run())
	}
	go func() { // the pipe ends with the tests, however they end, and so does the server
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(exitFailure)
	}()
	clock := server.WithClock(func() time.Time { return time.Unix(seconds, 0) })
	os.Exit(run(&terminal{
		ctx: context.Background(), in: strings.NewReader(""), out: os.Stdout, err: os.Stderr,
		options: []server.Option{clock, server.WithHashing(secret.TestOptions())},
	}, os.Args[1:]))
}

// A round of writes ends with a crash after so many of them were acknowledged.
const crashAfter = 100

// crashTest is a server process that crashes, or whose database does, while clients
// write.
type crashTest struct {
	t         *testing.T
	shell     *shell
	database  string
	passwords map[string]string // of owner and guests
	tokens    sync.Map          // of conversations by their descriptions
	writers   []*writer
	// survives tells that the server refuses requests after the crash, instead of
	// being gone.
	survives bool
	crashed  atomic.Bool
	acked    atomic.Int64 // writes of this round
	http     http.Client
	url      string
	pid      int
	kill     func()
}

// newCrashTest starts a server with accounts and with conversations that the guests,
// one of each writer, come to.
func newCrashTest(t *testing.T, database string) *crashTest {
	c := &crashTest{t: t, shell: bareShell(t), database: database, passwords: map[string]string{}}
	c.http = http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(c.http.CloseIdleConnections)
	c.serve()
	t.Cleanup(func() { c.kill() })
	for i := range 6 {
		c.writers = append(c.writers, &writer{
			crashTest: c, guest: fmt.Sprint("guest", i), shared: fmt.Sprint("shared", i%2),
			random: rand.New(rand.NewPCG(1, uint64(i))), sure: state{Rooms: map[string]crashRoom{}},
		})
	}
	beside := terminal{ctx: t.Context(), err: t.Output()}
	if err := beside.open(admin{Storage: config.Storage{Data: c.shell.data, Database: database}}, c.addAccounts); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"shared0", "shared1"} {
		c.ask("owner", http.MethodPost, "v4/room", talktest.P{"roomType": 3, "roomName": name, "description": name})
	}
	c.rooms() // learns the tokens
	return c
}

// addAccounts makes the guests, and app passwords for them and the owner.
func (c *crashTest) addAccounts(core *server.Core) (err error) {
	c.passwords["owner"] = ""
	for _, w := range c.writers {
		c.passwords[w.guest] = ""
		err = errors.Join(err, core.Store.Write(c.t.Context(), func(tx *db.Tx) error {
			return store.InsertAccount(tx, store.Account{UserID: w.guest, DisplayName: w.guest, Enabled: true})
		}))
	}
	for user := range c.passwords {
		password, failed := core.Auth.CreateAppPassword(c.t.Context(), user, "crash test")
		c.passwords[user], err = password, errors.Join(err, failed)
	}
	return err
}

// serve starts the server and waits until it listens.
func (c *crashTest) serve() {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--listen=127.0.0.1:0", "--admin=owner:owner-password-1", "--data="+c.shell.data, "--database="+c.database)
	cmd.Env = append(os.Environ(), fmt.Sprint(serveVariable, "=", time.Now().Unix()))
	log, err := cmd.StderrPipe()
	if err == nil {
		_, err = cmd.StdinPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	urls, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		c.readLog(log, urls)
	}()
	c.pid = cmd.Process.Pid
	c.kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill() // Wait tells how it ended
		<-read
		if err := cmd.Wait(); err == nil || err.Error() != "signal: killed" {
			c.t.Errorf("the server ended by itself: %v", err)
		}
	})
	var ok bool
	if c.url, ok = <-urls; !ok {
		c.t.Fatal("the server does not start")
	}
	c.crashed.Store(false)
}

// readLog looks for the address of the server and shows what is unusual.
func (c *crashTest) readLog(log io.Reader, urls chan<- string) {
	defer close(urls)
	serving := regexp.MustCompile(`msg=serving url=(\S+)`)
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := lines.Text()
		if found := serving.FindStringSubmatch(line); found != nil {
			urls <- found[1]
		}
		if !strings.Contains(line, "level=INFO") {
			fmt.Fprintln(c.t.Output(), line)
		}
		if strings.Contains(line, "DATA RACE") {
			c.t.Error("a race in the server, see its log")
		}
	}
}

// doctor examines the database, which has to be well, and returns the report.
func (c *crashTest) doctor() string {
	c.t.Helper()
	r := c.shell.on("doctor --database "+c.database, "")
	if r.code != exitOK {
		c.t.Errorf("doctor: %s%s", r.out, r.err)
	}
	return r.out
}

// ask makes a request and decodes what is answered. It returns false when that failed,
// which fails the test unless it is what the crash has to lead to.
func (c *crashTest) ask(user, method, path string, params talktest.P, into ...any) bool {
	text, err := json.Marshal(params)
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequest(method, c.url+"/ocs/v2.php/apps/spreed/api/"+path, bytes.NewReader(text))
	if err != nil {
		panic(err)
	}
	request.SetBasicAuth(user, c.passwords[user])
	request.Header.Set("OCS-APIRequest", "true")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := c.http.Do(request)
	if err == nil {
		defer answer.Body.Close()
		text, err = io.ReadAll(answer.Body)
	}
	expected := err != nil
	if c.survives {
		expected = err == nil && answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") != ""
	}
	if expected && c.crashed.Load() {
		return false
	}
	if err == nil && answer.StatusCode/100 != 2 {
		err = errors.New(answer.Status)
	}
	var envelope struct {
		OCS struct{ Data json.RawMessage }
	}
	if err == nil {
		err = json.Unmarshal(text, &envelope)
	}
	for _, value := range into {
		if err == nil {
			err = json.Unmarshal(envelope.OCS.Data, value)
		}
	}
	if err != nil {
		c.t.Errorf("%s %s: %v: %s", method, path, err, text)
	}
	return err == nil
}

// write lets all writers write at once, until they notice the crash that the last
// needed acknowledgement sets off.
func (c *crashTest) write(crash func()) {
	c.t.Helper()
	c.acked.Store(0)
	var writing sync.WaitGroup
	for _, w := range c.writers {
		writing.Go(func() {
			// Even one writer alone gets enough acknowledged, so that this ends.
			for range crashAfter + 1 {
				if !w.step() {
					return
				}
				if c.acked.Add(1) == crashAfter {
					c.crashed.Store(true)
					crash()
				}
			}
		})
	}
	writing.Wait()
	if !c.crashed.Load() {
		c.t.Fatalf("no crash, but only %d writes", c.acked.Load())
	}
}

// released waits until nothing of a killed server is left: PostgreSQL may be busy
// with a commit of it, whose outcome is open until then. The doctor makes a check
// less when no server works on the database.
func (c *crashTest) released() {
	c.t.Helper()
	for range 500 {
		if !strings.Contains(c.doctor(), "the running server") {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatal("the killed server still works on the database")
}

// person is a participant as others see it, zero for nobody.
type person struct {
	Type        talk.ParticipantType
	Permissions talk.Permissions
	Session     string
}

// crashRoom is a conversation as its owner sees it.
type crashRoom struct {
	Name   string
	People map[string]person
	Said   []string
}

// state is all that the writes of one writer lead to.
type state struct {
	Guest person   // in the shared conversation
	Said  []string // about the guest, there
	Rooms map[string]crashRoom
}

// participant is what the server tells of one.
type participant struct {
	ActorID             string
	AttendeeID          int64
	ParticipantType     talk.ParticipantType
	AttendeePermissions talk.Permissions
	SessionIDs          []string
}

// rooms returns what the owner has, by the descriptions, which nobody changes.
func (c *crashTest) rooms() map[string]crashRoom {
	c.t.Helper()
	var list []struct{ Token, Name, Description string }
	c.ask("owner", http.MethodGet, "v4/room", nil, &list)
	found := map[string]crashRoom{}
	for _, r := range list {
		var people []participant
		c.ask("owner", http.MethodGet, "v4/room/"+r.Token+"/participants", nil, &people)
		var messages []struct { // no conversation has more than the page holds
			Message           string
			MessageParameters json.RawMessage
		}
		c.ask("owner", http.MethodGet, "v1/chat/"+r.Token+"?lookIntoFuture=0&limit=200", nil, &messages)
		one := crashRoom{Name: r.Name, People: map[string]person{}}
		for _, p := range people {
			one.People[p.ActorID] = person{p.ParticipantType, p.AttendeePermissions, strings.Join(p.SessionIDs, " ")}
		}
		for _, m := range slices.Backward(messages) {
			var about struct{ User struct{ ID string } }
			_ = json.Unmarshal(m.MessageParameters, &about) // an empty list of a message about nobody
			one.Said = append(one.Said, strings.ReplaceAll(m.Message, "{user}", about.User.ID))
		}
		if _, twice := found[r.Description]; twice {
			c.t.Errorf("two conversations %q", r.Description)
		}
		found[r.Description] = one
		c.tokens.Store(r.Description, r.Token)
	}
	return found
}

// check compares what the server knows with what it acknowledged.
func (c *crashTest) check() {
	c.t.Helper()
	c.doctor()
	all := c.rooms()
	done, known := 0, 2 // shared conversations
	for _, w := range c.writers {
		shared, got := all[w.shared], state{Rooms: maps.Clone(all)}
		got.Guest = shared.People[w.guest]
		for _, text := range shared.Said {
			if strings.HasSuffix(text, " "+w.guest) {
				got.Said = append(got.Said, text)
			}
		}
		maps.DeleteFunc(got.Rooms, func(name string, _ crashRoom) bool { return !strings.HasPrefix(name, w.guest+"-") })
		known += len(got.Rooms)
		if w.settle(got) {
			done++
		}
	}
	if known != len(all) {
		c.t.Errorf("%d conversations, but nobody made more than %d", len(all), known)
	}
	c.t.Logf("%d writes acknowledged, %d of those in flight done, %d conversations", c.acked.Load(), done, len(all))
}

// writer does one write after the other, to a guest and conversations of its own.
type writer struct {
	*crashTest
	guest, shared string
	random        *rand.Rand
	count         int
	// sure is what was acknowledged, and inFlight what the write in flight makes of it.
	sure     state
	inFlight *state
}

// unknownSession stands for a session whose id only the server knows.
const unknownSession = "?"

// path is where the API has a conversation.
func (w *writer) path(description string) string {
	token, _ := w.tokens.Load(description)
	return fmt.Sprint("v4/room/", token)
}

// step does a random write and reports whether it was acknowledged.
func (w *writer) step() bool {
	next, path := w.sure, w.path(w.shared)
	what := w.random.IntN(10)
	var id int64
	if what < 4 && next.Guest.Type != 0 {
		var people []participant
		if !w.ask("owner", http.MethodGet, path+"/participants", nil, &people) {
			return false
		}
		for _, p := range people {
			if p.ActorID == w.guest {
				id = p.AttendeeID
			}
		}
	}
	switch {
	case what < 2 && id != 0:
		next.Guest, next.Said = person{}, said(next.Said, "You removed "+w.guest)
		return w.do(next, "owner", http.MethodDelete, fmt.Sprint(path, "/attendees?attendeeId=", id), nil)
	case what < 4 && id != 0:
		bits := talk.Permissions(2 * w.random.IntN(128))
		next.Guest.Type, next.Guest.Permissions = talk.Member, bits.Custom()
		return w.do(next, "owner", http.MethodPut, path+"/attendees/permissions", talktest.P{"attendeeId": id, "method": "set", "permissions": bits})
	case what < 6:
		if next.Guest.Session = unknownSession; next.Guest.Type == 0 {
			next.Guest.Type = talk.SelfJoined
		}
		return w.do(next, w.guest, http.MethodPost, path+"/participants/active", nil)
	case what < 7:
		if next.Guest.Session = ""; next.Guest.Type == talk.SelfJoined { // they come and go with the session
			next.Guest = person{}
		}
		return w.do(next, w.guest, http.MethodDelete, path+"/participants/active", nil)
	case what < 8:
		if next.Guest.Type != talk.Member {
			next.Guest.Type, next.Said = talk.Member, said(next.Said, "You added "+w.guest)
		}
		return w.do(next, "owner", http.MethodPost, path+"/participants", talktest.P{"newParticipant": w.guest})
	}
	return w.createOrRename(next, what == 8)
}

// createOrRename makes a conversation with the guest in it, renames one, or lets the guest
// write in it.
func (w *writer) createOrRename(next state, create bool) bool {
	w.count++
	name, known := fmt.Sprint(w.guest, "-", w.count), slices.Sorted(maps.Keys(next.Rooms))
	next.Rooms = maps.Clone(next.Rooms)
	if create || len(known) == 0 {
		next.Rooms[name] = crashRoom{
			Name: name, People: map[string]person{"owner": {Type: talk.Owner}, w.guest: {Type: talk.Member}},
			Said: []string{"You created the conversation", "You added " + w.guest},
		}
		people := talktest.P{"users": []string{w.guest}}
		return w.do(next, "owner", http.MethodPost, "v4/room", talktest.P{"roomName": name, "description": name, "participants": people})
	}
	key := known[w.random.IntN(len(known))]
	r := next.Rooms[key]
	if w.random.IntN(2) == 0 {
		r.Said = said(r.Said, name)
		next.Rooms[key] = r
		path := strings.Replace(w.path(key), "v4/room/", "v1/chat/", 1)
		return w.do(next, w.guest, http.MethodPost, path, talktest.P{"message": name})
	}
	r.Said = said(r.Said, "You renamed the conversation from “"+r.Name+"” to “"+name+"”")
	r.Name = name
	next.Rooms[key] = r
	return w.do(next, "owner", http.MethodPut, w.path(key), talktest.P{"roomName": name})
}

// said returns a longer list and leaves the old one as it is.
func said(before []string, text string) []string { return append(slices.Clip(before), text) }

// do makes a request that leads to the next state.
func (w *writer) do(next state, user, method, path string, params talktest.P) bool {
	var data json.RawMessage
	w.inFlight = &next
	if !w.ask(user, method, path, params, &data) {
		return false
	}
	var answer struct{ Token, Description, SessionID string }
	_ = json.Unmarshal(data, &answer) // others than conversations say nothing of interest
	if next.Guest.Session == unknownSession {
		next.Guest.Session = answer.SessionID
	}
	if answer.Description != "" {
		w.tokens.Store(answer.Description, answer.Token)
	}
	w.sure, w.inFlight = next, nil
	return true
}

// settle compares what is there after a crash with what may be, and reports whether
// the write in flight was done.
func (w *writer) settle(got state) (done bool) {
	w.t.Helper()
	before, after := w.sure, w.inFlight
	w.sure, w.inFlight = got, nil
	if after != nil && after.Guest.Session == unknownSession && !slices.Contains([]string{"", before.Guest.Session}, got.Guest.Session) {
		after.Guest.Session = got.Guest.Session
	}
	switch {
	case cmp.Equal(before, got):
		return false
	case after != nil && cmp.Equal(*after, got):
		return true
	case after != nil:
		w.t.Errorf("%s (-the write in flight done, +got):\n%s", w.guest, cmp.Diff(*after, got))
	}
	w.t.Errorf("%s (-acknowledged, +got):\n%s", w.guest, cmp.Diff(before, got))
	return false
}

// Whatever the server acknowledged outlives it, and the rest is done or not, but
// never by half.
func TestAcknowledgedRequestsSurviveKill(t *testing.T) {
	for _, kind := range talktest.Databases() {
		t.Run(kind.Name, func(t *testing.T) {
			c := newCrashTest(t, kind.URL(t))
			for range 3 {
				c.write(func() { c.kill() })
				c.released()
				c.serve()
				c.check()
			}
		})
	}
}

// A server outlives the crash of PostgreSQL: it says when to come back, and then goes
// on with what it acknowledged.
func TestServerSurvivesCrashOfPostgreSQL(t *testing.T) {
	cluster := talktest.NewCluster(t)
	c := newCrashTest(t, cluster.URL())
	c.survives = true
	for range 3 {
		c.write(func() {
			if err := cluster.Crash(); err != nil {
				t.Error(err)
			}
		})
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			if c.ask("owner", method, "v4/room", talktest.P{"roomName": "nowhere"}) {
				t.Errorf("%s is answered without a database", method)
			}
		}
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
		c.crashed.Store(false)
		c.check()
	}
}
