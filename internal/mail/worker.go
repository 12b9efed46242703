package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// When to try again, in seconds.
const (
	// leaseSeconds is how long a mail belongs to the node that took it, much
	// longer than a mail server may take for it.
	leaseSeconds = 10 * 60
	// firstPause and longestPause are between two attempts for one mail; the
	// pause doubles with each.
	firstPause   = 60
	longestPause = 6 * 60 * 60
	// troublePause is how long all mail rests when the mail server itself is in
	// trouble.
	troublePause = 60
	// maxAttempts with these pauses take about three days.
	maxAttempts = 20
)

// Options are what a Worker is made of.
type Options struct {
	Store *db.DB
	Log   *slog.Logger
	// Sender is nil when no mail server is configured; mail is kept then.
	Sender *Sender
	// BaseURL is the address of the server that links begin with, without a slash at
	// the end. Mail is kept while it is empty: what requests say about it is the
	// word of strangers, who would get the secrets of the guests.
	BaseURL string
	// DialIn returns the administrator's text about joining by telephone, empty
	// without telephones.
	DialIn func(context.Context) (string, error)
}

// Worker sends the mail that waits in the database. Workers of several nodes
// share the work.
type Worker struct {
	store  *db.DB
	log    *slog.Logger
	sender *Sender
	base   string
	dialIn func(context.Context) (string, error)
	wake   chan struct{}
	// restUntil is when the mail server may be asked again, Unix seconds. Only
	// the goroutine of Run uses it.
	restUntil int64
}

// NewWorker returns a worker that does nothing before Run.
func NewWorker(o Options) *Worker {
	return &Worker{store: o.Store, log: o.Log, sender: o.Sender, base: o.BaseURL, dialIn: o.DialIn, wake: make(chan struct{}, 1)}
}

// Wake makes the worker look for mail that is due. It never waits.
func (w *Worker) Wake() {
	select {
	case w.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Run sends what is due now and whenever it is woken, until ctx ends. Somebody
// has to wake it every now and then for what has to be tried again.
func (w *Worker) Run(ctx context.Context) {
	if cause := w.obstacle(); cause != "" {
		w.hold(ctx, cause)
		return
	}
	for {
		if err := w.deliver(ctx); err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "mail queue cannot be read", "err", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
	}
}

// obstacle says what the administrator has to set before mail can be sent, "" if
// nothing.
func (w *Worker) obstacle() string {
	switch {
	case w.sender == nil:
		return "there is no mail server: set --smtp-url (PARLEY_SMTP_URL)"
	case w.base == "":
		return "the address for links is not known: set --url (PARLEY_URL)"
	}
	return ""
}

// hold keeps all mail. It notes the cause beside each, and says in the log each time
// when more waits, and at once where mail was meant to be sent.
func (w *Worker) hold(ctx context.Context, cause string) {
	said := -1
	if w.sender == nil {
		said = 0
	}
	for {
		state, err := w.state(ctx)
		if err == nil && state.Waiting > said {
			w.log.WarnContext(ctx, "invitations are kept", "cause", cause, "waiting", state.Waiting)
		}
		if err == nil && state.Waiting > 0 {
			err = w.store.Write(ctx, func(tx *db.Tx) error { return store.MailHeld(tx, cause) })
		}
		if err != nil && ctx.Err() == nil {
			w.log.ErrorContext(ctx, "mail queue cannot be read", "err", err.Error())
		}
		if err == nil {
			said = state.Waiting
		}
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
	}
}

func (w *Worker) state(ctx context.Context) (state store.MailState, err error) {
	err = w.store.Read(ctx, func(tx *db.Tx) error {
		state, err = store.MailStateNow(tx)
		return err
	})
	return state, err
}

// deliver sends all mail that is due, until the mail server gets into trouble.
func (w *Worker) deliver(ctx context.Context) error {
	for ctx.Err() == nil {
		m, now, err := w.take(ctx)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := w.settle(ctx, m, w.send(ctx, m, now)); err != nil {
			return err
		}
	}
	return nil
}

// send writes one mail and hands it over. A panic is a failure of this mail alone.
func (w *Worker) send(ctx context.Context, m store.Mail, now int64) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.ErrorContext(ctx, "panic", "mail", m.ID, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("parley failed, its log tells more")
		}
	}()
	dialIn, err := w.dialIn(ctx)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("invitation-%d-%d", m.ID, m.CreatedAt)
	return w.sender.Send(ctx, newInvitation(m, w.base, dialIn), id, time.Unix(now, 0))
}

// take leases the next mail, unless the mail server has to rest.
func (w *Worker) take(ctx context.Context) (m store.Mail, now int64, err error) {
	err = w.store.Write(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		w.restUntil = min(w.restUntil, now+troublePause) // the clock may have been set back
		if now < w.restUntil {
			return db.ErrNotFound
		}
		m, err = store.TakeMail(tx, leaseSeconds)
		return err
	})
	return m, now, err
}

// settle stores how sending went, also while the server stops.
func (w *Worker) settle(ctx context.Context, m store.Mail, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if failure == nil {
		return w.store.Write(ctx, func(tx *db.Tx) error { return store.MailSent(tx, m) })
	}
	if m.Attempts >= maxAttempts {
		w.log.ErrorContext(ctx, "invitation was given up: resend it when the cause is gone", "mail", m.ID, "attempts", m.Attempts, "err", failure.Error())
	} else {
		w.log.WarnContext(ctx, "invitation could not be sent and waits", "mail", m.ID, "attempts", m.Attempts, "err", failure.Error())
	}
	return w.store.Write(ctx, func(tx *db.Tx) error {
		if _, ok := errors.AsType[refused](failure); !ok {
			w.restUntil = tx.Now() + troublePause
		}
		if m.Attempts >= maxAttempts {
			return store.MailGivenUp(tx, m, failure.Error())
		}
		return store.MailFailed(tx, m, failure.Error(), tx.Now()+pause(m.Attempts))
	})
}

// pause returns the seconds to wait after a number of failed attempts.
func pause(attempts int) int64 {
	doublings := min(max(attempts-1, 0), 16)
	return int64(min(firstPause<<doublings, longestPause))
}
