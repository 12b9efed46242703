package conversation

import (
	"context"

	"parley/internal/room"
	"parley/internal/talk"
)

// SetLobby switches the lobby and its timer (Unix seconds, 0 for none).
// Failures: Invalid breakout-room, type, object, value.
func (svc *Service) SetLobby(ctx context.Context, s room.Scope, state talk.LobbyState, timer int64) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := talk.CanSetLobby(c.Room); err != nil {
			return err
		}
		if state != talk.LobbyOff && state != talk.LobbyNonModerators {
			return talk.Fail(talk.Invalid, "value")
		}
		changed := state != c.Room.LobbyState
		c.Room.LobbyState, c.Room.LobbyTimer = state, max(timer, 0)
		if err := c.SaveRoom(talk.EventLobby); err != nil {
			return err
		}
		if changed {
			if err := c.PostSystem(lobbyKey(state)); err != nil {
				return err
			}
			if err := c.KeepWaitingOut(); err != nil {
				return err
			}
		}
		return c.EndDueLobby()
	})
}

func lobbyKey(state talk.LobbyState) talk.SystemKey {
	if state == talk.LobbyOff {
		return talk.LobbyNone
	}
	return talk.LobbyOn
}
