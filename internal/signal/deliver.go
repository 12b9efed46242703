package signal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/outbox"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/store/signals"
	"parley/internal/talk"
)

const (
	// noticeLife is for how long something matters to those who are connected, in seconds; who
	// comes later is told how things are then.
	noticeLife = 600
	// chatLife is the same for news in a chat, which clients look for by themselves.
	chatLife = 60
	// proofChars is how many random characters a proof has.
	proofChars = 64
)

// Deliveries returns how a signaling server is told: in order for each conversation, for some
// minutes.
func (svc *Service) Deliveries() outbox.Kind {
	return outbox.Kind{
		Name: Kind, Deliver: svc.deliver, Parallel: 8, Timeout: 10 * time.Second, FirstPause: time.Second, LongestPause: 30 * time.Second,
		Rest: 2 * time.Second,
		// Their age ends them, so that none stays that was given up.
		MaxAttempts: math.MaxInt,
	}
}

// deliver tells a signaling server of something.
func (svc *Service) deliver(ctx context.Context, d deliveries.Delivery) error {
	var n notice
	if err := json.Unmarshal([]byte(d.Payload), &n); err != nil {
		return outbox.Refused(err)
	}
	var body map[string]any
	var now *settings.Settings
	err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
		if now, err = svc.settings.In(tx); err != nil || !matters(tx, &n, &d, now) {
			return err
		}
		body, err = bodyOf(tx, d.OrderKey, &n, now)
		return err
	})
	if err != nil || body == nil {
		return err
	}
	return svc.post(ctx, &now.Signaling, d.OrderKey, map[string]any{"type": n.Type, n.Type: body})
}

// matters reports whether anybody wants to know of something by now.
func matters(tx *db.Tx, n *notice, d *deliveries.Delivery, now *settings.Settings) bool {
	age, life := tx.Now()-d.CreatedAt, int64(noticeLife)
	if n.Type == tellMessage {
		life = chatLife
	}
	return age <= life && now.ExternalSignaling() && now.Signaling.Servers[0].URL == d.Destination
}

// bodyOf is what a message says, nil if there is nothing to say any more.
func bodyOf(tx *db.Tx, token string, n *notice, now *settings.Settings) (map[string]any, error) {
	switch {
	case n.Type == tellDelete:
		return map[string]any{"userids": orEmpty(n.Users)}, nil
	case n.Type == tellMessage:
		return map[string]any{"data": map[string]any{"type": "chat", "chat": map[string]any{"refresh": true}}}, nil
	case n.Type == tellInCall && n.All:
		return map[string]any{"incall": 0, "all": true}, nil
	}
	r, err := store.Room(tx, token)
	if db.IsNone(err) {
		return nil, nil // it was deleted, of which another message tells
	}
	if err != nil {
		return nil, err
	}
	switch n.Type {
	case tellParticipants:
		return participantsBody(tx, &r, n, now)
	case tellInCall:
		return inCallBody(tx, &r, n, now)
	case tellSwitch:
		return switchBody(tx, &r, n)
	}
	return rosterBody(tx, &r, n)
}

// rosterBody tells those of an account of a conversation that they are in, or not any more, or
// that is another one.
func rosterBody(tx *db.Tx, r *talk.Room, n *notice) (map[string]any, error) {
	all, err := store.AccountsIn(tx, r.ID)
	if err != nil {
		return nil, err
	}
	properties := r.SignalingProperties()
	if n.Type == tellUpdate {
		properties["description"] = r.Description
		return map[string]any{"userids": orEmpty(all), "properties": properties}, nil
	}
	properties["participant-list"] = "refresh"
	body := map[string]any{"alluserids": orEmpty(all), "properties": properties}
	if n.Sessions != nil {
		body["sessionids"] = n.Sessions
	} else {
		body["userids"] = orEmpty(n.Users)
	}
	return body, nil
}

func orEmpty(list []string) []string { return append([]string{}, list...) }

// entry is a session as a signaling server is told of it.
func entry(r *talk.Room, p *signals.Presence, now *settings.Settings) map[string]any {
	s, at := &p.Session, &p.Attendee
	out := map[string]any{
		"inCall": int(s.InCall), "lastPing": s.LastPing, "sessionId": s.SessionID, "participantType": int(at.Type),
		"participantPermissions": int(talk.FinalPermissions(r, at, now.DefaultPermissions)), "actorType": string(at.Actor.Type), "actorId": at.Actor.ID,
	}
	if at.Actor.Type == talk.ActorUsers {
		out["userId"] = at.Actor.ID
	}
	return out
}

// participantsBody tells of who is there, and of who is different now.
func participantsBody(tx *db.Tx, r *talk.Room, n *notice, now *settings.Settings) (map[string]any, error) {
	all, err := signals.Connected(tx, r.ID, false)
	users, changed := []any{}, []any{}
	for i := range all {
		p := &all[i]
		one := entry(r, p, now)
		one["displayName"] = p.Attendee.DisplayName
		users = append(users, one)
		if !n.All && !slices.Contains(n.Changed, p.Attendee.Actor) {
			continue
		}
		another := entry(r, p, now)
		another["displayName"] = p.Attendee.DisplayName
		another["permissions"] = talk.SignalingPermissions(p.Attendee.Type, talk.FinalPermissions(r, &p.Attendee, now.DefaultPermissions))
		changed = append(changed, another)
	}
	return map[string]any{"changed": changed, "users": users}, err
}

// inCallBody tells of who is in the call, and of a session whose part in it is another one.
func inCallBody(tx *db.Tx, r *talk.Room, n *notice, now *settings.Settings) (map[string]any, error) {
	all, err := signals.Connected(tx, r.ID, true)
	users, changed := []any{}, []any{}
	for i := range all {
		one := entry(r, &all[i], now)
		one["nextcloudSessionId"] = all[i].Session.SessionID
		users = append(users, one)
		if slices.Contains(n.Sessions, all[i].Session.SessionID) {
			changed = append(changed, one)
		}
	}
	if len(changed) == 0 { // it is out of the call, or gone
		gone := signals.Presence{Session: talk.Session{SessionID: n.Sessions[0]}}
		gone.Attendee.Actor = n.Who
		if at, err := store.AttendeeOf(tx, r.ID, n.Who); err == nil {
			gone.Attendee = at
		} else if !db.IsNone(err) {
			return nil, err
		}
		one := entry(r, &gone, now)
		one["nextcloudSessionId"] = n.Sessions[0]
		changed = append(changed, one)
	}
	return map[string]any{"incall": int(n.Flags), "changed": changed, "users": users}, err
}

// switchBody takes people from one conversation to another.
func switchBody(tx *db.Tx, r *talk.Room, n *notice) (map[string]any, error) {
	to, err := store.Room(tx, n.To)
	if db.IsNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sessions, err := signals.SessionsAlsoIn(tx, r.ID, to.ID)
	if err != nil || len(sessions) == 0 {
		return nil, err
	}
	return map[string]any{"roomid": n.To, "sessions": sessions}, nil
}

// proofOf shows a signaling server that a body is by somebody who knows the shared secret.
func proofOf(key string, body []byte) (random, checksum string) {
	random = secret.Token(proofChars, secret.Alphanumeric)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(random))
	mac.Write(body)
	return random, hex.EncodeToString(mac.Sum(nil))
}

// endpoint is the address of something on a signaling server, which clients reach by a
// websocket at the same place.
func endpoint(server, path string) string {
	server = strings.TrimSuffix(server, "/")
	if rest, ok := strings.CutPrefix(server, "ws"); ok {
		server = "http" + rest
	}
	return server + path
}

// send sends a body about a conversation.
func (svc *Service) send(ctx context.Context, to *settings.Signaling, token string, body []byte) (outbound.Answer, error) {
	random, checksum := proofOf(to.Secret, body)
	return svc.client(to.Servers[0].Verify).Post(ctx, endpoint(to.Servers[0].URL, "/api/v1/room/"+url.PathEscape(token)), map[string]string{
		"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "parley",
		"Spreed-Signaling-Random": random, "Spreed-Signaling-Checksum": checksum, "Spreed-Signaling-Backend": svc.address + "/",
	}, body)
}

// post sends a message about a conversation.
func (svc *Service) post(ctx context.Context, to *settings.Signaling, token string, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return outbox.Refused(err)
	}
	answer, err := svc.send(ctx, to, token, body)
	if err == nil && !answer.Accepted() {
		err = outbox.Refused(fmt.Errorf("the signaling server answered with status %d", answer.Status))
	}
	return err
}
