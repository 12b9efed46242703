package app

import (
	"context"

	"parley/internal/store"
	"parley/internal/talk"
)

// endLobby switches a lobby off whose timer has passed.
func (a *App) endLobby(ctx context.Context, s Scope) error {
	return a.change(ctx, Scope{Caller: s.Caller, Token: s.Token}, func(*change) error { return nil })
}

// lobbyTimer switches the lobby off if its time has come. Every change does so
// first, so that nobody acts on a lobby that is over.
func (c *change) lobbyTimer() error {
	if !c.room.LobbyDue(c.Tx.Now()) {
		return nil
	}
	c.room.LobbyState, c.room.LobbyTimer = talk.LobbyOff, 0
	if err := store.UpdateRoom(c.Tx, c.room); err != nil {
		return err
	}
	actor := c.actor()
	if actor.IsZero() {
		actor = talk.Guest(talk.GuestSystem)
	}
	return c.post(talk.Message{Actor: actor, System: talk.LobbyTimerReached})
}

// SetLobby switches the lobby and its timer (Unix seconds, 0 for none).
// Failures: Invalid breakout-room, type, object, value.
func (a *App) SetLobby(ctx context.Context, s Scope, state talk.LobbyState, timer int64) error {
	return a.change(ctx, s, func(c *change) error {
		if err := talk.CanSetLobby(c.room); err != nil {
			return err
		}
		if state != talk.LobbyOff && state != talk.LobbyNonModerators {
			return talk.Fail(talk.Invalid, "value")
		}
		changed := state != c.room.LobbyState
		c.room.LobbyState, c.room.LobbyTimer = state, max(timer, 0)
		if err := store.UpdateRoom(c.Tx, c.room); err != nil {
			return err
		}
		if changed {
			if err := c.say(lobbyKey(state)); err != nil {
				return err
			}
		}
		return c.lobbyTimer()
	})
}

func lobbyKey(state talk.LobbyState) talk.SystemKey {
	if state == talk.LobbyOff {
		return talk.LobbyNone
	}
	return talk.LobbyOn
}
