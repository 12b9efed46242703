package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"parley/internal/secret"
	"parley/internal/server"
)

// running is a command that runs until the test ends it.
type running struct {
	out  io.Reader
	err  *bufio.Scanner
	stop func() int
}

// start runs a command line in the background.
func start(t *testing.T, line string) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	// Pipes of the system hold what nobody reads yet, so that the command goes on.
	out, outWriter := pipe(t)
	log, logWriter := pipe(t)
	code := make(chan int, 1)
	go func() {
		c := run(&terminal{
			ctx: ctx, in: strings.NewReader(""), out: outWriter, err: logWriter,
			options: []server.Option{server.WithHashing(secret.TestOptions())},
		}, strings.Fields(line))
		code <- c
	}()
	r := running{out: out, err: bufio.NewScanner(log)}
	r.stop = func() int {
		cancel()
		return <-code
	}
	return r
}

// pipe returns the ends of a pipe that is closed when the test ends.
func pipe(t *testing.T) (*os.File, *os.File) {
	t.Helper()
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		reader.Close()
		writer.Close()
	})
	return reader, writer
}

// printed is what the demo tells programs.
type printed struct {
	URL, Token, Group string
	Accounts          []struct{ User, Password string }
	Requests          []string
}

// startDemo runs a demo and reads what it prints.
func startDemo(t *testing.T) (printed, running) {
	t.Helper()
	r := start(t, "demo --json")
	var p printed
	if err := json.NewDecoder(r.out).Decode(&p); err != nil {
		t.Fatal(err)
	}
	return p, r
}

// curl does what the printed command line would do, and keeps cookies in jars by the
// name of their file.
func curl(t *testing.T, line string, jars map[string]http.CookieJar) (status int, data json.RawMessage) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	words := regexp.MustCompile(`'[^']*'|[^' ]+`).FindAllString(line, -1)
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	for i := 1; i < len(words); i++ {
		switch word := words[i]; word {
		case "-s":
			continue
		case "-u":
			user, password, _ := strings.Cut(words[i+1], ":")
			request.SetBasicAuth(user, password)
		case "-H":
			name, value, _ := strings.Cut(words[i+1], ": ")
			request.Header.Set(name, value)
		case "-X":
			request.Method = words[i+1]
		case "-b", "-c":
			client.Jar = jars[words[i+1]]
		default:
			if request.URL, err = request.URL.Parse(word); err != nil {
				t.Fatal(err)
			}
			request.Host = ""
			continue
		}
		i++
	}
	return send(t, client, request)
}

// send returns status and data of an answer.
func send(t *testing.T, client *http.Client, request *http.Request) (int, json.RawMessage) {
	t.Helper()
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var envelope struct {
		OCS struct{ Data json.RawMessage }
	}
	if err := json.NewDecoder(answer.Body).Decode(&envelope); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, envelope.OCS.Data
}

func TestPrintedRequestsOfTheDemoWork(t *testing.T) {
	p, r := startDemo(t)
	for i, want := range []string{
		`"name":"Garden party"`, `"actorId":"dave"`, `"participantType":4`,
	} {
		status, data := curl(t, p.Requests[i], map[string]http.CookieJar{})
		if status != 200 || !strings.Contains(string(data), want) {
			t.Errorf("%s: %d %s", p.Requests[i], status, data)
		}
	}
	chat := strings.Replace(p.Requests[0], "/v4/room?", "/v1/chat/"+p.Token+"?lookIntoFuture=0&limit=100&", 1)
	status, said := curl(t, chat, nil)
	for _, want := range []string{`{mention-user1}, do you have charcoal?`, `"parent":`, `"reactions":{"🎉":1}`, `"talk-poll"`, `"poll_voted"`} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the conversation has no %s: %d %s", want, status, said)
		}
	}
	for _, a := range p.Accounts {
		line := fmt.Sprintf("curl -u %s:%s -H 'OCS-APIRequest: true' '%s/ocs/v2.php/cloud/user?format=json'", a.User, a.Password, p.URL)
		if status, data := curl(t, line, nil); status != 200 {
			t.Errorf("%s cannot log in: %d %s", a.User, status, data)
		}
	}
	if len(p.Accounts) != 5 || p.Group != "crew" || len(p.Token) != 8 {
		t.Errorf("printed %+v", p)
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

func TestTwoDemosAtOnceAndNothingStays(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	first, one := startDemo(t)
	second, two := startDemo(t)
	if first.URL == second.URL {
		t.Errorf("both serve at %s", first.URL)
	}
	for _, r := range []running{one, two} {
		if code := r.stop(); code != exitOK {
			t.Errorf("exit code %d", code)
		}
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDemoForPeople(t *testing.T) {
	r := start(t, "demo --listen 127.0.0.1:0")
	buffer := make([]byte, 64<<10)
	var text strings.Builder
	for !strings.Contains(text.String(), "gone after Ctrl-C.\n") {
		n, err := r.out.Read(buffer)
		if err != nil {
			t.Fatalf("%v after %s", err, &text)
		}
		text.Write(buffer[:n])
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	changing := regexp.MustCompile(`http://127\.0\.0\.1:\d+|\S*parley-demo-\d+|token \w+|room/\w+/`)
	golden(t, "demo.golden", changing.ReplaceAllString(text.String(), "<…>"))
}

func TestServe(t *testing.T) {
	data := t.TempDir()
	r := start(t, "serve --listen 127.0.0.1:0 --data "+data)
	url := regexp.MustCompile(`msg=serving url=(\S+)`)
	var notice strings.Builder
	for r.err.Scan() {
		notice.WriteString(r.err.Text() + "\n")
		if found := url.FindStringSubmatch(r.err.Text()); found != nil {
			answer, err := http.Get(found[1] + "/status.php")
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			break
		}
	}
	// What is no terminal is a log: the password is not in it.
	password, err := os.ReadFile(filepath.Join(data, firstPasswordFile))
	if err != nil || strings.Contains(notice.String(), strings.TrimSpace(string(password))) {
		t.Errorf("%v; the password is in %s", err, &notice)
	}
	if !strings.Contains(notice.String(), "The first administrator admin was created") {
		t.Errorf("no notice in %s", &notice)
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}
