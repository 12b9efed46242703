package client

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"time"
)

const (
	// silence is after how long without a sign of life a stream is given up; the server
	// gives one every 15 seconds.
	silence = time.Minute
	// maxEvent is how many bytes an event has at most.
	maxEvent = 4 << 20
)

// EventType is what happened.
type EventType string

// The types of events. Those about participants and conversations have more: see docs/events.md.
const (
	EventMessage         EventType = "message"
	EventEdit            EventType = "edit"
	EventDelete          EventType = "delete"
	EventReaction        EventType = "reaction"
	EventReactionRemoved EventType = "reaction_removed"
	EventAdded           EventType = "participant_added"
	EventRemoved         EventType = "participant_removed"
	EventJoined          EventType = "participant_joined"
	EventLeft            EventType = "participant_left"
	EventSettings        EventType = "settings"
	// EventMissed tells that there were others which the server has forgotten: whoever keeps
	// a state loads it again.
	EventMissed EventType = "missed"
)

// Actor is somebody who does something.
type Actor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Event is something that happened in a conversation.
type Event struct {
	// ID is where to go on after it, see [EventOptions].
	ID    string    `json:"-"`
	Type  EventType `json:"type"`
	Token string    `json:"token"`
	// Version grows with every change of the conversation.
	Version int64 `json:"version"`
	// Timestamp is Unix seconds.
	Timestamp int64 `json:"timestamp"`
	// Actor is who did it, About whom it happened to, nil for nobody.
	Actor *Actor `json:"actor"`
	About *Actor `json:"about"`
	// Reaction is the emoji that was given or taken back.
	Reaction string `json:"reaction"`
	// What it is about, as the caller sees it now; nil when it is gone.
	Message      *Message      `json:"message"`
	Poll         *Poll         `json:"poll"`
	Participant  *Participant  `json:"participant"`
	Conversation *Conversation `json:"conversation"`
}

// EventOptions are which events are read.
type EventOptions struct {
	// Tokens are the conversations, none for all of the caller's.
	Tokens []string
	// After is the ID of the last event that is known, "" for what happens from now on.
	After string
}

// Events yields what happens in the caller's conversations, for as long as ctx does not end.
// Lost connections and failures that may pass are waited out, and nothing is lost that is
// younger than an hour; any other failure is yielded and ends it.
func (c *Client) Events(ctx context.Context, o EventOptions) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		pause := firstPause
		for {
			before := o.After
			err := c.stream(ctx, &o, func(e Event) bool { return yield(e, nil) })
			if before != o.After {
				pause = firstPause
			}
			switch {
			case ctx.Err() != nil, errors.Is(err, errStopped):
				return
			case err != nil && !passes(err):
				yield(Event{}, err)
				return
			}
			if !sleep(ctx, max(pause, retryAfter(err))) {
				return
			}
			pause = min(2*pause, longestPause)
		}
	}
}

// errStopped ends a stream whose reader wants no more.
var errStopped = errors.New("client: stopped")

// stream reads events until the connection is lost, and notes how far it came.
func (c *Client) stream(ctx context.Context, o *EventOptions, yield func(Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	alive := time.AfterFunc(silence, cancel)
	defer alive.Stop()
	p := params{}
	if len(o.Tokens) > 0 {
		p["token"] = strings.Join(o.Tokens, ",")
	}
	request, err := c.request(ctx, http.MethodGet, parleyAPI+"v1/events", p)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "text/event-stream")
	if o.After != "" {
		request.Header.Set("Last-Event-ID", o.After)
	}
	reply, err := c.http.Do(request)
	if err != nil {
		return networkError{fmt.Errorf("client: %w", err)}
	}
	defer reply.Body.Close()
	if !strings.HasPrefix(reply.Header.Get("Content-Type"), "text/event-stream") {
		_, err := c.read(reply, nil)
		if err == nil {
			err = errors.New("client: the server has no events: is it parley?")
		}
		return err
	}
	return readEvents(reply.Body, o, func() { alive.Reset(silence) }, yield)
}

// readEvents reads events until the connection is lost, and notes how far it came. Heard is
// called with each sign of life.
func readEvents(from io.Reader, o *EventOptions, heard func(), yield func(Event) bool) error {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, maxEvent)
	e := Event{ID: o.After}
	for lines.Scan() {
		heard()
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch {
		case string(name) == "id":
			e.ID = string(value)
		case string(name) == "data":
			if err := json.Unmarshal(value, &e); err != nil {
				return fmt.Errorf("client: the event has another form: %w", err)
			}
		case len(lines.Bytes()) == 0:
			if e.Type != "" && !yield(e) {
				return errStopped
			}
			o.After, e = e.ID, Event{ID: e.ID}
		}
	}
	err := fmt.Errorf("client: the stream broke off: %w", cmp.Or(lines.Err(), io.EOF))
	if errors.Is(err, bufio.ErrTooLong) {
		return err
	}
	return networkError{err}
}
