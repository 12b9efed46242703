package server

import (
	"context"
	"time"

	"parley/internal/config"
	"parley/internal/store"
)

// Migrate moves everything from one database to another, see [store.Copy].
func Migrate(ctx context.Context, from, to string, progress store.Progress) ([]store.Copied, error) {
	return store.Copy(ctx, store.Options{URL: from, Now: time.Now}, store.Options{URL: to, Now: time.Now}, progress)
}

// Backup copies the SQLite database into a new file, see [store.Backup].
func Backup(ctx context.Context, where config.Storage, file string, progress store.Progress) error {
	return store.Backup(ctx, store.Options{URL: where.DatabaseURL(), Now: time.Now}, file, progress)
}

// Restore makes a backup the SQLite database, see [store.Restore].
func Restore(ctx context.Context, where config.Storage, file string, force bool, progress store.Progress) error {
	return store.Restore(ctx, store.Options{URL: where.DatabaseURL(), Now: time.Now}, file, force, progress)
}
