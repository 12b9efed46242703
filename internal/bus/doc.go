// Package bus wakes those who wait for a change, on this node and on all others.
//
// What it carries are hints, nothing that has to arrive. Who waits subscribes first,
// then reads the database, and reads again when woken. A lost hint costs time, never
// truth: every waiter also looks by itself every few seconds, see [Subscription.Wait].
// Hints are published after the commit; one that is published before it wakes people
// who see nothing new. What must be delivered belongs into the outbox.
package bus
