package conversation

import (
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// CompletePair brings those of a one-to-one back into it who are not there: who never
// opened it, or left it. Accounts that are gone stay away.
func (svc *Service) CompletePair(c *room.Change) error {
	a, b, _ := talk.PairMembers(c.Room.Name)
	for _, id := range []string{a, b} {
		if id == c.Caller.UserID {
			continue
		}
		if _, err := store.AttendeeOf(c.Tx, c.Room.ID, talk.User(id)); !errors.Is(err, db.ErrNotFound) {
			return err
		}
		account, at, err := store.KeepAccountFor(c.Tx, c.Room.ID, id)
		if errors.Is(err, db.ErrNotFound) || at != nil {
			continue
		}
		if err != nil {
			return err
		}
		row := userRow(c, account, talk.Owner)
		if err := insertRow(c, &row); err != nil && !errors.Is(err, db.ErrDuplicate) {
			return err
		}
	}
	return nil
}
