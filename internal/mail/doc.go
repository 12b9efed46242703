// Package mail sends the invitations of e-mail guests.
//
// They wait in the outbox, where the change that needed them stored them. Each is
// written with [Invitation.Compose] of what is true when it is sent, and handed to the
// mail server with a [Sender]. So a server that is slow or away delays nobody, and
// nothing is lost with a process.
package mail
