package signaling

import (
	"context"
	"encoding/json"
	"time"

	"parley/internal/signal"
)

// parcel is what one node tells another one for its clients.
type parcel struct {
	Token string `json:"token"`
	// To are the clients, by their public ids, that get Data.
	To   []string        `json:"to,omitempty"`
	Data json.RawMessage `json:"data,omitempty"`
	// Key, Value and TTL are a value of the conversation, without a value to be removed.
	Key   string          `json:"key,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
	TTL   int64           `json:"ttl,omitempty"`
	// Notice is what happened to a conversation.
	Notice *signal.Notice `json:"notice,omitempty"`
}

// post tells another node something. The client that makes it do so waits, so that it says no more than can be carried.
func (h *Hub) post(node string, p parcel) {
	ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
	defer cancel()
	if err := h.signal.Post(ctx, []string{node}, string(encode(p))); err != nil {
		h.counts.lost.Add(1)
		h.log.Warn("another node cannot be told", "err", err.Error())
	}
}

// broadcast tells all other nodes something.
func (h *Hub) broadcast(p parcel) {
	h.mu.Lock()
	others := h.others
	h.mu.Unlock()
	if len(others) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), workTimeout)
	defer cancel()
	if err := h.signal.Post(ctx, others, string(encode(p))); err != nil {
		h.counts.lost.Add(1)
		h.log.Warn("other nodes cannot be told", "err", err.Error())
	}
}

// unpack gives the clients of this node what others have for them.
func (h *Hub) unpack(ctx context.Context) {
	for {
		all, err := h.signal.Fetch(ctx, h.node)
		if err != nil && ctx.Err() == nil {
			h.log.WarnContext(ctx, "what other nodes tell cannot be read", "err", err.Error())
		}
		if len(all) == 0 {
			return
		}
		for _, text := range all {
			var p parcel
			if json.Unmarshal([]byte(text), &p) == nil {
				h.accept(ctx, &p)
			}
		}
	}
}

func (h *Hub) accept(ctx context.Context, p *parcel) {
	if p.Notice != nil {
		h.announce(ctx, p.Token, p.Notice)
		return
	}
	h.mu.Lock()
	at := h.places[p.Token]
	var to []*session
	for _, id := range p.To {
		if s := h.byPublic[id]; s != nil {
			to = append(to, s)
		}
	}
	h.mu.Unlock()
	for _, s := range to {
		s.mu.Lock()
		there := s.place == at && at != nil
		s.mu.Unlock()
		if there {
			s.send(frame{data: p.Data})
		}
	}
	if p.Key != "" && at != nil {
		at.setTransient(nil, p.Key, p.Value, time.Duration(p.TTL))
	}
}
