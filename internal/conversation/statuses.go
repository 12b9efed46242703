package conversation

import (
	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// maxStatusAttendees is how many attendees a conversation has at least for whose
// list no statuses are loaded.
const maxStatusAttendees = 100

// statusesFor returns the statuses of accounts as others see them; those who
// never had one are left out.
func statusesFor(tx *db.Tx, users []string) (map[string]talk.Status, error) {
	all, err := calls.Statuses(tx, users)
	for id, s := range all {
		all[id] = s.ForOthers()
	}
	return all, err
}

// addEntryStatuses tells of the accounts among participants what they show.
func addEntryStatuses(tx *db.Tx, entries []Entry) error {
	var users []string
	for _, e := range entries {
		if e.Actor.Type == talk.ActorUsers {
			users = append(users, e.Actor.ID)
		}
	}
	all, err := statusesFor(tx, users)
	for i := range entries {
		if s, ok := all[entries[i].Actor.ID]; ok && entries[i].Actor.Type == talk.ActorUsers {
			entries[i].Status = &s
		}
	}
	return err
}

// addPartnerStatuses tells of one-to-ones what the other one shows. fill makes
// those look offline who never showed anything, if somebody did.
func addPartnerStatuses(tx *db.Tx, views []RoomView, fill bool) error {
	var users []string
	for i := range views {
		if p := views[i].Partner; p != nil && !views[i].Waiting {
			users = append(users, p.UserID)
		}
	}
	all, err := statusesFor(tx, users)
	for i := range views {
		p := views[i].Partner
		if p == nil || views[i].Waiting {
			continue
		}
		if s, ok := all[p.UserID]; ok {
			p.Status = &s
		} else if fill && len(all) > 0 {
			p.Status = &talk.Status{UserID: p.UserID, Availability: talk.Offline}
		}
	}
	return err
}

// addStatus is addEntryStatuses for one participant; guests are told nothing.
func addStatus(c *room.Change, e *Entry) error {
	if !c.Caller.LoggedIn() {
		return nil
	}
	one := []Entry{*e}
	err := addEntryStatuses(c.Tx, one)
	*e = one[0]
	return err
}
