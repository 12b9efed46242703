package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// round is a transaction on PostgreSQL. What runs in it are its members: one, or
// several side by side. Nothing is sent before all of them wait for an answer;
// then the statements of all travel together, so that a member costs as many
// round trips as the times it has to wait, and several cost no more than one.
// The statements of a member keep their order.
type round struct {
	engine *postgresEngine
	ctx    context.Context
	conn   *pgxpool.Conn
	begin  string // how it begins, "" for statements without a transaction
	// answerTimeout is how long an answer may take, 0 for ever.
	answerTimeout time.Duration
	// skipLocked rounds do not wait for the lock of a conversation.
	skipLocked bool

	mu       sync.Mutex // guards what follows
	sent     sync.Cond
	queue    []*Statement
	members  int
	waiting  int // members that wait for an answer
	count    int // of batches that were sent
	answered bool
	begun    bool
	err      error // why the transaction is lost
	torn     bool  // a member that failed has changed something
}

// member is one of those who share a round. One goroutine uses it.
type member struct {
	round   *round
	pending []*Statement // not sent yet
	changed bool         // something was sent that would have to be undone
}

// maxPending bounds the statements that a member keeps until it waits.
const maxPending = 200

// newRound takes a connection of the pool. It must be released.
func (e *postgresEngine) newRound(ctx context.Context, pool *pgxpool.Pool, begin string) (*round, error) {
	conn, err := e.acquire(ctx, pool)
	if err != nil {
		return nil, err
	}
	r := &round{engine: e, ctx: ctx, conn: conn, begin: begin, answerTimeout: e.answerTimeout}
	r.sent.L = &r.mu
	return r, nil
}

// acquire takes a connection of a pool, for which it does not wait for ever: all of
// them may hang.
func (e *postgresEngine) acquire(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, e.queueing)
	defer cancel()
	conn, err := pool.Acquire(ctx)
	return conn, wrap(err, "connect")
}

// release ends what was not committed, in which nothing can be lost any more,
// and gives the connection back.
func (r *round) release() {
	if isReadOnly(r.err) {
		// The next one may find the server that is the primary now.
		r.discard()
	} else if r.begun {
		limit(r.conn, connectTimeout)
		if _, err := r.conn.Exec(context.Background(), "ROLLBACK"); err != nil {
			r.discard()
		}
	}
	limit(r.conn, 0)
	r.conn.Release() // a connection that is closed or busy is not kept
}

// discard closes a connection that is of no use any more.
func (r *round) discard() {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout)
	defer cancel()
	r.conn.Conn().Close(ctx)
}

// join adds a member. All have to join before the first one waits.
func (r *round) join() *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members++
	return &member{round: r}
}

// keep leaves what a member has not sent to the round, whatever the member does
// next.
func (r *round) keep(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, m.pending...)
	m.pending, m.changed = nil, false
}

// drop forgets what a member that failed has not sent. If it has sent changes the
// whole round has to be undone.
func (r *round) drop(m *member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.torn = r.torn || m.changed
	m.pending, m.changed = nil, false
}

// leave ends a member and leaves the rest of its statements to the round.
func (r *round) leave(m *member) {
	r.keep(m)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.members--
	r.sendIfAllWait()
}

func (m *member) add(s *Statement) error {
	m.pending = append(m.pending, s)
	if len(m.pending) < maxPending {
		return nil
	}
	return m.flush()
}

// flush waits for the answers to all that the member has added.
func (m *member) flush() error {
	if len(m.pending) == 0 {
		return nil
	}
	for _, s := range m.pending {
		m.changed = m.changed || s.changes()
	}
	r := m.round
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, m.pending...)
	asked := m.pending
	m.pending = nil
	r.waiting++
	count := r.count
	for r.sendIfAllWait(); r.count == count; {
		r.sent.Wait()
	}
	if r.err == nil && r.skipLocked {
		for _, s := range asked {
			if s.Free != "" && *s.Count == 0 {
				return errLocked
			}
		}
	}
	return r.err
}

// errLocked is the error of a member of a skipLocked round whose conversation
// somebody else has locked, or which does not exist.
var errLocked = errors.New("db: the conversation is locked")

// sendIfAllWait sends what the members wait for, unless one of them may still
// add something.
func (r *round) sendIfAllWait() {
	if r.waiting == 0 || r.waiting < r.members {
		return
	}
	r.send(r.ctx)
	r.waiting = 0
	r.count++
	r.sent.Broadcast()
}

// send sends all that is queued and hands out the answers. It returns how many
// statements were done.
func (r *round) send(ctx context.Context) (done int) {
	all := r.queue
	r.queue = nil
	if r.err != nil {
		return 0
	}
	if r.begin != "" && !r.begun {
		all = append([]*Statement{{Text: r.begin}}, all...)
		r.begun = true
	}
	batch := &pgx.Batch{}
	for _, s := range all {
		if s.Lifts {
			r.answerTimeout = 0
		}
		s.queue(batch, r.skipLocked, &done)
	}
	limit(r.conn, r.answerTimeout)
	if err := r.conn.SendBatch(ctx, batch).Close(); err != nil {
		r.err = wrap(err, all[min(done, len(all)-1)].Text)
		r.engine.note(err)
	}
	r.answered = r.answered || done > 0
	return done
}

// queue adds the statement to a batch that counts what was done.
func (s *Statement) queue(batch *pgx.Batch, skipLocked bool, done *int) {
	text := s.Text
	if s.Free != "" && skipLocked {
		text = s.Free
	}
	q := batch.Queue(text, s.Args...)
	if s.Each == nil {
		q.Exec(func(tag pgconn.CommandTag) error {
			*done++
			if s.Count != nil {
				*s.Count = tag.RowsAffected()
			}
			return nil
		})
		return
	}
	q.Query(func(rows pgx.Rows) error {
		err := s.readAll(rows)
		if err == nil {
			*done++
		}
		return err
	})
}

// readAll hands out the rows. A panic of who gets them is an error, since it may
// be that of another member than the one that sends.
func (s *Statement) readAll(rows pgx.Rows) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
	}()
	for rows.Next() {
		if err := s.Each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// errUnknownOutcome is wrapped by errors after which nobody knows whether a
// transaction was committed.
var errUnknownOutcome = errors.New("the outcome of a commit is unknown")

// commit sends what is left together with the commit. The caller's going away no
// longer stops it, so that only a lost connection leaves the outcome open.
func (r *round) commit() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	ctx := context.WithoutCancel(r.ctx)
	if !r.begun && len(r.queue) > 0 {
		// On a connection that is lost already the outcome must not be open.
		r.send(ctx)
	}
	if r.err != nil || !r.begun {
		return r.err
	}
	before := len(r.queue)
	r.queue = append(r.queue, &Statement{Text: "COMMIT"})
	done := r.send(ctx)
	switch code := pgCode(r.err); {
	case r.err == nil:
		r.begun = false
		r.engine.commits.Add(1)
		return nil
	case code != "" && (done < before || !isLost(r.err)):
		return r.err // the server said no, and why
	}
	return fmt.Errorf("%w: %w: %w", ErrUnavailable, errUnknownOutcome, r.err)
}
