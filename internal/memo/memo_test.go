package memo_test

import (
	"fmt"
	"sync"
	"testing"

	"parley/internal/memo"
)

func TestRemembersWhatIsUsed(t *testing.T) {
	c := memo.New[string, int](100)
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
	c := memo.New[int, []byte](1000)
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
	c := memo.New[string, string](10)
	c.Put("a", "old", 1)
	c.Put("a", "new", 2)
	if v, ok := c.Get("a"); !ok || v != "new" {
		t.Errorf("got %q", v)
	}
	c.Put("a", "huge", 6)
	if v, ok := c.Get("a"); ok {
		t.Errorf("remembers %q, which is over half of the limit, or what it replaced", v)
	}
	nothing := memo.New[string, string](0)
	nothing.Put("a", "b", 1)
	if _, ok := nothing.Get("a"); ok {
		t.Error("remembers without any limit to do so")
	}
}

func TestConcurrentUse(t *testing.T) {
	c := memo.New[int, int](64)
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
