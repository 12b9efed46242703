package signal

import (
	"context"
	"encoding/json"
	"slices"

	"parley/internal/bus"
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

// Notice is something that happened to a conversation, as clients far from it are told.
type Notice = notice

// The types of notices that the websockets of this server announce.
const (
	TellInvite    = tellInvite
	TellDisinvite = tellDisinvite
	TellUpdate    = tellUpdate
	TellDelete    = tellDelete
	TellSwitch    = tellSwitch
)

// Why a client is not in a conversation any more.
const (
	Reconnected = signals.ReasonReconnected
	Replaced    = signals.ReasonReplaced
)

// Limits of what is done at a time.
const (
	// nodeLife is for how long a node counts that was not seen, in seconds.
	nodeLife = 30
	// sweptAtOnce is how many clients of dead nodes one sweep ends.
	sweptAtOnce = 200
	// fetchedAtOnce is how much of what others tell is read at a time.
	fetchedAtOnce = 500
)

// recordOwn is Record for the clients of this server: what they are told of those in a conversation they find there.
func (r Recorder) recordOwn(c *room.Change, events []room.Event) error {
	joined := map[talk.Actor]bool{}
	for i := range events {
		if events[i].Kind == talk.EventJoined {
			joined[events[i].Actor] = true
		}
	}
	for i := range events {
		e := &events[i]
		if e.Kind == talk.EventLeft && e.Session != nil && e.Session.ID != 0 && joined[e.About] {
			if err := signals.Replaced(c.Tx, e.Session.ID); err != nil {
				return err
			}
		}
	}
	all := slices.DeleteFunc(noticesOf(c.Room, events), func(n notice) bool {
		return !slices.Contains([]string{tellInvite, tellDisinvite, tellUpdate, tellDelete, tellSwitch}, n.Type) || n.Type == tellDisinvite && n.Users == nil
	})
	if len(all) == 0 || r.Tell == nil {
		return nil
	}
	token := c.Room.Token
	c.Tx.AfterCommit(func() {
		for _, n := range all {
			at := token
			if n.Type == tellSwitch && n.To == token { // those who are called into a breakout room are elsewhere
				at = c.Room.ObjectID
			}
			r.Tell(at, []Notice{n})
		}
	})
	return nil
}

// Announcement is what clients are told of a notice.
type Announcement struct {
	Properties json.RawMessage
	// Accounts are those in the conversation.
	Accounts []string
	// To is another conversation, for which the Sessions leave this one.
	To       string
	Sessions []string
}

// Announcement returns what clients are told of a notice.
func (svc *Service) Announcement(ctx context.Context, token string, n *Notice) (out *Announcement, err error) {
	out = &Announcement{Properties: json.RawMessage("{}")}
	if n.Type == tellDelete {
		return out, nil
	}
	err = svc.store.Look(ctx, func(tx *db.Tx) error {
		r, err := store.Room(tx, token)
		if db.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if n.Type == tellSwitch {
			body, err := switchBody(tx, &r, n)
			if body != nil {
				out.To, _ = body["roomid"].(string)
				out.Sessions, _ = body["sessions"].([]string)
			}
			return err
		}
		properties := r.SignalingProperties()
		properties["description"] = r.Description
		if n.Type != tellUpdate {
			properties["participant-list"] = "refresh"
		}
		if out.Properties, err = json.Marshal(properties); err != nil {
			return err
		}
		out.Accounts, err = store.AccountsIn(tx, r.ID)
		return err
	})
	return out, err
}

// Builtin reports whether clients talk to this server by websockets.
func (svc *Service) Builtin(ctx context.Context) (bool, error) {
	now, err := svc.settings.Now(ctx)
	return err == nil && now.BuiltinSignaling(), err
}

// Alive notes that sessions are alive.
func (svc *Service) Alive(ctx context.Context, sessionIDs []string) error {
	for part := range slices.Chunk(sessionIDs, maxBackendPings) {
		if err := svc.noteAlive(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// Beat notes that a node is there, and returns the others that are.
func (svc *Service) Beat(ctx context.Context, node string) (others []string, err error) {
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := signals.SeeNode(tx, node); err != nil {
			return err
		}
		others, err = signals.OtherNodes(tx, node, nodeLife)
		return err
	})
	return others, err
}

// Others returns the nodes that are there but for one, while clients talk to this server by websockets.
func (svc *Service) Others(ctx context.Context, node string) (others []string, err error) {
	if on, err := svc.Builtin(ctx); err != nil || !on {
		return nil, err
	}
	err = svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		others, err = signals.OtherNodes(tx, node, nodeLife)
		return err
	})
	return others, err
}

// Post tells other nodes something.
func (svc *Service) Post(ctx context.Context, nodes []string, payload string) error {
	all := make([]signals.Relay, len(nodes))
	hints := make([]bus.Hint, len(nodes))
	for i, node := range nodes {
		all[i] = signals.Relay{Node: node, Payload: payload}
		hints[i] = bus.Hint{Topic: bus.Websockets, Key: node}
	}
	err := svc.store.Write(ctx, func(tx *db.Tx) error { return signals.InsertRelays(tx, all) })
	if err == nil {
		svc.bus.Publish(hints...)
	}
	return err
}

// Fetch returns what other nodes have told a node, in order.
func (svc *Service) Fetch(ctx context.Context, node string) (out []string, err error) {
	var all []signals.Relay
	err = svc.store.Write(ctx, func(tx *db.Tx) (err error) {
		all, err = signals.TakeRelays(tx, node, fetchedAtOnce)
		return err
	})
	slices.SortFunc(all, func(a, b signals.Relay) int { return int(a.ID - b.ID) })
	for _, r := range all {
		out = append(out, r.Payload)
	}
	return out, err
}

// SweepWebsockets ends the clients of other nodes than one that have died, and forgets those that have gone.
func (svc *Service) SweepWebsockets(ctx context.Context, own string) error {
	var orphans []signals.Orphan
	forgettable := false
	err := svc.store.Look(ctx, func(tx *db.Tx) (err error) {
		if orphans, err = signals.Orphans(tx, own, nodeLife, sweptAtOnce); err != nil {
			return err
		}
		forgettable, err = signals.Forgettable(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range orphans {
		if err := svc.Depart(ctx, o.Token, o.ID, o.SessionID); err != nil {
			return err
		}
	}
	if !forgettable {
		return nil // who uses no websockets pays nothing for them
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		_, err := signals.ForgetWebsockets(tx, sweptAtOnce)
		return err
	})
}
