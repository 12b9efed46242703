package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/internal/obs"
)

// Reads are measured once more from outside: the server, its floor and the client
// are processes of their own, and the server writes its log as it does by default.
// The client is wrk. What counts besides the ratio is the processor's time for a
// request, which the client has no part in.

// childVariable tells a process that it is the server or the floor of another one.
const childVariable = "PARLEY_BENCH_CHILD"

// externalRounds is how often parley and its floor take turns.
const externalRounds = 3

// childNews is what a child says in one line of JSON when it is ready.
type childNews struct {
	Address string
	Reads   []childRead
	Waiters childWaiters
}

// childWaiters are people who can wait for messages in one conversation.
type childWaiters struct {
	Token string
	Auths []string
}

// childRead is a request that is measured from outside.
type childRead struct {
	Name, Path, Auth string
	Goal             float64
}

// runChild is the work of a child process: it serves until its standard input ends.
// Its arguments are the kind, and the database and folder of a server or the file
// with the answer of a floor.
func runChild(ctx context.Context, kind string, args []string) error {
	var news childNews
	var stop func() error
	if kind == "floor" {
		body, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		floor, address, err := serveFloor(ctx, body)
		if err != nil {
			return err
		}
		news.Address, stop = address, floor.Close
	} else {
		lines := obs.NewLineWriter(os.Stderr)
		defer lines.Close()
		b, err := serve(ctx, args[0], args[1], obs.NewLogger("text", slog.LevelInfo, lines))
		if err != nil {
			return err
		}
		b.out, b.workers, b.people, stop = io.Discard, 1, fewestPeople, b.stop
		if err := errors.Join(b.addPeople(ctx), b.addRooms(ctx)); err != nil {
			return errors.Join(err, stop())
		}
		if err := b.addMessages(ctx, b.bySize[1000], 1); err != nil {
			return errors.Join(err, stop())
		}
		news = childNews{Address: b.address, Reads: b.reads(), Waiters: childWaiters{Token: b.bySize[1000]}}
		for n := range fewestPeople - 100 {
			p, err := b.person(ctx, n)
			if err != nil {
				return errors.Join(err, stop())
			}
			news.Waiters.Auths = append(news.Waiters.Auths, p.auth)
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(news); err != nil {
		return errors.Join(err, stop())
	}
	_, err := io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, stop())
}

// reads are the scenarios that change nothing.
func (b *benchmark) reads() (out []childRead) {
	for _, s := range b.scenarios() {
		if s.reads {
			q := s.requests(0)[0]
			out = append(out, childRead{s.name, q.path, q.auth, s.goal})
		}
	}
	return out
}

// child is a process that serves.
type child struct {
	childNews
	process *exec.Cmd
	in      io.Closer
}

// startChild starts this program as a child, whose log goes to a file.
func startChild(ctx context.Context, folder, kind string, args ...string) (*child, error) {
	log, err := os.Create(filepath.Join(folder, kind+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	c := &child{process: exec.CommandContext(ctx, os.Args[0], args...)}
	c.process.Env = append(os.Environ(), childVariable+"="+kind)
	c.process.Stderr = log
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if c.in, err = c.process.StdinPipe(); err != nil {
		return nil, err
	}
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	if err := json.NewDecoder(bufio.NewReader(out)).Decode(&c.childNews); err != nil {
		return nil, errors.Join(fmt.Errorf("the %s does not start: %w", kind, err), c.stop())
	}
	return c, nil
}

func (c *child) stop() error { return errors.Join(c.in.Close(), c.process.Wait()) }

// processorTime is what the process has taken, zero where that cannot be seen.
func (c *child) processorTime() time.Duration {
	const tick = 10 * time.Millisecond // Linux counts in these
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.process.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		return 0
	}
	return time.Duration(user+system) * tick
}

// outside is what the client saw of a process.
type outside struct {
	requests int
	took     time.Duration
	busy     time.Duration
}

func (o *outside) perSecond() float64 { return float64(o.requests) / o.took.Seconds() }

// each is the processor's time for one request.
func (o *outside) each() string {
	if o.busy == 0 {
		return "?"
	}
	return fmt.Sprintf("%.0f µs", o.busy.Seconds()*1e6/float64(o.requests))
}

// wrkTotal finds the sum in the output of wrk.
var wrkTotal = regexp.MustCompile(`(\d+) requests in ([0-9.]+)(ms|s|m)`)

// load lets wrk ask the child for some seconds.
func (o *outside) load(ctx context.Context, c *child, q childRead, connections, seconds int) error {
	before := c.processorTime()
	out, err := exec.CommandContext(ctx, "wrk", "-t1", "-c"+strconv.Itoa(connections), "-d"+strconv.Itoa(seconds)+"s",
		"-H", "OCS-APIRequest: true", "-H", "Accept: application/json", "-H", q.Auth, "http://"+c.Address+q.Path).CombinedOutput()
	m := wrkTotal.FindSubmatch(out)
	if err != nil || m == nil {
		return errors.Join(err, fmt.Errorf("wrk says: %s", out))
	}
	if strings.Contains(string(out), "Non-2xx") {
		return fmt.Errorf("requests failed: %s", out)
	}
	n, err := strconv.Atoi(string(m[1]))
	if err != nil {
		return err
	}
	took, err := time.ParseDuration(string(m[2]) + string(m[3]))
	o.requests, o.took, o.busy = o.requests+n, o.took+took, o.busy+c.processorTime()-before
	return err
}

// external prints the table of reads as an external client sees them.
func (o options) external(ctx context.Context, database, folder string) (err error) {
	if _, err := exec.LookPath("wrk"); err != nil {
		fmt.Fprintln(o.out, "\nReads from outside are left out: wrk is not on this machine.")
		return nil
	}
	server, err := startChild(ctx, folder, "server", database, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	fmt.Fprintf(o.out, "\nReads from outside by wrk, %d connections; processor's time for a request\n", o.workers)
	const form = "%-28s  %10s  %12s  %9s  %9s  %5s  %4s  %s\n"
	fmt.Fprintf(o.out, form, "request", "per second", "floor/second", "parley", "floor", "ratio", "goal", "")
	for _, q := range server.Reads {
		if !strings.Contains(q.Name, o.only) {
			continue
		}
		parley, floor, err := o.fromOutside(ctx, server, q, folder)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, err)
		}
		ratio, goal, mark := parley.perSecond()/floor.perSecond(), "", ""
		if q.Goal > 0 {
			goal = fmt.Sprintf("%.2f", q.Goal)
		}
		if ratio < q.Goal {
			mark = "below"
		}
		fmt.Fprintf(o.out, form, q.Name, fmt.Sprintf("%.0f", parley.perSecond()), fmt.Sprintf("%.0f", floor.perSecond()),
			parley.each(), floor.each(), fmt.Sprintf("%.2f", ratio), goal, mark)
	}
	return nil
}

// fromOutside measures one read and its floor in turns.
func (o options) fromOutside(ctx context.Context, server *child, q childRead, folder string) (parley, floor outside, err error) {
	body, err := ask(ctx, server.Address, request{"GET", q.Path, q.Auth, ""})
	if err != nil {
		return parley, floor, err
	}
	file := filepath.Join(folder, "body")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return parley, floor, err
	}
	bare, err := startChild(ctx, folder, "floor", file)
	if err != nil {
		return parley, floor, err
	}
	defer func() { err = errors.Join(err, bare.stop()) }()
	seconds := max(1, int(o.seconds))
	for range externalRounds {
		if err := floor.load(ctx, bare, q, o.workers, seconds); err != nil {
			return parley, floor, err
		}
		if err := parley.load(ctx, server, q, o.workers, seconds); err != nil {
			return parley, floor, err
		}
	}
	return parley, floor, nil
}
