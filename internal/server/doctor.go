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
	"parley/internal/settings"
	"parley/internal/signal"
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

// ExamineSignaling asks the signaling server that the configuration or the database names for
// its welcome, and whether it takes what this server tells it. It returns nothing where clients
// use internal signaling.
func ExamineSignaling(ctx context.Context, cfg config.Config) []dbadmin.Finding {
	// Why a database cannot be read is found by Examine; what is configured can be tried anyway.
	stored, _ := dbadmin.Settings(ctx, db.Options{URL: cfg.DatabaseURL(), Now: time.Now})
	now := settings.Layered(settings.Defaults{
		SignalingURL: cfg.SignalingURL, SignalingSecret: cfg.SignalingSecret, Signaling: cfg.Signaling,
	}, stored)
	if !now.ExternalSignaling() {
		return nil
	}
	return []dbadmin.Finding{{
		Check:    "the signaling server " + now.Signaling.Servers[0].URL + " takes what it is told",
		Problems: signal.Check(ctx, now.Signaling, cfg.Address().String(), time.Now()),
	}}
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
