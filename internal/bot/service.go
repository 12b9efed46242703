// Package bot holds the use cases of bots: programs that an administrator installs, that
// moderators bring into conversations, and that are told what happens there and answer.
package bot

import (
	"context"

	"parley/internal/chat"
	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// Options are what a Service is made of.
type Options struct {
	Store *db.DB
	Rooms *room.Service
	Chat  *chat.Service
	// Client reaches the bots.
	Client *outbound.Client
	// Address is where people reach the server, with which bots tell servers apart.
	Address  string
	Recorder Recorder
}

// Service runs the use cases of bots. It is safe for concurrent use.
type Service struct {
	Recorder
	store   *db.DB
	rooms   *room.Service
	chat    *chat.Service
	client  *outbound.Client
	address string
}

// New returns a Service.
func New(o Options) *Service {
	return &Service{Recorder: o.Recorder, store: o.Store, rooms: o.Rooms, chat: o.Chat, client: o.Client, address: o.Address}
}

// secretLength is the number of characters of a secret that nobody chose.
const secretLength = 64

// Install adds a bot, with a new secret if it has none. Failures: those of [talk.Bot.Check],
// Conflict "url" when there is one at the URL.
func (svc *Service) Install(ctx context.Context, b *talk.Bot) error {
	if b.Secret == "" {
		b.Secret = secret.Token(secretLength, secret.Alphanumeric)
	}
	if err := b.Check(); err != nil {
		return err
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.InsertBot(tx, b); err != nil {
			return &talk.Error{Kind: talk.Conflict, Reason: "url", Err: err}
		}
		return nil
	})
}

// All returns all bots.
func (svc *Service) All(ctx context.Context) (all []talk.Bot, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all, err = store.Bots(tx)
		return err
	})
	return all, err
}

// ErrUnknown is the failure of those who name a bot that there is not.
var ErrUnknown = talk.Fail(talk.NotFound, "bot")

// Remove removes a bot from everywhere. Failure: ErrUnknown.
func (svc *Service) Remove(ctx context.Context, id int64) error {
	return svc.change(ctx, id, func(tx *db.Tx, _ *talk.Bot) error { return store.DeleteBot(tx, id) })
}

// SetState decides who may use a bot, and forgets its failures. Failure: ErrUnknown.
func (svc *Service) SetState(ctx context.Context, id int64, state talk.BotState) error {
	return svc.change(ctx, id, func(tx *db.Tx, b *talk.Bot) error {
		b.State, b.ErrorCount, b.LastError, b.LastErrorAt = state, 0, "", 0
		return store.UpdateBot(tx, b)
	})
}

func (svc *Service) change(ctx context.Context, id int64, f func(*db.Tx, *talk.Bot) error) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		b, err := store.Bot(tx, id)
		if db.IsNone(err) {
			return ErrUnknown
		}
		if err != nil {
			return err
		}
		return f(tx, &b)
	})
}

// InRoom is a bot as moderators see it.
type InRoom struct {
	talk.Bot
	// Here tells that the bot is in the conversation.
	Here bool
}

// List returns the bots that moderators may bring into a conversation, and all that are
// in it.
func (svc *Service) List(ctx context.Context, s room.Scope) (out []InRoom, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		out = nil
		all, err := store.Bots(tx)
		if err != nil {
			return err
		}
		present, err := store.BotsIn(tx, f.Room.ID)
		here := map[int64]bool{}
		for i := range present {
			here[present[i].ID] = true
		}
		for _, b := range all {
			if here[b.ID] || b.State == talk.BotEnabled {
				out = append(out, InRoom{b, here[b.ID]})
			}
		}
		return err
	})
	return out, err
}

// Enable brings a bot into a conversation and reports whether it was not in it. Setup lets
// bots in that only the administrator may bring. Failures, in this order: Invalid "room",
// Invalid "bot".
func (svc *Service) Enable(ctx context.Context, s room.Scope, id int64, setup bool) (b InRoom, added bool, err error) {
	b, err = svc.inRoom(ctx, s, id, setup, func(c *room.Change, bot *talk.Bot) error {
		if added, err = store.AddBot(c.Tx, c.Room.ID, id); err != nil || !added {
			return err
		}
		return svc.tell(c, bot, event{Type: "Join", Actor: application(bot), Object: collection(c.Room)})
	})
	b.Here = true
	return b, added, err
}

// Disable takes a bot out of a conversation. Failures: as Enable.
func (svc *Service) Disable(ctx context.Context, s room.Scope, id int64) (InRoom, error) {
	return svc.inRoom(ctx, s, id, false, func(c *room.Change, bot *talk.Bot) error {
		removed, err := store.RemoveBot(c.Tx, c.Room.ID, id)
		if err != nil || !removed {
			return err
		}
		return svc.tell(c, bot, event{Type: "Leave", Actor: application(bot), Object: collection(c.Room)})
	})
}

func (svc *Service) inRoom(ctx context.Context, s room.Scope, id int64, setup bool, f func(*room.Change, *talk.Bot) error) (b InRoom, err error) {
	err = svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Room == nil {
			return talk.Fail(talk.NotFound, "room")
		}
		if err := c.Room.CanHaveBots(); err != nil {
			return err
		}
		bot, err := store.Bot(c.Tx, id)
		if db.IsNone(err) || err == nil && bot.State != talk.BotEnabled && (!setup || bot.State != talk.BotNoSetup) {
			return talk.Fail(talk.Invalid, "bot")
		}
		if err != nil {
			return err
		}
		b = InRoom{Bot: bot}
		return f(c, &bot)
	})
	return b, err
}

// ErrUnsigned is the failure of a request that no bot of the conversation signed.
var ErrUnsigned = talk.Fail(talk.Unauthenticated, "")

// as runs f as the bot of a conversation that signed a text. Failures: Invalid for a proof
// that cannot be one, ErrUnsigned.
func (svc *Service) as(ctx context.Context, token string, p talk.BotProof, text string, f func(*room.Change, *talk.Bot) error) error {
	if !p.Complete() {
		return talk.Fail(talk.Invalid, "")
	}
	scope := room.Scope{Token: token, Caller: talk.Caller{System: talk.GuestSystem}}
	return svc.rooms.ChangeChat(ctx, scope, func(c *room.Change) error {
		if c.Room == nil || c.Room.Bots == 0 {
			return ErrUnsigned
		}
		present, err := store.BotsIn(c.Tx, c.Room.ID)
		if err != nil {
			return err
		}
		for i := range present {
			b := &present[i]
			if b.State != talk.BotDisabled && b.Features.Has(talk.BotResponse) && p.Valid(b, text) {
				return f(c, b)
			}
		}
		return ErrUnsigned
	})
}

// Say posts a message of a bot. Failures, in this order: Invalid "message" without a text,
// those of a proof, Invalid "reply-to", TooLarge "message".
func (svc *Service) Say(ctx context.Context, token string, p talk.BotProof, d chat.Draft) error {
	if _, err := talk.TrimMessage(d.Text); err != nil {
		return err
	}
	return svc.as(ctx, token, p, d.Text, func(c *room.Change, b *talk.Bot) error { return svc.chat.SayAs(c, b.Actor(), d) })
}

// React gives a message a bot's emoji and reports whether it is new. Failures: those of a
// proof, and as [chat.Service.React].
func (svc *Service) React(ctx context.Context, token string, p talk.BotProof, message int64, emoji string) (added bool, err error) {
	err = svc.as(ctx, token, p, emoji, func(c *room.Change, b *talk.Bot) error {
		added, err = svc.chat.ReactAs(c, b.Actor(), message, emoji)
		return err
	})
	return added, err
}

// Unreact takes a bot's emoji back. Failures: those of a proof, and as
// [chat.Service.Unreact].
func (svc *Service) Unreact(ctx context.Context, token string, p talk.BotProof, message int64, emoji string) error {
	return svc.as(ctx, token, p, emoji, func(c *room.Change, b *talk.Bot) error {
		return svc.chat.UnreactAs(c, b.Actor(), message, emoji)
	})
}
