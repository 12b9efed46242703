package db

import (
	"context"
	"time"
)

// SetPatience sets how long PostgreSQL may take for an answer.
func (s *DB) SetPatience(d time.Duration) { s.engine.(*postgresEngine).answerTimeout = d }

// SetQueueing sets how long to wait for a connection to PostgreSQL or for a group.
func (s *DB) SetQueueing(d time.Duration) { s.engine.(*postgresEngine).queueing = d }

// BeforeSnapshots lets f run before each question for a snapshot.
func (s *DB) BeforeSnapshots(f func()) {
	query := s.snapshots.query
	s.snapshots.query = func(ctx context.Context, last SnapshotID) (SnapshotID, error) {
		f()
		return query(ctx, last)
	}
}

// ForeignCommits is how long commits of other programs to SQLite may stay unnoticed.
const ForeignCommits = foreignCommits
