package talktest_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Each test has a database of its own, with nothing of another test in it.
func TestEachDatabaseIsNew(t *testing.T) {
	for range 2 {
		talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
			err := s.Write(t.Context(), func(tx *db.Tx) error {
				return store.InsertRoom(tx, &talk.Room{Token: "t", Type: talk.Group, Name: "n"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A server of a test is gone with its folder when the test is.
func TestClusterLeavesNothing(t *testing.T) {
	var cluster *talktest.Cluster
	var folder string
	t.Run("test", func(t *testing.T) {
		cluster = talktest.NewCluster(t)
		folder = cluster.Folder()
		if _, err := os.Stat(folder); err != nil {
			t.Error(err)
		}
	})
	if cluster == nil {
		return // said by the subtest
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of the server is still there: %v", err)
	}
	if _, err := store.Open(t.Context(), db.Options{URL: cluster.URL(), Now: time.Now}); err == nil {
		t.Error("the server still answers")
	}
}
