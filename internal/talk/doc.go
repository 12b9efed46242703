// Package talk is the vocabulary of parley and its rules: conversations,
// attendees, sessions, permissions, lobby and messages, and the pure functions
// that decide who may do what.
//
// Nothing here performs I/O, reads a clock or knows a wire format. Callers load
// values, ask a rule, and act on the answer.
package talk
