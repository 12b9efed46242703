// Command bench measures parley against the floor: the same bytes from a bare
// net/http handler for reads, the database's own commits for writes. Parley and
// its floor take turns in one process, so that the ratios can be compared between
// machines and hours; the absolute numbers can not.
//
// Without -database it measures on a new SQLite file and on a PostgreSQL server
// of its own, or the one that PARLEY_BENCH_POSTGRES names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"time"

	"parley/internal/talktest"
)

// postgresVariable holds the URL of a database to fill with test data.
const postgresVariable = "PARLEY_BENCH_POSTGRES"

// options are what the command line says.
type options struct {
	database, only, profile string
	seconds                 float64
	workers                 int
	people, joiners         int
	messages                int
	idle, watchers          int
	storm, start, outside   bool
	waiting                 bool
	inside                  bool // leaves the external client out
	out                     io.Writer
}

func main() {
	o := options{out: os.Stdout}
	flag.StringVar(&o.database, "database", "", "measure on this database alone, sqlite:FILE or postgres://…; it is filled with test data")
	flag.StringVar(&o.only, "only", "", "measure only requests that contain this text")
	flag.StringVar(&o.profile, "profile", "", "write a profile of the processors' work to this file")
	flag.Float64Var(&o.seconds, "seconds", 2, "how long each request is measured; its floor takes as long")
	flag.IntVar(&o.workers, "workers", 8, "how many connections work at the same time")
	flag.BoolVar(&o.storm, "storm", false, "measure only the storm on one large conversation")
	flag.IntVar(&o.people, "people", 10_000, "how many accounts there are; the conversation of the storm has them all")
	flag.IntVar(&o.joiners, "joiners", 2000, "how many of them come in the storm")
	flag.BoolVar(&o.start, "start", false, "measure only how long the server takes to start on -database")
	flag.BoolVar(&o.outside, "external", false, "measure only reads by an external client, wrk")
	flag.IntVar(&o.messages, "messages", 1000, "how many messages the conversation of 100 people has")
	flag.BoolVar(&o.waiting, "waiters", false, "measure only what it costs when many wait for messages")
	flag.IntVar(&o.idle, "idle", 8000, "how many wait while nothing happens")
	flag.IntVar(&o.watchers, "watchers", 1000, "how many wait for the same message")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := profiled(o.profile, func() error {
		if kind := os.Getenv(childVariable); kind != "" {
			return runChild(ctx, kind, flag.Args())
		}
		return o.run(ctx)
	})
	if ctx.Err() != nil {
		err = ctx.Err() // what the servers said when they stopped is no news
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// profiled runs f and writes a profile of it to a file, to none without a path.
func profiled(path string, f func() error) error {
	if path == "" {
		return f()
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := pprof.StartCPUProfile(out); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	return f()
}

// check refuses what cannot be measured.
func (o options) check() error {
	switch {
	case o.start && o.database == "":
		return errors.New("-start needs a -database that exists")
	case o.workers < 1 || o.workers > fewestPeople/10 || o.seconds <= 0 || o.joiners < 1:
		return fmt.Errorf("-workers (up to %d), -seconds and -joiners are positive numbers", fewestPeople/10)
	case o.people < fewestPeople || o.joiners >= o.people:
		return fmt.Errorf("there are %d -people or more, and more than -joiners", fewestPeople)
	}
	return nil
}

// run measures on each database.
func (o options) run(ctx context.Context) error {
	if err := o.check(); err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if o.start {
		return start(ctx, o.out, o.database, folder)
	}
	return o.eachDatabase(folder, func(url string) error {
		if o.waiting {
			return o.waiters(ctx, url, folder, o.idle, o.watchers)
		}
		if !o.outside {
			if err := o.measure(ctx, url, folder); err != nil {
				return err
			}
		}
		if o.storm || o.inside {
			return nil
		}
		return o.external(ctx, url, folder)
	})
}

// eachDatabase calls f with the URL of the database that was asked for, else of
// a new one of each kind.
func (o options) eachDatabase(folder string, f func(url string) error) error {
	if o.database != "" {
		return f(o.database)
	}
	if err := f("sqlite:" + folder + "/parley.db"); err != nil {
		return err
	}
	fmt.Fprintln(o.out)
	if url := os.Getenv(postgresVariable); url != "" {
		return f(url)
	}
	cluster, err := talktest.StartCluster("fsync=on")
	if err != nil {
		return err
	}
	if cluster == nil {
		fmt.Fprintln(o.out, "PostgreSQL is not on this machine:", postgresVariable, "names a server elsewhere.")
		return nil
	}
	return errors.Join(f(cluster.URL()), cluster.Remove())
}

// measure prints the table of one database, and the storm.
func (o options) measure(ctx context.Context, database, folder string) (err error) {
	b, err := serve(ctx, database, folder, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	b.out, b.workers, b.people, b.messages = o.out, o.workers, o.people, o.messages
	b.round = time.Duration(o.seconds*float64(time.Second)) / rounds
	if err := b.addPeople(ctx); err != nil {
		return fmt.Errorf("filling the database: %w", err)
	}
	if err := b.openFloor(ctx, database); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.bare.close()) }()
	fmt.Fprintf(o.out, "%s; %d processors, %d connections\n", b.what, runtime.GOMAXPROCS(0), b.workers)
	if !o.storm {
		if err := b.table(ctx, o.only); err != nil {
			return err
		}
	}
	if o.storm || o.only == "" {
		return b.storm(ctx, o.joiners)
	}
	return nil
}
