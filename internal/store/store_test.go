package store_test

import (
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"parley/internal/store"
	"parley/internal/talk"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{URL: "sqlite:" + filepath.Join(t.TempDir(), "p.db"), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestWritesShareCommitsAndKeepApart(t *testing.T) {
	s := open(t)
	boom := errors.New("boom")
	var wg sync.WaitGroup
	errs := make([]error, 100)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Write(t.Context(), func(tx *store.Tx) error {
				r := talk.Room{Token: string(rune('a'+i%26)) + string(rune('a'+i/26)) + "room", Type: talk.Group, Name: "x"}
				if err := tx.InsertRoom(&r); err != nil {
					return err
				}
				if i%3 == 0 {
					return boom
				}
				if i%7 == 0 {
					panic("oops")
				}
				return nil
			})
		})
	}
	wg.Wait()
	for i, err := range errs {
		token := string(rune('a'+i%26)) + string(rune('a'+i/26)) + "room"
		found := s.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Room(token)
			return err
		})
		if (err == nil) != (found == nil) {
			t.Errorf("write %d answered %v, but the room reads %v", i, err, found)
		}
		if i%3 == 0 && !errors.Is(err, boom) {
			t.Errorf("write %d answered %v", i, err)
		}
	}
}

func TestNestedWriteIsAnError(t *testing.T) {
	s := open(t)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		return s.Write(tx.Context(), func(*store.Tx) error { return nil })
	})
	if !errors.Is(err, store.ErrNested) {
		t.Errorf("got %v", err)
	}
}
