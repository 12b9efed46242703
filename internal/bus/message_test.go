package bus_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// messenger is a way to bring payloads, which must arrive as they are, from one node to
// another. It compares ways; hints go by carriers.
type messenger struct {
	// send sends payloads together. arrived has the sizes of those that came.
	send    func(ctx context.Context, payloads []string) error
	arrived <-chan int
}

// window is how many payloads may be on their way, room how many wait at a receiver.
const (
	window = 256
	room   = 4 * window
)

// messengers are the ways, by name, between two connections with a cluster's database.
var messengers = []struct {
	name    string
	connect func(t testing.TB, url string) messenger
}{
	{"nats", natsMessenger},
	{"notify", notifyMessenger},
	{"table", tableMessenger},
}

func natsMessenger(t testing.TB, _ string) messenger {
	s := talktest.NewNATS(t)
	arrived := make(chan int, room)
	from, to := natsConn(t, s), natsConn(t, s)
	if _, err := to.Subscribe("node.2", func(m *nats.Msg) { arrived <- len(m.Data) }); err != nil {
		t.Fatal(err)
	}
	if err := to.Flush(); err != nil {
		t.Fatal(err)
	}
	send := func(_ context.Context, payloads []string) error {
		for _, p := range payloads {
			if err := from.Publish("node.2", []byte(p)); err != nil {
				return err
			}
		}
		return from.Flush()
	}
	return messenger{send, arrived}
}

func natsConn(t testing.TB, s *talktest.NATSServer) *nats.Conn {
	t.Helper()
	conn, err := nats.Connect(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

// quickConn is a connection whose commits do not wait for the disk.
func quickConn(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	config.RuntimeParams["synchronous_commit"] = "off"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) }) // the server goes, too
	return conn
}

// listening returns the notifications of a channel until the test ends.
func listening(t testing.TB, url, channel string, receive func(payload string)) {
	t.Helper()
	conn := quickConn(t, url)
	if _, err := conn.Exec(t.Context(), "LISTEN "+channel); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			n, err := conn.WaitForNotification(ctx)
			if err != nil {
				return
			}
			receive(n.Payload)
		}
	}()
	t.Cleanup(func() { stop(); <-ended })
}

// notifyMessenger cuts payloads into parts that NOTIFY takes: "+" if more follows, else
// ".", a number, and text. Without the number those of one transaction that are equal
// would be sent once.
func notifyMessenger(t testing.TB, url string) messenger {
	const part = 7900
	arrived := make(chan int, room)
	size := 0
	listening(t, url, "payloads", func(text string) {
		size += len(text) - len("+0000")
		if text[0] == '.' {
			arrived <- size
			size = 0
		}
	})
	conn := quickConn(t, url)
	send := func(ctx context.Context, payloads []string) error {
		var parts []string
		for _, p := range payloads {
			for len(p) > part {
				parts, p = append(parts, fmt.Sprintf("+%04d%s", len(parts), p[:part])), p[part:]
			}
			parts = append(parts, fmt.Sprintf(".%04d%s", len(parts), p))
		}
		_, err := conn.Exec(ctx, "SELECT pg_notify('payloads', part) FROM unnest($1::text[]) AS part", parts)
		return err
	}
	return messenger{send, arrived}
}

// tableMessenger stores payloads as rows and tells that there are some; who receives them
// reads those that are new.
func tableMessenger(t testing.TB, url string) messenger {
	conn, reader := quickConn(t, url), quickConn(t, url)
	if _, err := conn.Exec(t.Context(), "CREATE UNLOGGED TABLE payloads (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	arrived := make(chan int, room)
	last := int64(0)
	listening(t, url, "rows", func(string) {
		rows, err := reader.Query(t.Context(), "SELECT id, body FROM payloads WHERE id > $1 ORDER BY id", last)
		if err != nil {
			return // the test is over
		}
		defer rows.Close()
		for rows.Next() {
			var body string
			if err := rows.Scan(&last, &body); err != nil {
				return
			}
			arrived <- len(body)
		}
	})
	send := func(ctx context.Context, payloads []string) error {
		if _, err := conn.Exec(ctx, "INSERT INTO payloads (body) SELECT unnest($1::text[])", payloads); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "NOTIFY rows")
		return err
	}
	return messenger{send, arrived}
}

// await waits for a payload of a size.
func (m messenger) await(t testing.TB, size int) {
	t.Helper()
	select {
	case got := <-m.arrived:
		if got != size {
			t.Fatalf("%d bytes arrived instead of %d", got, size)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nothing arrived")
	}
}

// Each way brings what is sent, of each size.
func TestMessengers(t *testing.T) {
	for _, way := range messengers {
		t.Run(way.name, func(t *testing.T) {
			m := way.connect(t, talktest.NewCluster(t).URL())
			for _, size := range []int{4, 7900, 8192, 64 << 10} {
				if err := m.send(t.Context(), []string{strings.Repeat("x", size), strings.Repeat("x", size)}); err != nil {
					t.Fatal(err)
				}
				m.await(t, size)
				m.await(t, size)
			}
		})
	}
}

// BenchmarkMessages measures how long one payload takes to another node, and how many
// arrive a second when 32 are sent together and up to 256 are on their way.
func BenchmarkMessages(b *testing.B) {
	for _, way := range messengers {
		for _, size := range []int{1 << 10, 8 << 10, 64 << 10} {
			payload := strings.Repeat("x", size)
			b.Run(fmt.Sprintf("%s/latency/%dK", way.name, size>>10), func(b *testing.B) {
				m := way.connect(b, talktest.NewCluster(b).URL())
				for b.Loop() {
					if err := m.send(b.Context(), []string{payload}); err != nil {
						b.Fatal(err)
					}
					m.await(b, size)
				}
			})
			b.Run(fmt.Sprintf("%s/throughput/%dK", way.name, size>>10), func(b *testing.B) {
				m := way.connect(b, talktest.NewCluster(b).URL())
				flood(b, m, payload)
			})
		}
	}
}

// flood sends as many payloads as arrive and reports how many that are a second.
func flood(b *testing.B, m messenger, payload string) {
	batch := make([]string, 32)
	for i := range batch {
		batch[i] = payload
	}
	sent, received := 0, 0
	for b.Loop() {
		if err := m.send(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		for sent += len(batch); sent-received > window; received++ {
			m.await(b, len(payload))
		}
	}
	for ; received < sent; received++ {
		m.await(b, len(payload))
	}
	b.ReportMetric(float64(received)/b.Elapsed().Seconds(), "msgs/s")
}

// BenchmarkCommitsBesideMessages reports the commits a second of many writers while
// payloads of 8 KiB are sent, 500 a second in batches every 10 ms.
func BenchmarkCommitsBesideMessages(b *testing.B) {
	ways := slices.Clone(messengers)
	ways = append(ways, struct {
		name    string
		connect func(testing.TB, string) messenger
	}{"nothing", func(testing.TB, string) messenger {
		return messenger{send: func(context.Context, []string) error { return nil }}
	}})
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			cluster := talktest.NewCluster(b)
			s := talktest.Open(b, db.Options{URL: cluster.URL()})
			makeRooms(b, s)
			m := way.connect(b, cluster.URL())
			ctx, stop := context.WithCancel(b.Context())
			ended := make(chan int)
			go func() { ended <- pace(ctx, m) }()
			var total float64
			n := 0
			for b.Loop() {
				total += commits(b, s, time.Second, func(string) {})
				n++
			}
			stop()
			b.ReportMetric(float64(<-ended)/b.Elapsed().Seconds(), "msgs/s")
			b.ReportMetric(total/float64(n), "commits/s")
		})
	}
}

// pace sends payloads at a pace until ctx ends, and returns how many.
func pace(ctx context.Context, m messenger) (sent int) {
	batch := make([]string, 5)
	for i := range batch {
		batch[i] = strings.Repeat("x", 8<<10)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return sent
		case <-m.arrived:
		case <-tick.C:
			if m.send(ctx, batch) == nil {
				sent += len(batch)
			}
		}
	}
}

// makeRooms makes a conversation for each writer.
func makeRooms(t testing.TB, s *db.DB) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *db.Tx) error {
		for i := range writers {
			r := talk.Room{Token: fmt.Sprintf("room%d", i), Type: talk.Public, Name: "n"}
			if err := store.InsertRoom(tx, &r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
