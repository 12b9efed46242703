package events

import (
	"strings"
	"time"

	"parley/internal/events"
	"parley/internal/ocs"
	"parley/internal/room"
	"parley/internal/talk"
)

const (
	// retry is how long clients wait before they come again, in milliseconds.
	retry = "2000"
	// maxTokens is to how many conversations a stream can be narrowed.
	maxTokens = 100
	// missed is the event that tells of others which are forgotten.
	missed = "missed"
)

// streamParams are what is read, and from where on.
type streamParams struct {
	// Tokens are the conversations, with commas between them.
	Tokens      string `param:"token"`
	LastEventID string `param:"lastEventId"`
}

func (a *API) streamEvents(c *ocs.Call, in streamParams) (any, error) {
	tokens, err := a.tokens(c, in.Tokens)
	if err != nil {
		return nil, err
	}
	after := c.Request.Header.Get("Last-Event-ID")
	if after == "" {
		after = in.LastEventID
	}
	s, err := a.events.Open(c.Context(), events.Request{Account: c.Caller().UserID, Tokens: tokens, After: after})
	if err != nil {
		return nil, err
	}
	return ocs.Stream{Run: func(w *ocs.EventWriter) { a.run(c, s, w) }, Close: s.Close}, nil
}

// reader is the caller without the session of their client, which reading events does not keep
// alive.
func reader(c *ocs.Call) talk.Caller {
	return talk.Caller{UserID: c.Caller().UserID, DisplayName: c.Caller().DisplayName}
}

// tokens are the conversations that a stream is narrowed to, nil for all. Failures: Invalid,
// and those of the first in which the caller does not take part.
func (a *API) tokens(c *ocs.Call, list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	tokens := strings.Split(list, ",")
	if len(tokens) > maxTokens {
		return nil, talk.Fail(talk.Invalid, "token")
	}
	for _, token := range tokens {
		scope := room.Scope{Caller: reader(c), Token: token, Guard: talk.Guard{Need: talk.NeedParticipant}}
		if _, err := a.rooms.Enter(c.Context(), scope); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// run writes the events of a stream until it ends, the client goes, or the account may not log
// in any more.
func (a *API) run(c *ocs.Call, s *events.Stream, w *ocs.EventWriter) {
	w.Begin(retry, s.At().String())
	if s.Missed {
		w.Event(s.At().String(), missed, []byte(`{"type":"`+missed+`"}`))
	}
	who, base := reader(c), c.BaseURL()
	check := time.NewTicker(a.events.KeepAlive())
	defer check.Stop()
	for w.Flush() == nil {
		all, err := s.Next(c.Context(), a.events.KeepAlive())
		if err != nil {
			return
		}
		select {
		case <-check.C:
			if !c.StillLoggedIn() {
				return
			}
		default:
		}
		told := false
		for _, e := range all {
			data, shown, err := a.show(c.Context(), who, base, &e.Record)
			if err != nil {
				return
			}
			if told = told || shown; shown {
				w.Event(e.Resume.String(), string(e.Kind), data)
			}
		}
		if !told {
			w.KeepAlive(s.At().String())
		}
	}
}
