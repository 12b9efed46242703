package dbadmin

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"parley/internal/db"
	"parley/internal/store"
)

// watchEvery is how often the growth of a copy is looked at.
const watchEvery = 200 * time.Millisecond

// Backup writes a consistent copy of an SQLite database into a new file, which
// only its owner may read; servers and commands may work on the database
// meanwhile. The copy is complete and checked when the file appears under its
// name. Progress is in bytes.
func Backup(ctx context.Context, o db.Options, file string, progress Progress) error {
	path, err := fileOf(o.URL, "pg_dump")
	if err != nil {
		return err
	}
	if err := absentFile(file); err != nil {
		return err
	}
	return vacuumInto(ctx, path, file, progress)
}

// Restore makes a file that Backup wrote the SQLite database of the options. No
// server may work on it. A database that exists is only replaced with force. It
// is there completely or not at all, whenever the program ends.
func Restore(ctx context.Context, o db.Options, file string, force bool, progress Progress) error {
	name, err := fileOf(o.URL, "pg_restore")
	if err != nil {
		return err
	}
	path, err := db.SQLitePath(name, db.SchemaCreate)
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	lock, err := db.LockFile(ctx, path+".lock", db.LockTimeout)
	if err != nil {
		return err
	}
	if !force {
		if err := absentFile(path); err != nil {
			return errors.Join(fmt.Errorf("%w; --force replaces it", err), lock.Close())
		}
	}
	return errors.Join(vacuumInto(ctx, file, path, progress), lock.Close())
}

// fileOf returns the file of an SQLite database; others have their own program.
func fileOf(address, program string) (string, error) {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return "", fmt.Errorf("only SQLite databases are backed up by parley: use %s of PostgreSQL", program)
	}
	return strings.TrimPrefix(path, "//"), nil
}

// absentFile fails when something has the name already.
func absentFile(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fmt.Errorf("%s exists already", path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// vacuumInto copies what is committed in an SQLite database. The copy is made
// beside its place, checked, flushed to the disk and only then put there.
func vacuumInto(ctx context.Context, from, to string, progress Progress) error {
	p, err := openSQLite(from)
	if err != nil {
		return err
	}
	partial := to + ".partial"
	err = errors.Join(p.copyTo(ctx, from, partial, progress), p.db.Close())
	if err == nil {
		if err = checkCopy(ctx, partial); err != nil {
			err = fmt.Errorf("%s: %w", from, err)
		}
	}
	if err == nil {
		err = replace(ctx, partial, to)
	}
	if err != nil {
		return errors.Join(err, removePartial(partial))
	}
	return nil
}

// removePartial removes an unfinished copy, also what SQLite keeps beside one when
// the program is killed.
func removePartial(file string) error {
	return errors.Join(os.RemoveAll(file), os.RemoveAll(file+"-journal"))
}

// copyTo writes a copy of the database, which is called from, into a new file.
func (p *examined) copyTo(ctx context.Context, from, file string, progress Progress) error {
	if err := removePartial(file); err != nil {
		return err
	}
	// SQLite fills an empty file and leaves the rights as they are.
	f, err := db.NewFile(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var size int64
	if err := p.db.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&size); err != nil {
		return db.OpenError(from, err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := p.db.ExecContext(ctx, "VACUUM INTO $1", file)
		ended <- err
	}()
	if err := watch(f, size, ended, progress); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return f.Sync()
}

// watch reports how a file grows until it has ended.
func watch(f *os.File, size int64, ended <-chan error, progress Progress) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
			if info, err := f.Stat(); err == nil {
				progress("copy", min(info.Size(), size), size)
			}
		}
	}
}

// checkCopy checks that a file is an undamaged database of parley, not newer
// than this program.
func checkCopy(ctx context.Context, file string) error {
	p, err := openSQLite(file)
	if err != nil {
		return err
	}
	return errors.Join(p.checkCopy(ctx), p.db.Close())
}

func (p *examined) checkCopy(ctx context.Context) error {
	for _, r := range p.formatRules() {
		found, err := p.follow(ctx, r)
		switch {
		case err != nil:
			return fmt.Errorf("check whether %s: %w", r.Check, err)
		case len(found.Problems) > 0:
			return fmt.Errorf("the copy is not sound: %s", found.Problems[0])
		}
	}
	newest, err := store.NewestSchema()
	if err != nil {
		return err
	}
	version, err := db.SchemaVersion(ctx, p.db, p.dialect)
	switch {
	case err != nil:
		return err
	case version == 0:
		return errors.New("this is no database of parley")
	case version > newest:
		return fmt.Errorf("its schema is %d and this parley knows up to %d: use the newer version that wrote it", version, newest)
	}
	return nil
}

// replace puts a file in the place of a database. The log of the old database
// goes first: together with the new one it would be damage. What it holds is moved
// into the old database before, which therefore is whole whenever the program ends.
func replace(ctx context.Context, file, path string) error {
	if err := emptyLog(ctx, path); err != nil {
		return err
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if err := os.Rename(file, path); err != nil {
		return err
	}
	return db.SyncFolder(filepath.Dir(path))
}

// emptyLog writes the log of a database that is to be replaced into its file. One
// that is damaged is not worth it and may be replaced all the same.
func emptyLog(ctx context.Context, path string) error {
	if _, err := os.Stat(path + "-wal"); err != nil {
		return nil
	}
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?mode=rw")
	if err != nil {
		return err
	}
	defer pool.Close()
	_, err = pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	switch db.SQLiteCode(err) & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN:
		return nil
	}
	if err != nil {
		return db.OpenError(path, err)
	}
	return nil
}
