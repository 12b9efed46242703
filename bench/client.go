package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"strconv"
	"strings"
)

// request is what a client sends.
type request struct {
	method, path string
	// auth is the Authorization header of who asks, "" for nobody.
	auth string
	// body is JSON, "" for none.
	body string
}

func (q request) bytes(host string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nOCS-APIRequest: true\r\nAccept: application/json\r\n", q.method, q.path, host)
	if q.auth != "" {
		b.WriteString(q.auth + "\r\n")
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

func dial(ctx context.Context, address string) (*client, error) { return dialFor(ctx, address, 64<<10) }

// dialFor is dial for answers whose parts fit into a buffer of a size.
func dialFor(ctx context.Context, address string, size int) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, size)}, nil
}

func (c *client) close() { c.conn.Close() }

// do sends the bytes of a request and returns the length of the answer's body,
// and the body itself if it is to be kept. Any status but 200 and 201 is an error.
func (c *client) do(raw []byte, keep bool) ([]byte, int, error) {
	if err := c.write(raw); err != nil {
		return nil, 0, err
	}
	return c.read(keep)
}

// read reads the answer to a request.
func (c *client) read(keep bool) ([]byte, int, error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return nil, 0, err
	}
	if len(line) < 12 {
		return nil, 0, errors.New("short status line")
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return nil, 0, err
	}
	length, err := c.length()
	if err != nil {
		return nil, 0, err
	}
	var body []byte
	fine := status == 200 || status == 201
	if keep || !fine {
		body = make([]byte, length)
		_, err = io.ReadFull(c.in, body)
	} else {
		_, err = c.in.Discard(length)
	}
	if err == nil && !fine {
		err = fmt.Errorf("status %d: %.200s", status, body)
	}
	return body, length, err
}

// write sends a request whose answer is read later.
func (c *client) write(raw []byte) error {
	_, err := c.conn.Write(raw)
	return err
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

// ask sends one request over a connection of its own and returns the body.
func ask(ctx context.Context, address string, q request) ([]byte, error) {
	c, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.close()
	body, _, err := c.do(q.bytes(address), true)
	if err != nil {
		err = fmt.Errorf("%s %s: %w", q.method, q.path, err)
	}
	return body, err
}

// fleet is a connection for each worker, which sends its requests again and again.
type fleet struct {
	clients []*client
	raws    [][][]byte
	turns   []int
}

// newFleet connects the workers; requests says what each one sends.
func newFleet(ctx context.Context, address string, workers int, requests func(worker int) []request) (*fleet, error) {
	f := &fleet{raws: make([][][]byte, workers), turns: make([]int, workers)}
	for w := range workers {
		c, err := dial(ctx, address)
		if err != nil {
			f.close()
			return nil, err
		}
		f.clients = append(f.clients, c)
		for _, q := range requests(w) {
			f.raws[w] = append(f.raws[w], q.bytes(address))
		}
	}
	return f, nil
}

// send sends the next request of a worker.
func (f *fleet) send(worker int) error {
	raws := f.raws[worker]
	raw := raws[f.turns[worker]%len(raws)]
	f.turns[worker]++
	_, _, err := f.clients[worker].do(raw, false)
	return err
}

func (f *fleet) close() {
	for _, c := range f.clients {
		c.close()
	}
}
