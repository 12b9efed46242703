package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date. A database that was written by a newer
// version is refused and left alone.
func migrate(ctx context.Context, db *sql.DB, d dialect) error {
	steps, err := migrationSteps(d)
	if err != nil {
		return err
	}
	name := goose.DialectSQLite3
	if d == dialectPostgres {
		name = goose.DialectPostgres
	}
	p, err := goose.NewProvider(name, db, nil, goose.WithGoMigrations(steps...))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	current, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema version: %w", err)
	}
	if newest := steps[len(steps)-1].Version; current > newest {
		return fmt.Errorf("the database has schema %d, this parley knows up to %d: start the newer version that wrote it", current, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	return nil
}

// migrationSteps returns the embedded SQL files in order, each as one
// transaction in the dialect's own words.
func migrationSteps(d dialect) ([]*goose.Migration, error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	var steps []*goose.Migration
	for _, name := range names {
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, err
		}
		statements := d.ddl(string(text))
		steps = append(steps, goose.NewGoMigration(version, &goose.GoFunc{
			RunTx: func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, statements)
				return err
			},
		}, nil))
	}
	return steps, nil
}
