package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
	"parley/internal/talk"
)

// chatAPI is where messages are.
const chatAPI = "/ocs/v2.php/apps/spreed/api/v1/chat/"

// chatScenarios are the rows about messages: those of the conversations of 100 people have
// as many messages as were asked for.
func (b *benchmark) chatScenarios() []scenario {
	const message = `{"message":"Is anybody coming to lunch?"}`
	history := func(token string) func(int) []request {
		return func(int) []request {
			return []request{{"GET", chatAPI + token + "?lookIntoFuture=0&limit=100", b.owner, ""}}
		}
	}
	send := func(w int, token string) []request {
		return []request{{"POST", chatAPI + token, b.members[w].auth, message}}
	}
	return []scenario{
		{"GET chat, 100 messages", 0.5, true, history(b.bySize[100])},
		{"send, all in one room", 0.7, false, func(w int) []request { return send(w, b.bySize[100]) }},
		{"send", 0.7, false, func(w int) []request { return send(w, b.own[w]) }},
		{"mark as read, all in one", 0, false, func(w int) []request {
			return []request{{"POST", chatAPI + b.bySize[100] + "/read", b.members[w].auth, "{}"}}
		}},
	}
}

// addMessages fills a conversation with comments of its members.
func (b *benchmark) addMessages(ctx context.Context, token string, n int) error {
	var r talk.Room
	err := b.srv.Store.Read(ctx, func(tx *db.Tx) (err error) {
		r, err = store.Room(tx, token)
		return err
	})
	if err != nil {
		return err
	}
	columns := []string{"room_id", "actor_type", "actor_id", "kind", "text", "created_at", "number"}
	err = dbadmin.Load(ctx, b.srv.Store, "messages", columns, func(yield func([]any) bool) {
		for i := range n {
			row := []any{r.ID, "users", b.id(i % 10), "comment", "This is message " + strconv.Itoa(i), time.Now().Unix(), i + 1}
			if !yield(row) {
				return
			}
		}
	}, nil)
	if err != nil {
		return err
	}
	return b.srv.Store.Write(ctx, func(tx *db.Tx) error {
		return tx.Run(`UPDATE rooms SET newest_message_id = n.id, last_message_id = n.id, message_number = $2, chat_version = chat_version + 1
			FROM (SELECT MAX(id) AS id FROM messages WHERE room_id = $1) AS n WHERE rooms.id = $1`, r.ID, n)
	})
}

// waiters prints what it costs when many wait for messages: idle is how many wait and
// nothing happens, watchers how many are woken by one message. The server is a process of
// its own.
func (o options) waiters(ctx context.Context, database, folder string, idle, watchers int) (err error) {
	fmt.Fprintf(o.out, "\nWaiting for messages, by one client\n")
	err = o.onChild(ctx, database, folder, func(w *waiting) error {
		return errors.Join(w.idle(ctx, idle), w.woken(ctx, watchers))
	})
	if err != nil {
		return err
	}
	// Another process, since memory that was used before is not asked for again.
	return o.onChild(ctx, database, folder, func(w *waiting) error { return w.streams(ctx, idle, watchers) })
}

// onChild measures a server that is a process of its own.
func (o options) onChild(ctx context.Context, database, folder string, measure func(*waiting) error) error {
	server, err := startChild(ctx, folder, "server", database, folder)
	if err != nil {
		return err
	}
	return errors.Join(measure(&waiting{options: o, server: server, address: server.Address}), server.stop())
}

// waiting measures long polls of one server.
type waiting struct {
	options
	server  *child
	address string
}

// connect opens connections, one after the other for each of several at a time.
func (w *waiting) connect(ctx context.Context, n int) ([]*client, error) {
	all := make([]*client, n)
	_, failures, err := together(n, 0, func(i int) (err error) {
		all[i], err = dialFor(ctx, w.address, 4<<10)
		return err
	})
	if failures > 0 {
		closeAll(all)
	}
	return all, err
}

func closeAll(all []*client) {
	for _, c := range all {
		if c != nil {
			c.close()
		}
	}
}

// poll is a request that waits for the next message.
func (w *waiting) poll(person int, newest string) []byte {
	q := w.server.Waiters
	path := chatAPI + q.Token + "?lookIntoFuture=1&timeout=30&setReadMarker=0&lastKnownMessageId=" + newest
	return request{"GET", path, q.Auths[person%len(q.Auths)], ""}.bytes(w.address)
}

// newest is the id of the newest message.
func (w *waiting) newest(ctx context.Context) (string, error) {
	q := w.server.Waiters
	body, err := ask(ctx, w.address, request{"GET", chatAPI + q.Token + "?lookIntoFuture=0&limit=1", q.Auths[0], ""})
	if err != nil {
		return "", err
	}
	var answer struct {
		OCS struct{ Data []struct{ ID int64 } }
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.OCS.Data) == 0 {
		return "", errors.Join(err, errors.New("there is no message"))
	}
	return strconv.FormatInt(answer.OCS.Data[0].ID, 10), nil
}

// send posts a message and returns when it was sent.
func (w *waiting) send(ctx context.Context) (time.Time, error) {
	q := w.server.Waiters
	c, err := dial(ctx, w.address)
	if err != nil {
		return time.Time{}, err
	}
	defer c.close()
	raw := request{"POST", chatAPI + q.Token, q.Auths[0], `{"message":"Wake up"}`}.bytes(w.address)
	begin := time.Now()
	_, _, err = c.do(raw, false)
	return begin, err
}

// idle prints what those take who wait while nothing happens.
func (w *waiting) idle(ctx context.Context, n int) error {
	const watched = 10 * time.Second
	newest, err := w.newest(ctx)
	if err != nil {
		return err
	}
	before := memoryOf(w.server.process.Process.Pid)
	all, err := w.connect(ctx, n)
	if err != nil {
		return err
	}
	defer closeAll(all)
	for i, c := range all {
		if err := c.write(w.poll(i, newest)); err != nil {
			return err
		}
	}
	time.Sleep(14 * time.Second) // until all of them wait, and were looked at
	busy, after := w.server.processorTime(), memoryOf(w.server.process.Process.Pid)
	time.Sleep(watched)
	busy = w.server.processorTime() - busy
	fmt.Fprintf(w.out, "%d wait: %.1f KiB each, %.1f %% of a core\n", n, float64(after-before)/1024/float64(n), 100*busy.Seconds()/watched.Seconds())
	return nil
}

// woken prints how long it takes until all who wait have a message, and how long as many
// plain requests at once take.
func (w *waiting) woken(ctx context.Context, n int) error {
	all, err := w.connect(ctx, n)
	if err != nil {
		return err
	}
	defer closeAll(all)
	const repeats = 5
	var wakes, plains []time.Duration
	for range repeats {
		newest, err := w.newest(ctx)
		if err != nil {
			return err
		}
		plain := func(i int) []byte {
			q := w.server.Waiters
			return request{"GET", chatAPI + q.Token + "?lookIntoFuture=0&limit=1", q.Auths[i%len(q.Auths)], ""}.bytes(w.address)
		}
		begin := time.Now()
		if err := atOnce(all, func(i int, c *client) error { return c.write(plain(i)) }, readOne); err != nil {
			return err
		}
		plains = append(plains, time.Since(begin))
		var sent time.Time
		err = atOnce(all, func(i int, c *client) error { return c.write(w.poll(i, newest)) }, readOne,
			func() error {
				time.Sleep(time.Second) // until all of them wait
				sent, err = w.send(ctx)
				return err
			})
		if err != nil {
			return err
		}
		wakes = append(wakes, time.Since(sent))
	}
	wake, plain := median(wakes), median(plains)
	fmt.Fprintf(w.out, "a message to %d who wait: all have it after %s; %d plain requests at once: %s; %.1f times (goal 4)\n",
		n, ms(wake), n, ms(plain), wake.Seconds()/plain.Seconds())
	return nil
}

// atOnce writes to all clients, does what comes between, and reads from all of them.
func atOnce(all []*client, write func(int, *client) error, read func(*client) error, between ...func() error) error {
	for i, c := range all {
		if err := write(i, c); err != nil {
			return err
		}
	}
	for _, f := range between {
		if err := f(); err != nil {
			return err
		}
	}
	errs := make([]error, len(all))
	var done sync.WaitGroup
	for i, c := range all {
		done.Go(func() { errs[i] = read(c) })
	}
	done.Wait()
	return errors.Join(errs...)
}

// readOne reads an answer that nobody looks at.
func readOne(c *client) error {
	_, _, err := c.read(false)
	return err
}

func median(times []time.Duration) time.Duration {
	t := tally{times: times}
	return t.quantile(0.5)
}

// memoryOf is the memory that a process has, in bytes, 0 where that cannot be seen.
func memoryOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes * 1024
}
