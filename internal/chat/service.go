// Package chat holds the use cases of the messages in a conversation.
package chat

import "parley/internal/room"

// Options are what a Service is made of.
type Options struct {
	Rooms *room.Service
}

// Service runs the use cases of messages. It is safe for concurrent use.
type Service struct {
	rooms *room.Service
}

// New returns a Service.
func New(o Options) *Service { return &Service{rooms: o.Rooms} }
