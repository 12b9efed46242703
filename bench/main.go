// Command bench measures parley against the floor: the same bytes from a bare
// net/http handler for reads, the database's own commits for writes. All of it
// runs in one process and one run, so that the ratios can be compared between
// machines; the absolute times can not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"text/tabwriter"
	"time"
)

func main() {
	database := flag.String("database", "", "database to measure on (default: a temporary SQLite file); postgres://… is filled with test data")
	seconds := flag.Float64("seconds", 2, "how long each measurement takes")
	workers := flag.Int("workers", 8, "how many connections work at the same time")
	profile := flag.String("profile", "", "write a profile of the processors' work to this file")
	only := flag.String("only", "", "measure only what contains this text")
	flag.Parse()
	d := time.Duration(*seconds * float64(time.Second))
	if err := profiled(*profile, func() error { return bench(context.Background(), *database, *only, *workers, d) }); err != nil {
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

func bench(ctx context.Context, database, only string, workers int, d time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	folder, err := os.MkdirTemp("", "parley-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if database == "" {
		database = "sqlite:" + folder + "/parley.db"
	}
	b, err := newBench(ctx, database, folder, workers, d)
	if err != nil {
		return err
	}
	defer b.stop()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "request\tper second\tp50\tp99\tallocs\tcpu\tfloor\tratio\tgoal\tcpu ratio\t\n")
	if err := b.reads(ctx, only, table); err != nil {
		return err
	}
	if err := b.writes(ctx, only, table); err != nil {
		return err
	}
	return table.Flush()
}

// line prints a row of the table; the ratio compares operations that took the
// given number of floor operations each.
func line(w *tabwriter.Writer, name string, r, floor result, goal float64) {
	fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%.0f\t%s\t%.0f\t%.2f\t%.2f\t%.2f\t\n", name, r.perSecond,
		r.p50.Round(time.Microsecond), r.p99.Round(time.Microsecond), r.allocs, r.cpu.Round(time.Microsecond),
		floor.perSecond, r.perSecond/floor.perSecond, goal, float64(floor.cpu)/float64(r.cpu))
}
