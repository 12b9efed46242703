package chat

import (
	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// readerOf is a caller as a reader of a conversation.
func readerOf(tx *db.Tx, r *talk.Room, caller talk.Caller) (talk.Reader, error) {
	reader := talk.Reader{Viewer: caller.Actor(), Room: r, RoomName: r.Name}
	partner, ok := talk.PairPartner(r.Name, caller.UserID)
	if r.Type != talk.OneToOne || !ok {
		return reader, nil
	}
	names, err := store.Names(tx, []string{partner})
	if reader.RoomName = partner; names[partner] != "" {
		reader.RoomName = names[partner]
	}
	return reader, err
}

// renderAll shows messages with the reactions that the reader gave, without parents.
func renderAll(tx *db.Tx, reader talk.Reader, me talk.Actor, all []*store.NamedMessage) ([]talk.Rendered, error) {
	var reacted []int64
	for _, m := range all {
		if len(m.Reactions) > 0 || m.Kind == talk.KindDeleted {
			reacted = append(reacted, m.ID)
		}
	}
	own, err := store.OwnReactions(tx, me, reacted)
	if err != nil {
		return nil, err
	}
	out := make([]talk.Rendered, len(all))
	for i, m := range all {
		out[i] = m.Render(reader)
		out[i].OwnReactions = own[m.ID]
	}
	return out, nil
}

// renderWithParents shows messages together with those that they answer or are about.
func renderWithParents(tx *db.Tx, reader talk.Reader, me talk.Actor, page []store.NamedMessage) ([]talk.Rendered, error) {
	var ids []int64
	for i := range page {
		if id := page[i].ParentID; id != 0 {
			ids = append(ids, id)
		}
	}
	parents, err := store.MessagesByID(tx, reader.Room.ID, ids)
	if err != nil {
		return nil, err
	}
	all := make([]*store.NamedMessage, 0, len(page)+len(parents))
	for i := range page {
		all = append(all, &page[i])
	}
	at := map[int64]int{}
	for id, m := range parents {
		at[id] = len(all)
		all = append(all, m)
	}
	shown, err := renderAll(tx, reader, me, all)
	if err != nil {
		return nil, err
	}
	for i := range page {
		m := &shown[i]
		if m.ParentID == 0 {
			continue
		}
		where, there := at[m.ParentID]
		m.ParentGone = !there
		if there && !shown[where].Expired(tx.Now()) {
			m.Parent = &shown[where]
		}
	}
	return shown[:len(page)], nil
}
