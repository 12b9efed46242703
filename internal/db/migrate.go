package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"

	"github.com/pressly/goose/v3"
)

// Schema is what opening a database may do to its schema. A newer schema is always
// refused.
type Schema int

const (
	// SchemaCreate makes a database that is missing and upgrades an older one.
	SchemaCreate Schema = iota
	// SchemaUpgrade upgrades an older database and makes none.
	SchemaUpgrade
	// SchemaRequire changes nothing: the database has to be there, up to date.
	SchemaRequire
)

// SchemaError tells that a database does not have the schema that it needs and that
// nobody allowed to change it; see openError.
type SchemaError struct {
	// version is the number of the last migration, 0 for a missing database.
	version, newest int64
}

func (e *SchemaError) Error() string {
	return fmt.Sprintf("its schema is %d and this parley needs %d", e.version, e.newest)
}

// allows fails when a database must not be brought to the newest version.
func (s Schema) allows(version, newest int64) error {
	if version == newest || s == SchemaCreate || s == SchemaUpgrade && version > 0 {
		return nil
	}
	return &SchemaError{version, newest}
}

// locker waits until no other program migrates the same database. Closing its
// result lets others go on.
type locker func(context.Context) (io.Closer, error)

// migrate brings the schema up to date, if o lets it. A database that was written by a
// newer version is refused and left alone; one that is up to date is only read.
func migrate(ctx context.Context, db *sql.DB, d Dialect, o Options, files fs.FS, lock locker) error {
	steps, err := migrationSteps(files, d)
	if err != nil {
		return err
	}
	switch current, err := usableSchema(ctx, db, d, o.Schema, newestOf(steps)); {
	case err != nil:
		return err
	case current == newestOf(steps):
		return nil
	}
	held, err := lock(ctx)
	if err != nil {
		return err
	}
	return errors.Join(upgrade(ctx, db, d, o, steps), held.Close())
}

// NewestSchema returns the number of the last migration of the model.
func (m *Model) NewestSchema() (int64, error) {
	steps, err := migrationSteps(m.Migrations, DialectSQLite)
	if err != nil {
		return 0, err
	}
	return newestOf(steps), nil
}

func newestOf(steps []*goose.Migration) int64 { return steps[len(steps)-1].Version }

// usableSchema reads the number of the last migration, and fails for a database that
// cannot be used, or not before an upgrade that s forbids.
func usableSchema(ctx context.Context, db *sql.DB, d Dialect, s Schema, newest int64) (current int64, err error) {
	if err := RefuseForeign(ctx, db, d); err != nil {
		return 0, err
	}
	current, err = SchemaVersion(ctx, db, d)
	if err == nil && current > newest {
		err = fmt.Errorf("its schema is %d and this parley knows up to %d: start the newer version that wrote it", current, newest)
	}
	if err == nil {
		err = s.allows(current, newest)
	}
	return current, err
}

// SchemaVersion reads the number of the last migration, 0 for an empty database.
func SchemaVersion(ctx context.Context, db *sql.DB, d Dialect) (version int64, err error) {
	var tables int
	if err := db.QueryRowContext(ctx, d.versionTables()).Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	return version, err
}

// upgrade applies the steps that nobody has applied yet, and reports them.
func upgrade(ctx context.Context, db *sql.DB, d Dialect, o Options, steps []*goose.Migration) error {
	// Another program may have done it while this one waited.
	current, err := usableSchema(ctx, db, d, o.Schema, newestOf(steps))
	if err != nil || current == newestOf(steps) {
		return err
	}
	if err := mayCreate(ctx, db); err != nil {
		return err
	}
	p, err := goose.NewProvider(d.goose(), db, nil, goose.WithGoMigrations(steps...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if o.Upgraded != nil {
		o.Upgraded(current, newestOf(steps))
	}
	return nil
}

// RefuseForeign fails for a database in which another program has tables: they
// would be mixed with ours, or stop the migration after it has begun.
func RefuseForeign(ctx context.Context, db *sql.DB, d Dialect) error {
	if version, err := SchemaVersion(ctx, db, d); err != nil || version > 0 {
		return err
	}
	var table sql.NullString
	if err := db.QueryRowContext(ctx, d.someTable()).Scan(&table); err != nil || !table.Valid {
		return err
	}
	return fmt.Errorf("it holds tables of another program, such as %s: name an empty database", table.String)
}

// mayCreate tells at once when tables cannot be created; goose would try again
// for seconds.
func mayCreate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "CREATE TABLE parley_probe (id BIGINT)")
	return errors.Join(err, tx.Rollback())
}

// migrationSteps returns the SQL files of a model in order, each as one transaction in
// the dialect's own words.
func migrationSteps(files fs.FS, d Dialect) ([]*goose.Migration, error) {
	texts, err := MigrationTexts(files, d)
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		statements := texts[name]
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, statements)
				return err
			},
		}, nil))
	}
	return steps, nil
}

// MigrationTexts returns the texts of the SQL files of a model in the words of a dialect, by
// name.
func MigrationTexts(files fs.FS, d Dialect) (map[string]string, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, err
	}
	texts := make(map[string]string, len(names))
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		texts[name] = d.ddl(string(text))
	}
	return texts, nil
}
