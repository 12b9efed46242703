package server

import (
	"context"
	"fmt"
	"os"
	"time"

	"parley/internal/bus"
	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/dbadmin"
)

// Examine checks the data folder and the database without changing them; a server may
// run meanwhile. It returns one finding for each check that was made, and an error when
// the database cannot be read at all.
func Examine(ctx context.Context, where config.Storage) ([]dbadmin.Finding, error) {
	findings, err := dbadmin.Examine(ctx, db.Options{URL: where.DatabaseURL(), Now: time.Now})
	if where.NATS != "" && err == nil {
		reached := dbadmin.Finding{Check: "NATS servers answer"}
		reached.Problems, err = bus.TryNATS(ctx, where.NATS)
		findings = append(findings, reached)
	}
	if where.Database != "" { // the data folder is not used
		return findings, err
	}
	folder := dbadmin.Finding{Check: "the data folder can be written"}
	if err := tryWriting(where.Data); err != nil {
		folder.Problems = []string{err.Error()}
	}
	return append([]dbadmin.Finding{folder}, findings...), err
}

// tryWriting makes a file in the folder and removes it.
func tryWriting(folder string) error {
	f, err := os.CreateTemp(folder, "doctor-*.tmp")
	if err != nil {
		return err
	}
	_, err = f.WriteString("parley was here")
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	return os.Remove(f.Name())
}
