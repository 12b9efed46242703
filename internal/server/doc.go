// Package server wires the parts of parley together and runs them: it is the only
// package that knows all the others. [Open] makes the use cases over a database, which
// is all that the admin commands need; [New] adds the network face, and [Server.Run]
// serves until its context ends.
package server
