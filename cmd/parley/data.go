package main

import (
	"errors"
	"os"
	"strconv"

	"parley/internal/server"
)

type migrateCommand struct {
	From string `name:"from" env:"PARLEY_MIGRATE_FROM" required:"" placeholder:"URL" help:"Database to read, sqlite:<file> or postgres://…"`
	To   string `name:"to" env:"PARLEY_MIGRATE_TO" required:"" placeholder:"URL" help:"New database to fill."`
	JSON bool   `name:"json" help:"Print JSON for programs."`
}

// Help is shown by --help.
func (*migrateCommand) Help() string {
	return `Stop the server first. The new database has to be empty and cannot be used before
everything is in it and was read back; after an interruption run the same command again.

Examples:
  parley migrate --from sqlite:/var/lib/parley/parley.db --to postgres://parley:secret@db/parley
  parley migrate --from postgres://parley:secret@db/parley --to sqlite:parley.db --json`
}

// tableView is a migrated table for programs.
type tableView struct {
	Table          string `json:"table"`
	Rows           int64  `json:"rows"`
	Checksum       string `json:"checksum"`
	TargetRows     int64  `json:"targetRows"`
	TargetChecksum string `json:"targetChecksum"`
	Equal          bool   `json:"equal"`
}

// Run migrates and prints the proof, also when it fails.
func (c *migrateCommand) Run(t *terminal) error {
	line := t.progress()
	copied, err := server.Migrate(t.ctx, c.From, c.To, line.show)
	line.end()
	if err != nil && len(copied) == 0 {
		return err
	}
	views, people := make([]tableView, len(copied)), table{head: "TABLE ROWS CHECKSUM RESULT"}
	for i, m := range copied {
		views[i] = tableView{m.Table, m.Source.Rows, m.Source.Checksum, m.Target.Rows, m.Target.Checksum, m.Source == m.Target}
		outcome := "equal"
		if !views[i].Equal {
			outcome = "not proven"
		}
		people.rows = append(people.rows, []string{m.Table, strconv.FormatInt(m.Source.Rows, 10), m.Source.Checksum, outcome})
	}
	return errors.Join(t.show(admin{JSON: c.JSON}, views, people), err)
}

type backupCommand struct {
	admin
	File string `arg:"" help:"File to write, which must not exist."`
}

// Help is shown by --help.
func (*backupCommand) Help() string {
	return `It works beside a running server. The file is a whole SQLite database that holds all
secrets: keep it as safe as the server. PostgreSQL has pg_dump.

Examples:
  parley backup /backup/parley-monday.db --data /var/lib/parley`
}

// fileView is a backup for programs.
type fileView struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

// Run writes the backup.
func (c *backupCommand) Run(t *terminal) error {
	line := t.progress()
	err := server.Backup(t.ctx, c.Storage, c.File, line.show)
	line.end()
	if err != nil {
		return err
	}
	return t.doneFile(c.admin, c.File, "the backup is in %s, %d bytes")
}

type restoreCommand struct {
	admin
	File  string `arg:"" help:"File that parley backup wrote."`
	Force bool   `help:"Replace the database that is there."`
}

// Help is shown by --help.
func (*restoreCommand) Help() string {
	return `Stop the server first. The backup is checked before anything is replaced.

Examples:
  parley restore /backup/parley-monday.db --data /var/lib/parley
  parley restore /backup/parley-monday.db --data /var/lib/parley --force`
}

// Run restores the backup.
func (c *restoreCommand) Run(t *terminal) error {
	line := t.progress()
	err := server.Restore(t.ctx, c.Storage, c.File, c.Force, line.show)
	line.end()
	if err != nil {
		return err
	}
	return t.doneFile(c.admin, c.File, "%s was restored, %d bytes")
}

type upgradeCommand struct{ admin }

// Help is shown by --help.
func (*upgradeCommand) Help() string {
	return `Starting the server does the same. Make a backup first: an older parley cannot use the
database afterwards. Stop the server before, unless it works on PostgreSQL.

Examples:
  parley upgrade --data /var/lib/parley
  parley upgrade --database postgres://parley@db/parley --json`
}

// upgradeView is an upgrade for programs: the numbers of the last migration.
type upgradeView struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Run upgrades the schema.
func (c *upgradeCommand) Run(t *terminal) error {
	from, to, err := server.Upgrade(t.ctx, c.Storage)
	if err != nil {
		return err
	}
	if from == to {
		return t.done(c.admin, upgradeView{from, to}, "the database is up to date, its schema is %d", to)
	}
	return t.done(c.admin, upgradeView{from, to}, "the database was upgraded from schema %d to %d", from, to)
}

// doneFile reports about a file and its size.
func (t *terminal) doneFile(a admin, file, format string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	return t.done(a, fileView{file, info.Size()}, format, file, info.Size())
}
