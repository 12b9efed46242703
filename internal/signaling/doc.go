// Package signaling is the websocket that clients of Talk hold open beside the API: it tells
// them who is in a conversation and in its call, that there are new messages, and carries what
// they say to each other. The protocol is that of Talk's signaling server, see docs/signaling.md.
//
// A [Hub] has the connections of one node. What is true of a conversation is read from the database
// when a hint says that it may have changed, at most every some milliseconds, and compared with
// what its clients were told: so a lost hint costs time and never truth, and many changes cost
// one message.
package signaling
