// Package wire has what several groups of endpoints write in the same form: messages,
// user statuses and what Talk can do.
package wire
