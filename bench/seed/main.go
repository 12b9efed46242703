// Command seed fills a new database with conversations and people, the same ones
// each time, to try and measure a large server:
//
//	go run ./bench/seed -database sqlite:/tmp/large.db -rooms 100000 -attendees 1000000
//
// The user "owner" is in about a hundred conversations of all sizes and owns the
// largest; only owner can log in, with the app password that is printed at the
// end.
package main

import (
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"parley/internal/config"
	"parley/internal/dbadmin"
	"parley/internal/directory"
	"parley/internal/server"
	"parley/internal/talk"
)

func main() {
	database := flag.String("database", "", "new database to fill, sqlite:FILE or postgres://…")
	rooms := flag.Int("rooms", 100_000, "number of conversations")
	attendees := flag.Int("attendees", 1_000_000, "number of attendees in all of them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	password, err := seed(ctx, *database, *rooms, *attendees, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
	fmt.Printf("user %s, app password %s, largest conversation %s\n", owner, password, token(0))
}

// seed fills the database, tells how far it is and returns the app password of
// the owner.
func seed(ctx context.Context, database string, rooms, attendees int, progress io.Writer) (string, error) {
	p, err := newPlan(rooms, attendees)
	if err != nil {
		return "", err
	}
	if database == "" {
		return "", fmt.Errorf("-database is missing: name a new one, sqlite:FILE or postgres://…")
	}
	core, err := server.Open(ctx, config.Storage{Database: database}, slog.New(slog.DiscardHandler))
	if err != nil {
		return "", err
	}
	defer core.Close()
	// Nobody learns this password; the app password is what counts.
	err = core.Directory.CreateAccount(ctx, talk.Caller{System: talk.GuestCLI}, directory.NewAccount{UserID: owner, DisplayName: "Owner", Password: rand.Text()})
	if talk.IsKind(err, talk.Conflict) {
		return "", fmt.Errorf("the database was filled before: name a new one")
	}
	if err != nil {
		return "", err
	}
	for _, t := range p.tables() {
		meter := newMeter(progress, t.name, t.rows)
		if err := dbadmin.Load(ctx, core.Store, t.name, t.columns, t.values, meter.show); err != nil {
			return "", err
		}
	}
	password, err := core.Auth.CreateAppPassword(ctx, owner, "seed")
	if err != nil {
		return "", err
	}
	return password, core.Close()
}

// meter tells how fast a table fills and when it will be full.
type meter struct {
	w     io.Writer
	table string
	total int64
	start time.Time
}

func newMeter(w io.Writer, table string, total int) *meter {
	return &meter{w, table, int64(total), time.Now()}
}

func (m *meter) show(done int64) {
	took := time.Since(m.start).Seconds()
	rate := float64(done) / max(took, 0.001)
	left := time.Duration(float64(m.total-done) / rate * float64(time.Second))
	fmt.Fprintf(m.w, "%-12s %9d of %9d, %7.0f a second, %v left\n", m.table, done, m.total, rate, left.Round(time.Second))
}
