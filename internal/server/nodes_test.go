package server_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/bus"
	"parley/internal/config"
	"parley/internal/server"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Two servers on one PostgreSQL: what one changes, the other shows with the very
// next request, although both remember their answers.
func TestTwoServersOnOneDatabase(t *testing.T) {
	for _, kind := range talktest.Databases() {
		if kind.Name == "sqlite" {
			continue // one server at a time
		}
		url := kind.URL(t)
		one, two := talktest.Start(t, talktest.On(url)), talktest.Start(t, talktest.On(url))
		alice, bob := one.As("alice"), two.As("bob")
		token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "shared"}).Created().Text("token")
		room := "v4/room/" + token
		if n := len(alice.Get(room + "/participants").OK().List()); n != 1 {
			t.Fatalf("%d participants", n)
		}
		for range 20 {
			bob.Post(room + "/participants/active").OK()
			list := alice.Get(room + "/participants").OK().List()
			if len(list) != 2 {
				t.Fatalf("the other server shows %d participants after a join", len(list))
			}
			alice.Put(room, talktest.P{"roomName": "renamed"}).OK()
			if name := bob.Get(room).OK().Text("displayName"); name != "renamed" {
				t.Fatalf("the other server shows the name %q", name)
			}
			if rooms := bob.Get("v4/room").OK().List(); len(rooms) != 1 || rooms[0].Text("displayName") != "renamed" {
				t.Fatalf("the other server lists %v", rooms)
			}
			alice.Put(room, talktest.P{"roomName": "shared"}).OK()
			alice.Delete(room+"/attendees", talktest.P{"attendeeId": list[1].Number("attendeeId")}).OK()
			bob.Get(room + "/participants").Expect(http.StatusNotFound)
			if rooms := bob.Get("v4/room").OK().List(); len(rooms) != 0 {
				t.Fatalf("the other server still lists %d conversations", len(rooms))
			}
		}
		must(t, one.Directory.DeleteAccount(t.Context(), talk.Caller{System: talk.GuestCLI}, "bob"))
		bob.Get("v4/room").Expect(http.StatusUnauthorized)
	}
}

// byNATS makes servers wake each other by a NATS server.
func byNATS(address string) talktest.Option {
	return func(c *config.Config) { c.NATS = address }
}

// A message sent by one server wakes those who wait at another.
func TestMessageWakesOtherServers(t *testing.T) {
	t.Run("postgres", func(t *testing.T) { messageWakes(t) })
	t.Run("nats", func(t *testing.T) { messageWakes(t, byNATS(talktest.NewNATS(t).URL)) })
}

func messageWakes(t *testing.T, options ...talktest.Option) {
	options = append(options, talktest.On(talktest.Databases()[1].URL(t)))
	one, two := talktest.Start(t, options...), talktest.Start(t, options...)
	alice, bob := one.As("alice"), two.As("bob")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "shared"}).Created().Text("token")
	bob.Post("v4/room/" + token + "/participants/active").OK()
	chat := "v1/chat/" + token
	last := alice.Get(chat, talktest.P{"lookIntoFuture": 0, "limit": 1}).OK().List()[0].Number("id")
	var fastest time.Duration
	for round := range 5 { // the first may find the servers not connected yet
		read := make(chan int64, 1)
		before := two.Bus.Counts().Subscriptions
		go func() {
			news := bob.Get(chat, talktest.P{"lookIntoFuture": 1, "timeout": 30, "lastKnownMessageId": last}).List()
			read <- news[len(news)-1].Number("id")
		}()
		for two.Bus.Counts().Subscriptions == before {
			time.Sleep(time.Millisecond)
		}
		sent := time.Now()
		id := alice.Post(chat, talktest.P{"message": "hello"}).Created().Number("id")
		if last = <-read; last != id {
			t.Fatalf("bob reads %d, want %d", last, id)
		}
		if took := time.Since(sent); round == 0 || took < fastest {
			fastest = took
		}
	}
	// Without a hint whoever waits looks again after ten seconds.
	if fastest > 5*time.Second {
		t.Errorf("a message took %v to the other server", fastest)
	}
	t.Logf("the fastest message took %v", fastest)
}

// Without its NATS server a server starts, is ready and works: what others change is seen
// by looking.
func TestServerWithoutItsNATSServer(t *testing.T) {
	nats := talktest.NewNATS(t)
	must(t, nats.Kill())
	s := talktest.Start(t, talktest.On(talktest.Databases()[1].URL(t)), byNATS(nats.URL))
	reply, err := http.Get(s.URL + "/readyz")
	must(t, err)
	must(t, reply.Body.Close())
	if reply.StatusCode != http.StatusOK {
		t.Errorf("/readyz answers %d", reply.StatusCode)
	}
	s.As("alice").Post("v4/room", talktest.P{"roomType": 3, "roomName": "alone"}).Created()
}

// What doctor says of NATS servers: which of them does not answer, without passwords.
func TestDoctorTriesNATS(t *testing.T) {
	nats, url := talktest.NewNATS(t), talktest.Databases()[1].URL(t)
	for list, want := range map[string][]string{
		nats.URL: nil,
		nats.URL + ",nats://a:geheim@127.0.0.1:1": {"127.0.0.1:1: "},
		"nats://a:geheim@" + nats.Address():       {nats.Address() + ": "},
	} {
		findings, err := server.Examine(t.Context(), config.Storage{Database: url, NATS: list})
		must(t, err)
		last := findings[len(findings)-1]
		ok := last.Check == "NATS servers answer" && len(last.Problems) == len(want)
		for i := range want {
			ok = ok && strings.HasPrefix(last.Problems[i], want[i]) && !strings.Contains(last.Problems[i], "geheim")
		}
		if !ok {
			t.Errorf("found %+v, want %q", last, want)
		}
	}
}

// What one server, or a command beside it, has put into the outbox wakes the other.
func TestOutboxWakesOtherServers(t *testing.T) {
	url := talktest.Databases()[1].URL(t)
	one, two := talktest.Start(t, talktest.On(url)), talktest.Start(t, talktest.On(url))
	hello := bus.Hint{Topic: bus.Chat, Token: "hello"}
	connected, err := two.Bus.Subscribe(hello)
	must(t, err)
	defer connected.Close()
	for len(connected.C()) == 0 {
		one.Bus.Publish(hello)
		time.Sleep(5 * time.Millisecond)
	}
	woken, err := two.Bus.Subscribe(bus.Hint{Topic: bus.Outbox})
	must(t, err)
	defer woken.Close()
	next := func(what string) {
		t.Helper()
		select {
		case <-woken.C():
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: not woken", what)
		}
	}
	alice := one.As("alice")
	path := "v4/room/" + alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "shared"}).Created().Text("token")
	alice.Post(path+"/participants", talktest.P{"source": "emails", "newParticipant": "foo@example.com"}).OK()
	next("an invitation")
	command, err := server.Open(t.Context(), config.Storage{Database: url}, slog.New(slog.DiscardHandler))
	must(t, err)
	command.Bus.Publish(bus.Hint{Topic: bus.Outbox})
	must(t, command.Close())
	next("a command")
}

// A database that goes away is answered clearly, and works again when it is back.
func TestDatabaseGoesAwayAndComesBack(t *testing.T) {
	cluster := talktest.NewCluster(t)
	srv := talktest.Start(t, talktest.On(cluster.URL()))
	alice := srv.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "kept"}).Created().Text("token")
	must(t, cluster.Crash())
	for _, reply := range []*talktest.Reply{
		alice.Get("v4/room"), alice.Get("v4/room/" + token), alice.Put("v4/room/"+token, talktest.P{"roomName": "lost"}),
	} {
		reply.Expect(http.StatusServiceUnavailable)
		if reply.Header.Get("Retry-After") == "" {
			t.Error("503 does not say when to try again")
		}
	}
	must(t, cluster.Start())
	if name := alice.Get("v4/room/" + token).OK().Text("name"); name != "kept" {
		t.Errorf("the conversation is called %q after the crash", name)
	}
	alice.Put("v4/room/"+token, talktest.P{"roomName": "found"}).OK()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
