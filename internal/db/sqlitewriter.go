package db

import (
	"context"
	"fmt"
	"time"
)

// maxBatch bounds how many writes share one commit.
const maxBatch = 128

// writeJob is a write that waits for its turn.
type writeJob struct {
	ctx  context.Context
	run  func(querier) error
	err  error
	done chan struct{}
	// queued is when it began to wait.
	queued time.Time
}

// write takes no notice of rooms: all writes share commits here.
func (e *sqliteEngine) write(ctx context.Context, _ string, run func(querier) error) error {
	job := &writeJob{ctx: ctx, run: run, done: make(chan struct{}), queued: e.waits.begin()}
	if err := e.enqueue(job); err != nil {
		return err
	}
	// The writer answers every job that was queued, also during a shutdown, and
	// run may touch the caller's variables until then.
	<-job.done
	return job.err
}

func (e *sqliteEngine) enqueue(job *writeJob) error {
	e.closing.RLock()
	defer e.closing.RUnlock()
	if e.closed {
		return ErrClosed
	}
	select {
	case e.jobs <- job:
		return nil
	case <-job.ctx.Done():
		return job.ctx.Err()
	}
}

// writeLoop owns the writing connection. It ends when the queue is closed and
// empty.
func (e *sqliteEngine) writeLoop(c *sqliteConn) {
	defer c.close()
	for job := range e.jobs {
		e.commit(c, e.gather(job))
	}
}

// gather takes what else is waiting, without waiting for more.
func (e *sqliteEngine) gather(first *writeJob) []*writeJob {
	batch := []*writeJob{first}
	for len(batch) < maxBatch {
		select {
		case job, open := <-e.jobs:
			if !open {
				return batch
			}
			batch = append(batch, job)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction and answers every job, whatever happens.
func (e *sqliteEngine) commit(c *sqliteConn, batch []*writeJob) {
	for _, job := range batch {
		e.waits.end(job.queued)
	}
	err := c.transaction(batch)
	e.commits.Add(1) // before anybody is told
	committed := false
	for _, job := range batch {
		if err != nil && job.err == nil {
			job.err = err
		}
		committed = committed || job.err == nil
	}
	if committed {
		e.committed.Add(1)
	}
	for _, job := range batch {
		close(job.done)
	}
}

// transaction commits those jobs of a batch that succeed. Its error means that
// nothing at all was committed, or that nobody knows after a panic, and that the
// connection has to be replaced: it may be in a transaction that cannot be ended.
func (c *sqliteConn) transaction(batch []*writeJob) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicked(p)
		}
		if err != nil {
			c.fail(err)
		}
		c.done()
	}()
	if err := c.ready(); err != nil {
		return err
	}
	if err := c.command("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	end := "ROLLBACK"
	for _, job := range batch {
		if err := c.runJob(job, len(batch) > 1); err != nil {
			c.command("ROLLBACK") //nolint:errcheck // the error before it is the one to report
			return err
		}
		if job.err == nil {
			end = "COMMIT"
		}
	}
	err = c.command(end)
	if err != nil && end == "COMMIT" {
		c.command("ROLLBACK") //nolint:errcheck // the commit's error is the one to report
	}
	return err
}

// runJob runs one write and stores its outcome in it. In a savepoint its failure
// does not touch the others; an error says that it did, because SQLite undid the
// whole transaction, as it does when the disk is full.
func (c *sqliteConn) runJob(job *writeJob, savepoint bool) error {
	if job.err = job.ctx.Err(); job.err != nil {
		return nil
	}
	if !savepoint {
		job.err = job.run(c)
		return nil
	}
	if err := c.command("SAVEPOINT job"); err != nil {
		return err
	}
	if job.err = job.run(c); job.err != nil {
		if err := c.command("ROLLBACK TO job"); err != nil {
			return fmt.Errorf("%w: undone with a write that failed: %w", ErrUnavailable, job.err)
		}
	}
	return c.command("RELEASE job")
}
