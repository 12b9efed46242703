package store

import (
	"encoding/json"

	"parley/internal/db"
	"parley/internal/talk"
)

// NamedPoll is a poll with the name of its author.
type NamedPoll struct {
	talk.Poll
	AuthorName string
}

const pollQuery = `SELECT p.id, p.room_id, p.actor_type, p.actor_id, COALESCE(c.display_name, a.display_name, p.author_name), p.question,
	p.options, p.status, p.result_mode, p.max_votes, p.message_id FROM polls p
	LEFT JOIN accounts c ON p.actor_type = 'users' AND c.user_id = p.actor_id
	LEFT JOIN attendees a ON p.actor_type <> 'users' AND a.room_id = p.room_id AND a.actor_type = p.actor_type AND a.actor_id = p.actor_id WHERE `

func scanPoll(row db.Row, p *NamedPoll) error {
	var options string
	err := row.Scan(&p.ID, &p.RoomID, &p.Author.Type, &p.Author.ID, &p.AuthorName, &p.Question, &options, &p.Status, &p.ResultMode,
		&p.MaxVotes, &p.MessageID)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(options), &p.Options)
}

// Poll returns a poll of a room, or ErrNotFound.
func Poll(tx *db.Tx, roomID, id int64) (p NamedPoll, err error) {
	all, err := db.Collect(tx, scanPoll, pollQuery+"p.room_id = $1 AND p.id = $2", roomID, id)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return p, err
	}
	return all[0], nil
}

// maxDrafts bounds the drafts of a room that are shown.
const maxDrafts = 200

// DraftPolls returns the drafts of a room in the order in which they were made.
func DraftPolls(tx *db.Tx, roomID int64) ([]NamedPoll, error) {
	return db.Collect(tx, scanPoll, pollQuery+"p.room_id = $1 AND p.status = $2 ORDER BY p.id LIMIT $3", roomID, talk.PollIsDraft, maxDrafts)
}

// InsertPoll stores a new poll of a locked room and sets its id.
func InsertPoll(tx *db.Tx, p *NamedPoll) error {
	if err := Locked(tx, p.RoomID); err != nil {
		return err
	}
	options, err := json.Marshal(p.Options)
	if err != nil {
		return err
	}
	return tx.Insert(&p.ID, `INSERT INTO polls (room_id, actor_type, actor_id, author_name, question, options, status, result_mode, max_votes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
		p.RoomID, p.Author.Type, p.Author.ID, p.AuthorName, p.Question, string(options), p.Status, p.ResultMode, p.MaxVotes)
}

// UpdatePoll stores what changed of a poll of a locked room.
func UpdatePoll(tx *db.Tx, p *talk.Poll) error {
	options, err := json.Marshal(p.Options)
	if err != nil {
		return err
	}
	return change(tx, p.RoomID, `UPDATE polls SET question = $2, options = $3, status = $4, result_mode = $5, max_votes = $6, message_id = $7
		WHERE id = $1`, p.ID, p.Question, string(options), p.Status, p.ResultMode, p.MaxVotes, p.MessageID)
}

// DeletePoll removes a poll of a locked room.
func DeletePoll(tx *db.Tx, p *talk.Poll) error {
	return change(tx, p.RoomID, "DELETE FROM polls WHERE id = $1", p.ID)
}

// SetVote stores what somebody votes for in a poll of a locked room, in the place of what
// they voted for before.
func SetVote(tx *db.Tx, p *talk.Poll, who talk.Actor, name string, options []int) error {
	if err := change(tx, p.RoomID, "DELETE FROM poll_votes WHERE poll_id = $1 AND actor_type = $2 AND actor_id = $3",
		p.ID, who.Type, who.ID); err != nil {
		return err
	}
	for _, option := range options {
		if err := tx.Run("INSERT INTO poll_votes (poll_id, actor_type, actor_id, voter_name, option_id) VALUES ($1, $2, $3, $4, $5)",
			p.ID, who.Type, who.ID, name, option); err != nil {
			return err
		}
	}
	return nil
}

// PollResult is how a poll stands, counted by the database.
type PollResult struct {
	// Votes are by option; Own are the options of the one who asks.
	Votes  map[int]int
	Voters int
	Own    []int
}

// ResultOf returns how a poll stands.
func ResultOf(tx *db.Tx, poll int64, who talk.Actor) (r PollResult, err error) {
	r.Votes = map[int]int{}
	err = tx.Each(func(row db.Row) error {
		var option, votes int
		var own bool
		err := row.Scan(&option, &votes, &own)
		r.Votes[option] = votes
		if own {
			r.Own = append(r.Own, option)
		}
		return err
	}, `SELECT option_id, COUNT(*), MAX(CASE WHEN actor_type = $2 AND actor_id = $3 THEN 1 ELSE 0 END) = 1 FROM poll_votes WHERE poll_id = $1
		GROUP BY option_id ORDER BY option_id`, poll, who.Type, who.ID)
	if err != nil {
		return r, err
	}
	err = tx.QueryRow([]any{&r.Voters}, `SELECT COUNT(*) FROM (SELECT DISTINCT actor_type, actor_id FROM poll_votes WHERE poll_id = $1) AS voters`, poll)
	return r, err
}

// Vote is what somebody voted for.
type Vote struct {
	Actor  talk.Actor
	Name   string
	Option int
}

// VotesIn returns the votes in a poll of a room, in the order of those who voted.
func VotesIn(tx *db.Tx, p *talk.Poll) ([]Vote, error) {
	return db.Collect(tx, func(row db.Row, v *Vote) error { return row.Scan(&v.Actor.Type, &v.Actor.ID, &v.Name, &v.Option) },
		`SELECT v.actor_type, v.actor_id, COALESCE(c.display_name, a.display_name, v.voter_name), v.option_id FROM poll_votes v
		LEFT JOIN accounts c ON v.actor_type = 'users' AND c.user_id = v.actor_id
		LEFT JOIN attendees a ON v.actor_type <> 'users' AND a.room_id = $1 AND a.actor_type = v.actor_type AND a.actor_id = v.actor_id
		WHERE v.poll_id = $2 ORDER BY v.actor_type DESC, v.actor_id, v.option_id`, p.RoomID, p.ID)
}

// PollOfMessage returns the poll of a room that a message shows, or ErrNotFound.
func PollOfMessage(tx *db.Tx, roomID, message int64) (p NamedPoll, err error) {
	all, err := db.Collect(tx, scanPoll, pollQuery+"p.room_id = $1 AND p.message_id = $2", roomID, message)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return p, err
	}
	return all[0], nil
}
