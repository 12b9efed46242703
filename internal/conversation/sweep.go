package conversation

import (
	"context"

	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// SweepSessions removes sessions that are dead, and with them the self-joined
// users who were only there by a session. A conversation in which that fails does
// not keep the others.
func (svc *Service) SweepSessions(ctx context.Context) error {
	return svc.rooms.EachRoom(ctx, store.DeadRooms, func(c *room.Change) error {
		dead, err := store.DeadSessions(c.Tx, c.Room.ID)
		for i := range dead {
			if err != nil {
				return err
			}
			var at talk.Attendee
			if at, err = store.Attendee(c.Tx, c.Room.ID, dead[i].AttendeeID); err == nil {
				err = expire(c, &dead[i], &at)
			}
		}
		return err
	})
}
