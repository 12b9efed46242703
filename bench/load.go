package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// request is what a client sends again and again.
type request struct {
	method, path string
	// headers are complete lines without their ends.
	headers []string
	body    string
	// want is the status that counts as a success.
	want int
}

func (q request) bytes(host string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", q.method, q.path, host)
	for _, h := range q.headers {
		b.WriteString(h + "\r\n")
	}
	if q.body != "" {
		fmt.Fprintf(&b, "Content-Type: application/json\r\nContent-Length: %d\r\n", len(q.body))
	}
	b.WriteString("\r\n" + q.body)
	return []byte(b.String())
}

// client is one keep-alive connection. It does as little as a client can, so
// that what is measured is the server.
type client struct {
	conn net.Conn
	in   *bufio.Reader
}

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// do sends the bytes of a request and returns the body of the answer.
func (c *client) do(raw []byte, want int, keep bool) ([]byte, error) {
	if _, err := c.conn.Write(raw); err != nil {
		return nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	if len(line) < 12 {
		return nil, errors.New("short status line")
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return nil, err
	}
	length, err := c.length()
	if err != nil {
		return nil, err
	}
	var body []byte
	if keep || status != want {
		body = make([]byte, length)
		_, err = io.ReadFull(c.in, body)
	} else {
		_, err = c.in.Discard(length)
	}
	if err == nil && status != want {
		err = fmt.Errorf("status %d instead of %d: %.200s", status, want, body)
	}
	return body, err
}

// length skips the headers and returns the length of the body.
func (c *client) length() (int, error) {
	length := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			return length, nil
		}
		name, value, _ := strings.Cut(string(line), ":")
		if textproto.CanonicalMIMEHeaderKey(name) == "Content-Length" {
			if length, err = strconv.Atoi(strings.TrimSpace(value)); err != nil {
				return 0, err
			}
		}
	}
}

// result is what a load measured.
type result struct {
	perSecond float64
	p50, p99  time.Duration
	// allocs is the number of allocations for each operation, and cpu the time
	// that the processors worked for it; both include the client.
	allocs float64
	cpu    time.Duration
}

// operation is one step of a load; worker tells the clients apart.
type operation func(worker int) error

// measure runs the operation with the given number of workers for a while.
func measure(workers int, d time.Duration, op operation) (result, error) {
	if err := run(workers, d/5, op, nil); err != nil {
		return result{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	times := make([][]time.Duration, workers)
	start, worked := time.Now(), cpuTime()
	err := run(workers, d, op, times)
	worked = cpuTime() - worked
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	all := slices.Concat(times...)
	if err != nil || len(all) == 0 {
		return result{}, err
	}
	slices.Sort(all)
	return result{
		perSecond: float64(len(all)) / took.Seconds(),
		p50:       all[len(all)/2], p99: all[len(all)*99/100],
		allocs: float64(after.Mallocs-before.Mallocs) / float64(len(all)),
		cpu:    worked / time.Duration(len(all)),
	}, nil
}

// cpuTime is the time that the processors have worked for this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func run(workers int, d time.Duration, op operation, times [][]time.Duration) error {
	errs := make([]error, workers)
	end := time.Now().Add(d)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for time.Now().Before(end) {
				start := time.Now()
				if errs[w] = op(w); errs[w] != nil {
					return
				}
				if times != nil {
					times[w] = append(times[w], time.Since(start))
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
