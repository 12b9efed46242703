package db

import (
	"context"
	"time"
)

// SetPatience sets how long PostgreSQL may take for an answer.
func (s *DB) SetPatience(d time.Duration) { s.engine.(*postgresEngine).patience = d }

// SetQueueing sets how long to wait for a connection to PostgreSQL or for a group.
func (s *DB) SetQueueing(d time.Duration) { s.engine.(*postgresEngine).queueing = d }

// BeforeStamps lets f run before each question for a stamp.
func (s *DB) BeforeStamps(f func()) {
	query := s.stamps.query
	s.stamps.query = func(ctx context.Context, last Stamp) (Stamp, error) {
		f()
		return query(ctx, last)
	}
}

// ForeignCommits is how long commits of other programs to SQLite may stay unnoticed.
const ForeignCommits = foreignCommits
