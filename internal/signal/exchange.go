package signal

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

// ErrElsewhere is the failure of internal signaling while clients talk to a signaling server.
var ErrElsewhere = errors.New("signal: clients talk to a signaling server")

// item is one of the messages that a client sends at once. Fn is JSON again.
type item struct {
	Event     string `json:"ev"`
	Fn        string `json:"fn"`
	SessionID string `json:"sessionId"`
}

// outgoing is a message on its way.
type outgoing struct {
	to   string
	text string
}

// Send passes messages of a client on to others in the conversation. What cannot be passed on
// is dropped: what nobody can read, what is not by the session of the caller, what they may not
// send, and what is for nobody. Failure: ErrElsewhere.
func (svc *Service) Send(ctx context.Context, v *room.Access, messages string) error {
	if !v.Settings.PolledSignaling() {
		return ErrElsewhere
	}
	if v.Me.Session == nil {
		return nil
	}
	all := allowed(v, messages)
	if len(all) == 0 {
		return nil
	}
	return svc.pass(ctx, v.Room.ID, all)
}

// allowed are the messages that may be passed on, each with who sent it. One that nobody can
// read takes none of the others with it.
func allowed(v *room.Access, messages string) (out []outgoing) {
	var items []json.RawMessage
	if json.Unmarshal([]byte(messages), &items) != nil {
		return nil
	}
	own := v.Me.Session.SessionID
	for _, text := range items[:min(len(items), talk.MaxSignals)] {
		var it item
		if json.Unmarshal(text, &it) != nil || it.Event != "message" || it.SessionID != own || len(it.Fn) > talk.MaxSignalLength {
			continue
		}
		var all fields
		if json.Unmarshal([]byte(it.Fn), &all) != nil || all == nil {
			continue
		}
		to, _ := all.text("to")
		what, ok := all.signal()
		if to == "" || !ok || !what.Allowed(v.Me.Type, v.Final) {
			continue
		}
		out = append(out, outgoing{to, all.from(own)})
	}
	return out
}

// fields are those of a message by their exact names: clients may send others of any kind.
type fields map[string]json.RawMessage

// text is a field that is a text, or not there, which is "". Of another kind it is not ok.
func (f fields) text(name string) (text string, ok bool) {
	value, there := f[name]
	return text, !there || json.Unmarshal(value, &text) == nil
}

// signal is what the server looks at of a message. It is not ok where a client might see more in
// it than the server does: JavaScript takes a list of one text for the text.
func (f fields) signal() (s talk.Signal, ok bool) {
	typeOK, roomOK := false, false
	s.Type, typeOK = f.text("type")
	s.RoomType, roomOK = f.text("roomType")
	if s.Type != talk.SignalOffer && s.Type != talk.SignalAnswer {
		return s, typeOK
	}
	var payload fields
	if value, there := f["payload"]; there && json.Unmarshal(value, &payload) != nil {
		return s, false
	}
	s.SDP, ok = payload.text("sdp")
	return s, ok && roomOK
}

// from is the message with who sent it, as JSON.
func (f fields) from(session string) string {
	f["from"], _ = json.Marshal(session) // a text can always be encoded
	var text strings.Builder
	to := json.NewEncoder(&text)
	to.SetEscapeHTML(false) // that would make it up to six times as long
	_ = to.Encode(f)        // what was just read can be written, into memory
	return strings.TrimSuffix(text.String(), "\n")
}

// pass stores messages for those receivers that are in the conversation, and wakes them. A
// receiver that takes none gets no more of them than some.
func (svc *Service) pass(ctx context.Context, roomID int64, all []outgoing) error {
	receivers := make([]string, 0, len(all))
	for _, m := range all {
		receivers = append(receivers, m.to)
	}
	slices.Sort(receivers)
	receivers = slices.Compact(receivers)
	woken := map[int64]bool{}
	err := svc.store.Write(ctx, func(tx *db.Tx) error {
		clear(woken)
		inboxes, err := signals.Inboxes(tx, roomID, receivers)
		if err != nil {
			return err
		}
		var rows []signals.Signal
		for _, m := range all {
			in, ok := inboxes[m.to]
			if !ok || in.Waiting >= talk.MaxSignalsWaiting {
				continue
			}
			in.Waiting++
			inboxes[m.to] = in
			rows = append(rows, signals.Signal{Session: in.Session, Message: m.text})
			woken[in.Session] = true
		}
		if len(rows) == 0 {
			return nil
		}
		return signals.Insert(tx, rows)
	})
	if err != nil {
		return err
	}
	for session := range woken {
		svc.bus.Publish(hintFor(session))
	}
	return nil
}

// hintFor tells that something waits for a session.
func hintFor(session int64) bus.Hint {
	return bus.Hint{Topic: bus.Session, Key: strconv.FormatInt(session, 10)}
}
