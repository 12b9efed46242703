package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// crashVariable tells the test program to write until it is killed, into the
// database with that URL.
const crashVariable = "PARLEY_TEST_CRASH"

func TestMain(m *testing.M) {
	url := os.Getenv(crashVariable)
	if url == "" {
		prepareDriver()
		os.Exit(m.Run())
	}
	s, err := store.Open(context.Background(), db.Options{URL: url, Now: time.Now, Exclusive: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	err = scribble(s, fmt.Sprint(os.Getpid()), func(token string) { fmt.Println(token) })
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// scribble makes rooms in parallel until a write fails, calls done for each that
// was acknowledged, and returns the first error.
func scribble(s *db.DB, prefix string, done func(token string)) error {
	var wg sync.WaitGroup
	var stop atomic.Bool
	errs := make(chan error, 8)
	for writer := range cap(errs) {
		wg.Go(func() {
			for n := 0; !stop.Load(); n++ {
				token := fmt.Sprint(prefix, "-", writer, "-", n)
				err := s.Write(context.Background(), func(tx *db.Tx) error {
					return store.InsertRoom(tx, &talk.Room{Token: token, Type: talk.Group, Name: "n"})
				})
				if err != nil {
					stop.Store(true)
					errs <- err
					return
				}
				done(token)
			}
		})
	}
	wg.Wait()
	return <-errs
}

// writeAndKill runs a process that writes, kills it after some acknowledged
// writes and returns all that it acknowledged.
func writeAndKill(t *testing.T, url string, after int) (tokens []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashVariable+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, line[:len(line)-1])
		if len(tokens) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || len(tokens) < after {
		t.Fatalf("it ended by itself after %d writes: %v", len(tokens), err)
	}
	return tokens
}

// holds checks that rooms are there.
func (d database) holds(tokens []string) {
	d.t.Helper()
	d.read(func(tx *db.Tx) error {
		for _, token := range tokens {
			if _, err := store.Room(tx, token); err != nil {
				d.t.Errorf("acknowledged room %s: %v", token, err)
			}
		}
		return nil
	})
}

func TestAcknowledgedWritesSurviveKill(t *testing.T) {
	t.Parallel()
	url := talktest.Databases()[0].URL(t)
	var tokens []string
	for round := range 4 {
		tokens = append(tokens, writeAndKill(t, url, 100+50*round)...)
		d := open(t, url)
		d.holds(tokens)
		equal(t, "damages", look(d, func(tx *db.Tx) ([]int64, error) {
			return numbers(tx, "SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'")
		}), []int64{0})
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}

// The same connections serve again after the server crashed and came back.
func TestAcknowledgedWritesSurviveCrash(t *testing.T) {
	t.Parallel()
	cluster := talktest.NewCluster(t)
	d := open(t, cluster.URL())
	var tokens []string
	for round := range 2 {
		acked, enough := make(chan string, 10_000), make(chan bool)
		failed := make(chan error, 1)
		var count atomic.Int64
		go func() {
			failed <- scribble(d.DB, fmt.Sprint(round), func(token string) {
				acked <- token
				if count.Add(1) == 200 {
					close(enough)
				}
			})
		}()
		select {
		case <-enough:
		case err := <-failed:
			t.Fatal(err)
		}
		if err := cluster.Crash(); err != nil {
			t.Fatal(err)
		}
		if err := <-failed; !errors.Is(err, db.ErrUnavailable) {
			t.Errorf("writing into a crash: got %v", err)
		}
		d.refused(db.ErrUnavailable, func(*db.Tx) error { return nil })
		if err := cluster.Start(); err != nil {
			t.Fatal(err)
		}
		close(acked)
		for token := range acked {
			tokens = append(tokens, token)
		}
		d.holds(tokens)
		d.room(fmt.Sprint("after", round))
	}
}
