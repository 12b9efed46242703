// Package outbox delivers what must reach somebody: mail, and whatever else follows
// from a change and may not be lost.
//
// A delivery is a row that is stored in the same transaction as the change. A [Worker]
// leases rows, in order for each destination and order key, hands them to the function
// of their [Kind], tries again with growing pauses, and gives up by the rule of the
// kind. A destination that is down delays nobody else. Deliveries are made at least
// once: a worker that vanishes in the middle of one leaves it to the next.
//
// The bus only wakes the worker, which also looks by itself.
package outbox
