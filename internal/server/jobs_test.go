package server

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestJobsKeepTheirTimeAndEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var often, seldom int
		running := startJobs(ctx, slog.New(slog.DiscardHandler), []job{
			{"often", 4 * time.Second, func(context.Context) error { often++; return nil }},
			{"seldom", time.Minute, func(context.Context) error { seldom++; return nil }},
		})
		time.Sleep(61 * time.Second)
		synctest.Wait()
		stop()
		running.Wait()
		if often != 15 || seldom != 1 {
			t.Errorf("done %d and %d times", often, seldom)
		}
	})
}

func TestFailingJobGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var log bytes.Buffer
		turns := 0
		running := startJobs(ctx, slog.New(slog.NewTextHandler(&log, nil)), []job{
			{"sweep", time.Second, func(context.Context) error { turns++; return errors.New("no luck") }},
		})
		time.Sleep(2500 * time.Millisecond)
		stop()
		running.Wait()
		if turns != 2 || strings.Count(log.String(), `job=sweep err="no luck"`) != 2 {
			t.Errorf("%d turns, log %s", turns, &log)
		}
	})
}

func TestPanickingJobGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		var log bytes.Buffer
		turns := 0
		running := startJobs(ctx, slog.New(slog.NewTextHandler(&log, nil)), []job{
			{"sweep", time.Second, func(context.Context) error { turns++; panic("aargh") }},
		})
		time.Sleep(2500 * time.Millisecond)
		stop()
		running.Wait()
		if turns != 2 || strings.Count(log.String(), "panic: aargh") != 2 || !strings.Contains(log.String(), "jobs_test.go") {
			t.Errorf("%d turns, log %s", turns, &log)
		}
	})
}

func TestIsOCS(t *testing.T) {
	for path, want := range map[string]bool{
		"/ocs/v2.php/x": true, "/ocs": true, "//ocs//v1.php": true, "/index.php/ocs/v1.php": true, "//index.php//ocs/": true,
		"/": false, "": false, "/ocsx": false, "/x/ocs": false, "/index.php": false, "/index.phpocs/ocs": false, "/index.php/x": false,
	} {
		if isOCS(path) != want {
			t.Errorf("isOCS(%q) = %v", path, !want)
		}
	}
}

func TestBox(t *testing.T) {
	if got, want := box("ab", "", "c"), "+----+\n| ab |\n|    |\n| c  |\n+----+\n"; got != want {
		t.Errorf("box:\n%s", got)
	}
}
