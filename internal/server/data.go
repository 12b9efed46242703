package server

import (
	"context"
	"errors"
	"time"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/dbadmin"
	"parley/internal/store"
)

// Migrate moves everything from one database to another, see [dbadmin.Copy].
func Migrate(ctx context.Context, from, to string, progress dbadmin.Progress) ([]dbadmin.Copied, error) {
	return dbadmin.Copy(ctx, db.Options{URL: from, Now: time.Now}, db.Options{URL: to, Now: time.Now}, progress)
}

// Backup copies the SQLite database into a new file, see [dbadmin.Backup].
func Backup(ctx context.Context, where config.Storage, file string, progress dbadmin.Progress) error {
	return dbadmin.Backup(ctx, db.Options{URL: where.DatabaseURL(), Now: time.Now}, file, progress)
}

// Restore makes a backup the SQLite database, see [dbadmin.Restore].
func Restore(ctx context.Context, where config.Storage, file string, force bool, progress dbadmin.Progress) error {
	return dbadmin.Restore(ctx, db.Options{URL: where.DatabaseURL(), Now: time.Now}, file, force, progress)
}

// Upgrade brings the schema of a database up to date and returns the numbers of its
// last migration before and after, which are equal when there was nothing to do. No
// server may work on an SQLite database.
func Upgrade(ctx context.Context, where config.Storage) (from, to int64, err error) {
	st, err := store.Open(ctx, db.Options{
		URL: where.DatabaseURL(), Now: time.Now, Schema: db.SchemaUpgrade,
		Upgraded: func(before, _ int64) { from = before },
	})
	if err != nil {
		return 0, 0, err
	}
	to, err = store.NewestSchema()
	if from == 0 {
		from = to
	}
	return from, to, errors.Join(err, st.Close())
}
