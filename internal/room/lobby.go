package room

import (
	"context"

	"parley/internal/talk"
)

// EndLobby switches a lobby off whose timer has passed.
func (svc *Service) EndLobby(ctx context.Context, s Scope) error {
	return svc.Change(ctx, Scope{Caller: s.Caller, Token: s.Token}, func(*Change) error { return nil })
}

// EndDueLobby switches the lobby off if its time has come. Every change does so
// first, so that nobody acts on a lobby that is over.
func (c *Change) EndDueLobby() error {
	if !c.Room.LobbyDue(c.Tx.Now()) {
		return nil
	}
	c.Room.LobbyState, c.Room.LobbyTimer = talk.LobbyOff, 0
	if err := c.SaveRoom(talk.EventLobby); err != nil {
		return err
	}
	actor := c.Actor()
	if actor.IsZero() {
		actor = talk.Guest(talk.GuestSystem)
	}
	return c.Post(&talk.Message{Actor: actor, System: talk.LobbyTimerReached})
}
