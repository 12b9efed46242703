package store

import (
	"maps"
	"slices"

	"parley/internal/db"
	"parley/internal/talk"
)

// AddNames adds the names of those whom messages mention, and of those who changed them.
// It asks only if there are any.
func AddNames(tx *db.Tx, all []*NamedMessage) error {
	accounts, others := map[string]bool{}, map[talk.Actor]bool{}
	rooms, bots := map[int64]bool{}, map[string]bool{}
	want := func(m *NamedMessage, who talk.Actor) {
		switch {
		case who.IsZero():
		case who.Type == talk.ActorUsers:
			accounts[who.ID] = true
		case who.Type == talk.ActorBots:
			bots[who.ID] = true
		default:
			others[who] = true
			rooms[m.RoomID] = true
		}
	}
	for _, m := range all {
		want(m, m.Editor)
		if m.Actor.Type == talk.ActorBots {
			want(m, m.Actor)
		}
		for _, mention := range m.Mentions {
			want(m, mention.Actor())
		}
	}
	names, err := Names(tx, slices.Collect(maps.Keys(accounts)))
	if err != nil {
		return err
	}
	here, err := namesIn(tx, slices.Collect(maps.Keys(rooms)), others)
	if err != nil {
		return err
	}
	called, err := botNames(tx, slices.Collect(maps.Keys(bots)))
	if err != nil {
		return err
	}
	for _, m := range all {
		m.addNames(names, here)
		if name, ok := called[m.Actor.ID]; ok {
			m.Names[m.Actor] = name
		}
	}
	return nil
}

func (m *NamedMessage) addNames(accounts map[string]string, here map[actorIn]string) {
	add := func(who talk.Actor) {
		name, ok := accounts[who.ID]
		if who.Type != talk.ActorUsers {
			name, ok = here[actorIn{m.RoomID, who}]
		}
		if ok {
			m.Names[who] = name
		}
	}
	add(m.Editor)
	for _, mention := range m.Mentions {
		add(mention.Actor())
	}
}

// actorIn is an actor in a room.
type actorIn struct {
	room int64
	who  talk.Actor
}

// namesIn returns the names that actors without accounts have in rooms.
func namesIn(tx *db.Tx, rooms []int64, actors map[talk.Actor]bool) (map[actorIn]string, error) {
	if len(actors) == 0 {
		return nil, nil
	}
	var ids []string
	for who := range actors {
		ids = append(ids, who.ID)
	}
	inRooms, err := tx.Dialect.Values(rooms)
	if err != nil {
		return nil, err
	}
	among, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	names := map[actorIn]string{}
	err = tx.Each(func(row db.Row) error {
		var at actorIn
		var name string
		err := row.Scan(&at.room, &at.who.Type, &at.who.ID, &name)
		names[at] = name
		return err
	}, `SELECT room_id, actor_type, actor_id, display_name FROM attendees WHERE actor_type <> 'users'
		AND `+tx.Dialect.Among("room_id", 1)+" AND "+tx.Dialect.Among("actor_id", 2), inRooms, among)
	return names, err
}
