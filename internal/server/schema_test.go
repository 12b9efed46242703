package server_test

import (
	"strings"
	"testing"
)

// A server that makes or upgrades the database says so, once.
func TestChangeOfTheSchemaIsLogged(t *testing.T) {
	cfg := settings(t)
	cfg.Admin = "admin:garden gnome"
	for run, want := range []int{1, 0} {
		s := start(t, cfg)
		if err := s.stop(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(s.log.String(), `level=INFO msg="the database was made" schema=`); n != want {
			t.Errorf("start %d says it %d times, want %d:\n%s", run, n, want, s.log)
		}
	}
}
