// Package mail sends the invitations of e-mail guests (participants.md §22.3).
//
// They wait in the database, where the change that needed them stored them. A
// [Worker] takes them from there one by one, writes each with [Compose] from
// what is true then, and hands it to the mail server with a [Sender]. So a
// server that is slow or away delays nobody, and nothing is lost with a process.
package mail
