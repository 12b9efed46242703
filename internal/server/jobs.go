package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// rememberClients is how long the server remembers what a client session knows of a
// conversation; it is the life of a session cookie.
const rememberClients = 30 * 24 * time.Hour

// job is work that has to be done every now and then.
type job struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

// jobs returns the housekeeping of the server. Pings are written often because a
// crash loses those that are not; dead sessions are hidden before they are swept.
func (c *Core) jobs() []job {
	return []job{
		{"flush pings", 4 * time.Second, c.Rooms.FlushPings},
		{"note log-ins", 100 * time.Millisecond, c.Auth.WriteLogins},
		{"correct times", 15 * time.Second, c.Rooms.CorrectTimes},
		{"look for news", 5 * time.Second, c.Chat.News.Look},
		{"look for signals", 5 * time.Second, c.Signal.LookForNews},
		{"forget signals", 10 * time.Second, c.Signal.Forget},
		{"sweep websockets", 15 * time.Second, c.sweepWebsockets},
		{"sweep sessions", 15 * time.Second, c.Conversations.SweepSessions},
		{"end calls", 15 * time.Second, c.Calls.EndOverdue},
		{"remove expired messages", time.Minute, c.Chat.RemoveExpired},
		{"tell of reminders", 10 * time.Second, c.Chat.Remind},
		{"look for due deliveries", 30 * time.Second, c.lookForDeliveries},
		{"forget events", 5 * time.Minute, c.Events.Forget},
		{"forget guests", 10 * time.Minute, c.Conversations.ForgetGuests},
		{"delete outlived conversations", time.Hour, c.Conversations.DeleteOutlived},
		{"forget failures", time.Hour, c.Auth.Protection().Sweep},
		{"forget clients", time.Hour, c.forgetClients},
		{"forget log-in flows", time.Hour, c.Auth.ForgetFlows},
	}
}

// sweepWebsockets ends the clients of servers that have died.
func (c *Core) sweepWebsockets(ctx context.Context) error {
	if c.hub == nil {
		return nil
	}
	return c.hub.Sweep(ctx)
}

// lookForDeliveries wakes the worker for what has to be tried again.
func (c *Core) lookForDeliveries(context.Context) error {
	c.Outbox.Wake()
	return nil
}

// forgetClients deletes what client sessions remember that nobody uses any more.
func (c *Core) forgetClients(ctx context.Context) error {
	return c.Store.Write(ctx, func(tx *db.Tx) error {
		return store.ForgetClients(tx, tx.Now()-int64(rememberClients/time.Second))
	})
}

// Housekeep does all the housekeeping once, now. A running server does it by itself.
func (c *Core) Housekeep(ctx context.Context) error {
	var failed []error
	for _, job := range c.jobs() {
		if err := job.once(ctx); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", job.name, err))
		}
	}
	return errors.Join(failed...)
}

// startJobs does each job in its own time until ctx ends. The group is done when
// all of them have stopped.
func startJobs(ctx context.Context, log *slog.Logger, all []job) *sync.WaitGroup {
	var running sync.WaitGroup
	for _, c := range all {
		running.Go(func() { c.repeat(ctx, log) })
	}
	return &running
}

// repeat does the job until ctx ends. A failure is logged, and the next turn tries again.
func (c job) repeat(ctx context.Context, log *slog.Logger) {
	ticker := time.NewTicker(c.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := c.once(ctx); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "housekeeping failed", "job", c.name, "err", err.Error())
		}
	}
}

// once does the job. A panic is a failure like others: the next turn may do better.
func (c job) once(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.do(ctx)
}
