// Package cache remembers what was expensive to find out, within a bound.
//
// It knows nothing about whether a value is still right: the keys of its users
// name the version of what the value was made from, so that a value that is out
// of date is never asked for again and is forgotten in time.
package cache

import "sync"

// Cache is a bounded map. What was not used for long is forgotten first. It is
// safe for concurrent use.
type Cache[K comparable, V any] struct {
	mu sync.Mutex
	// Values live in two generations: those used lately, and those used before.
	// When the young generation has half of the limit, the old one goes.
	young, old map[K]entry[V]
	size       int // of the young ones
	oldSize    int
	limit      int
	counts     Counts
}

// Counts tell how a cache is used.
type Counts struct {
	// Hits and Misses are how often Get found something and nothing.
	Hits, Misses uint64
	// Entries are the values that are remembered now, Cost is what they cost.
	Entries, Cost int
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
	if !ok {
		if e, ok = c.old[key]; !ok {
			c.counts.Misses++
			return e.value, false
		}
		c.dropOld(key, e)
		c.put(key, e)
	}
	c.counts.Hits++
	return e.value, true
}

// Counts returns the numbers as they are now.
func (c *Cache[K, V]) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	counts := c.counts
	counts.Entries, counts.Cost = len(c.young)+len(c.old), c.size+c.oldSize
	return counts
}

// dropOld takes a value out of the old generation.
func (c *Cache[K, V]) dropOld(key K, e entry[V]) {
	delete(c.old, key)
	c.oldSize -= e.cost
}

// Put remembers a value that costs the given units. One that would take half of
// the whole limit is not remembered.
func (c *Cache[K, V]) Put(key K, value V, cost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.old[key]; ok {
		c.dropOld(key, e)
	}
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
		c.old, c.oldSize = c.young, c.size
		c.young, c.size = map[K]entry[V]{}, 0
	}
	c.young[key] = e
	c.size += e.cost
}
