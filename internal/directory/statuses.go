package directory

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// OwnStatus returns the caller's status. Failure: store's none as NotFound.
func (svc *Service) OwnStatus(ctx context.Context, caller talk.Caller) (s talk.Status, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err = shown(tx, caller.UserID)
		return err
	})
	return s, err
}

// shown returns the status of an account as it counts now. Failure: NotFound.
func shown(tx *db.Tx, userID string) (talk.Status, error) {
	all, err := calls.Statuses(tx, []string{userID})
	if err != nil {
		return talk.Status{}, err
	}
	s, known := all[userID]
	if !known {
		return s, noStatus(db.ErrNotFound)
	}
	return s, nil
}

// noStatus words the absence of a status.
func noStatus(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return talk.Fail(talk.NotFound, "")
	}
	return err
}

// changeStatus changes the caller's status, which is that of somebody offline
// before the first change, and returns it.
func (svc *Service) changeStatus(ctx context.Context, caller talk.Caller, f func(talk.Status) talk.Status) (s talk.Status, err error) {
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		if err = store.LockAccount(tx, caller.UserID); err != nil {
			return err
		}
		s, err = store.Status(tx, caller.UserID)
		if errors.Is(err, db.ErrNotFound) {
			s, err = talk.Status{UserID: caller.UserID, Availability: talk.Offline}, nil
		}
		if err != nil {
			return err
		}
		s = f(s.At(tx.Now()))
		return store.SetStatus(tx, s)
	})
	return s, err
}

// SetAvailability stores what the caller chose to look like. Failure: Invalid.
func (svc *Service) SetAvailability(ctx context.Context, caller talk.Caller, v talk.Availability) (talk.Status, error) {
	if !v.Valid() {
		return talk.Status{}, talk.Fail(talk.Invalid, "")
	}
	return svc.changeStatus(ctx, caller, func(s talk.Status) talk.Status {
		s.Availability, s.UserDefined, s.SeenAt = v, true, svc.now().Unix()
		return s
	})
}

// SetStatusMessage stores a message of the caller's own; neither icon nor
// message removes it. clearAt is in Unix seconds, 0 for never. Failure: Invalid.
func (svc *Service) SetStatusMessage(ctx context.Context, caller talk.Caller, icon, message string, clearAt int64) (talk.Status, error) {
	if err := talk.CheckStatusMessage(icon, message, clearAt, svc.now().Unix()); err != nil {
		return talk.Status{}, err
	}
	return svc.changeStatus(ctx, caller, func(s talk.Status) talk.Status {
		s = s.WithoutMessage()
		if icon != "" || message != "" {
			s.Icon, s.Message, s.ClearAt = icon, message, clearAt
		}
		return s
	})
}

// SetPredefinedStatus stores one of the predefined messages. Failure: Invalid.
func (svc *Service) SetPredefinedStatus(ctx context.Context, caller talk.Caller, id string, clearAt int64) (talk.Status, error) {
	p, known := talk.PredefinedStatusByID(id)
	if !known || clearAt != 0 && clearAt <= svc.now().Unix() {
		return talk.Status{}, talk.Fail(talk.Invalid, "")
	}
	return svc.changeStatus(ctx, caller, func(s talk.Status) talk.Status {
		s.MessageID, s.Icon, s.Message, s.ClearAt = p.ID, p.Icon, p.Message, clearAt
		return s
	})
}

// ClearStatusMessage removes the caller's message, if there is one.
func (svc *Service) ClearStatusMessage(ctx context.Context, caller talk.Caller) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.LockAccount(tx, caller.UserID); err != nil {
			return err
		}
		s, err := store.Status(tx, caller.UserID)
		if errors.Is(err, db.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return store.SetStatus(tx, s.WithoutMessage())
	})
}

// RevertStatus ends a temporary status of the caller that has the message.
// Failure: NotFound when there is nothing to go back to.
func (svc *Service) RevertStatus(ctx context.Context, caller talk.Caller, messageID string) (s talk.Status, err error) {
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		if err = store.LockAccount(tx, caller.UserID); err != nil {
			return noStatus(err)
		}
		s, err = store.RevertStatus(tx, caller.UserID, messageID)
		s = s.At(tx.Now())
		return noStatus(err)
	})
	return s, err
}

// Pulse notes a sign of life of the caller. kept tells that the caller's own
// choice stays as it is. Failure: Invalid unless found is online or away.
func (svc *Service) Pulse(ctx context.Context, caller talk.Caller, found talk.Availability) (s talk.Status, kept bool, err error) {
	var renew bool
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		s, renew, kept, err = pulse(tx, caller, found)
		return err
	})
	if err != nil || !renew {
		return s, kept, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		if err = store.LockAccount(tx, caller.UserID); err != nil {
			return err
		}
		if s, renew, kept, err = pulse(tx, caller, found); err != nil || !renew {
			return err
		}
		return store.SetStatus(tx, s)
	})
	return s, kept, err
}

func pulse(tx *db.Tx, caller talk.Caller, found talk.Availability) (s talk.Status, renew, kept bool, err error) {
	s, err = store.Status(tx, caller.UserID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return s, false, false, err
	}
	if err != nil {
		s = talk.Status{UserID: caller.UserID, Availability: talk.Offline}
	}
	return s.Pulse(found, tx.Now())
}

// StatusOf returns the status of an account as others see it. Failure: NotFound.
func (svc *Service) StatusOf(ctx context.Context, userID string) (s talk.Status, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err = shown(tx, userID)
		s = s.ForOthers()
		return err
	})
	return s, err
}

// Statuses returns what people show, the latest sign of life first; limit 0 is
// for all.
func (svc *Service) Statuses(ctx context.Context, limit, offset int) (all []talk.Status, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all, err = store.RecentStatuses(tx, store.Page{Limit: limit, Offset: max(offset, 0)})
		if err != nil {
			return err
		}
		ids := make([]string, len(all))
		for i := range all {
			ids[i] = all[i].UserID
		}
		now, err := calls.Statuses(tx, ids)
		for i := range all {
			all[i] = now[all[i].UserID].ForOthers()
		}
		return err
	})
	return all, err
}
