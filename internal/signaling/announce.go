package signaling

import (
	"context"
	"slices"

	"parley/internal/signal"
)

// maxNotices is how many things wait to be announced.
const maxNotices = 10_000

// told is something that happened to a conversation.
type told struct {
	token  string
	notice signal.Notice
}

// Tell announces what happened to a conversation, on all nodes. It does not wait. What is announced makes clients
// look at their lists of conversations sooner than they would, and matters no more than that.
func (h *Hub) Tell(token string, all []signal.Notice) {
	for _, n := range all {
		select {
		case h.notices <- told{token, n}:
		default:
			h.counts.lost.Add(1)
		}
	}
}

// announceAll announces what it is told until ctx ends.
func (h *Hub) announceAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case t := <-h.notices:
			h.announce(ctx, t.token, &t.notice)
			h.broadcast(parcel{Token: t.token, Notice: &t.notice})
		}
	}
}

// announce tells those of this node whom it concerns.
func (h *Hub) announce(ctx context.Context, token string, n *signal.Notice) {
	a, err := h.signal.Announcement(ctx, token, n)
	if err != nil {
		h.log.WarnContext(ctx, "what happened cannot be announced", "err", err.Error())
		return
	}
	if n.Type == signal.TellSwitch {
		h.switchOver(token, a)
		return
	}
	about := object{"roomid": token, "properties": a.Properties}
	switch n.Type {
	case signal.TellInvite:
		h.tellAccounts(n.Users, event("roomlist", "invite", about), nil)
	case signal.TellDisinvite:
		// Those who are in the conversation learn it there.
		h.tellAccounts(n.Users, event("roomlist", "disinvite", object{"roomid": token, "reason": "disinvited"}), h.place(token))
	case signal.TellDelete:
		h.tellAccounts(n.Users, event("roomlist", "disinvite", object{"roomid": token, "reason": "deleted"}), h.place(token))
		return
	}
	rest := slices.DeleteFunc(a.Accounts, func(id string) bool { return slices.Contains(n.Users, id) })
	h.tellAccounts(rest, event("roomlist", "update", about), nil)
}

func (h *Hub) place(token string) *place {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.places[token]
}

// tellAccounts tells all clients of accounts, but for those in a conversation.
func (h *Hub) tellAccounts(accounts []string, data []byte, but *place) {
	var all []*session
	h.mu.Lock()
	for _, id := range accounts {
		for s := range h.byAccount[id] {
			all = append(all, s)
		}
	}
	h.mu.Unlock()
	for _, s := range all {
		s.mu.Lock()
		there := but != nil && s.place == but
		s.mu.Unlock()
		if !there {
			s.send(frame{data: data})
		}
	}
}

// switchOver takes clients to another conversation.
func (h *Hub) switchOver(token string, a *signal.Announcement) {
	p := h.place(token)
	if p == nil {
		return
	}
	data := event("room", "switchto", object{"roomid": a.To, "details": object{}})
	p.mu.Lock()
	defer p.mu.Unlock()
	for s, l := range p.locals {
		if m := p.members[s.public]; l.told && m != nil && slices.Contains(a.Sessions, m.SessionID) {
			s.send(frame{data: data})
		}
	}
}
