package signal

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"

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

// parsed is what the server reads of a message.
type parsed struct {
	To       string `json:"to"`
	Type     string `json:"type"`
	RoomType string `json:"roomType"`
	Payload  struct {
		SDP string `json:"sdp"`
	} `json:"payload"`
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
	if v.Settings.ExternalSignaling() {
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

// allowed are the messages that may be passed on, each with who sent it.
func allowed(v *room.Access, messages string) (out []outgoing) {
	var items []item
	if json.Unmarshal([]byte(messages), &items) != nil {
		return nil
	}
	own := v.Me.Session.SessionID
	for i := range items[:min(len(items), talk.MaxSignals)] {
		it := &items[i]
		if it.Event != "message" || it.SessionID != own || len(it.Fn) > talk.MaxSignalLength {
			continue
		}
		var fields map[string]json.RawMessage
		var read parsed
		if json.Unmarshal([]byte(it.Fn), &fields) != nil || fields == nil {
			continue
		}
		read.parse(fields)
		if read.To == "" || !(talk.Signal{Type: read.Type, RoomType: read.RoomType, SDP: read.Payload.SDP}).Allowed(v.Me.Type, v.Final) {
			continue
		}
		fields["from"], _ = json.Marshal(own) // a text can always be encoded
		if text, err := json.Marshal(fields); err == nil {
			out = append(out, outgoing{read.To, string(text)})
		}
	}
	return out
}

// parse reads fields one by one, since clients may send others of any kind. What is of another
// kind than it should be counts as not there.
func (p *parsed) parse(fields map[string]json.RawMessage) {
	for name, value := range map[string]any{"to": &p.To, "type": &p.Type, "roomType": &p.RoomType, "payload": &p.Payload} {
		_ = json.Unmarshal(fields[name], value)
	}
}

// pass stores messages for those receivers that are in the conversation, and wakes them. A
// receiver that takes none gets no more of them than some.
func (svc *Service) pass(ctx context.Context, roomID int64, all []outgoing) error {
	receivers := make([]string, 0, len(all))
	for _, m := range all {
		receivers = append(receivers, m.to)
	}
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
