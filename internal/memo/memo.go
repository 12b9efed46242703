// Package memo remembers what was expensive to find out, within a bound.
//
// It knows nothing about whether a value is still right: the keys of its users
// name the version of what the value was made from, so that a value that is out
// of date is never asked for again and is forgotten in time.
package memo

import "sync"

// Cache is a bounded map. What was not used for long is forgotten first. It is
// safe for concurrent use.
type Cache[K comparable, V any] struct {
	mu sync.Mutex
	// Values live in two generations: those used lately, and those used before.
	// When the young generation has half of the limit, the old one goes.
	young, old map[K]entry[V]
	size       int
	limit      int
}

type entry[V any] struct {
	value V
	cost  int
}

// New returns a cache whose values cost no more than the limit together, in
// units of the caller's choice. A limit of 0 remembers nothing.
func New[K comparable, V any](limit int) *Cache[K, V] {
	return &Cache[K, V]{young: map[K]entry[V]{}, limit: limit}
}

// Get returns the value under the key, if it is remembered.
func (c *Cache[K, V]) Get(key K) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.young[key]
	if ok {
		return e.value, true
	}
	if e, ok = c.old[key]; ok {
		delete(c.old, key)
		c.put(key, e)
	}
	return e.value, ok
}

// Put remembers a value that costs the given units. One that would take half of
// the whole limit is not remembered.
func (c *Cache[K, V]) Put(key K, value V, cost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.old, key)
	c.put(key, entry[V]{value, cost})
}

func (c *Cache[K, V]) put(key K, e entry[V]) {
	if known, ok := c.young[key]; ok {
		c.size -= known.cost
		delete(c.young, key)
	}
	if e.cost > c.limit/2 {
		return
	}
	if c.size+e.cost > c.limit/2 {
		c.old, c.young, c.size = c.young, map[K]entry[V]{}, 0
	}
	c.young[key] = e
	c.size += e.cost
}
