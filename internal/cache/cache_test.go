package cache_test

import (
	"fmt"
	"sync"
	"testing"

	"parley/internal/cache"
)

func TestRemembersWhatIsUsed(t *testing.T) {
	c := cache.New[string, int](100)
	c.Put("used", 1, 1)
	for i := range 1000 {
		c.Put(fmt.Sprint(i), i, 1)
		if _, ok := c.Get("used"); !ok {
			t.Fatalf("forgot what is used all the time, after %d others", i)
		}
	}
	if _, ok := c.Get("0"); ok {
		t.Error("remembers what nobody used for long")
	}
}

func TestStaysWithinTheLimit(t *testing.T) {
	c := cache.New[int, []byte](1000)
	for i := range 5000 {
		c.Put(i, make([]byte, 10), 10)
	}
	kept := 0
	for i := range 5000 {
		if _, ok := c.Get(i); ok {
			kept++
		}
	}
	if kept == 0 || kept > 100 {
		t.Errorf("kept %d values of cost 10 within a limit of 1000", kept)
	}
}

func TestReplacesAndRefuses(t *testing.T) {
	c := cache.New[string, string](10)
	c.Put("a", "old", 1)
	c.Put("a", "new", 2)
	if v, ok := c.Get("a"); !ok || v != "new" {
		t.Errorf("got %q", v)
	}
	c.Put("a", "huge", 6)
	if v, ok := c.Get("a"); ok {
		t.Errorf("remembers %q, which is over half of the limit, or what it replaced", v)
	}
	nothing := cache.New[string, string](0)
	nothing.Put("a", "b", 1)
	if _, ok := nothing.Get("a"); ok {
		t.Error("remembers without any limit to do so")
	}
}

func TestConcurrentUse(t *testing.T) {
	c := cache.New[int, int](64)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				c.Put(i%97, i, 1)
				if v, ok := c.Get((i + w) % 97); ok && v%97 != (i+w)%97 {
					t.Errorf("got the value of another key: %d", v)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCounts(t *testing.T) {
	c := cache.New[int, int](100)
	if _, ok := c.Get(1); ok {
		t.Fatal("a new cache knows something")
	}
	for i := range 1000 {
		c.Put(i, i, 1+i%7)
		c.Put(i, i, 2) // replaces
		c.Get(i - 10)  // may be in either generation
		c.Put(i-20, i, 3)
	}
	hits, cost := c.Counts().Hits, 0
	for i := -20; i < 1000; i++ {
		if _, ok := c.Get(i); ok {
			hits++
		}
	}
	counts := c.Counts()
	if counts.Hits != hits || counts.Hits+counts.Misses != 2021 {
		t.Errorf("%+v, want %d hits", counts, hits)
	}
	// Every value costs 2 or 3.
	if cost = counts.Cost; cost > 100 || cost < 2*counts.Entries || cost > 3*counts.Entries || counts.Entries == 0 {
		t.Errorf("%+v", counts)
	}
}
