package store

import (
	"fmt"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/talk"
)

// Audience is whom a message concerns, beside those who only read it.
type Audience struct {
	// Author is left out.
	Author talk.Actor
	// Direct are accounts that are mentioned by name or answered, of which Replied is
	// answered.
	Direct  []string
	Replied string
	// Groups and Teams are those whose members are mentioned; All mentions everybody.
	Groups, Teams []string
	All           bool
	// Withdrawn are accounts that an edited message does not mention any more.
	Withdrawn []string
	// Default is the level at which those are notified who chose none.
	Default int
	// Lobby tells that people are kept in the lobby, and Enters that those without
	// permissions of their own are not.
	Lobby, Enters bool
	// Message is the message, 0 for the newest one of the conversation.
	Message int64
}

// reachable is the condition that an attendee a is an account other than the author that
// can be notified at all: it has a level, and is not kept in the lobby.
func (to *Audience) reachable() string {
	condition := "a.actor_type = 'users'"
	if to.Default == talk.NotifyNever {
		condition += " AND a.notification_level <> 0"
	}
	condition += fmt.Sprintf(" AND a.notification_level <> %d", talk.NotifyNever)
	if !to.Lobby {
		return condition
	}
	enters := "0"
	if to.Enters {
		enters = fmt.Sprint(int(talk.PermissionIgnoreLobby))
	}
	return condition + fmt.Sprintf(" AND (a.type IN (%d, %d) OR (CASE WHEN a.permissions <> 0 THEN a.permissions ELSE %s END) & %d <> 0)",
		talk.Owner, talk.Moderator, enters, talk.PermissionIgnoreLobby)
}

// notAuthor is the condition that the attendee a is not the one who wrote, whose id is $n.
func (to *Audience) notAuthor(n int) string {
	if to.Author.Type != talk.ActorUsers {
		return fmt.Sprintf("$%d <> ''", n) // takes the parameter all the same
	}
	return fmt.Sprintf("a.actor_id <> $%d", n)
}

// message is the id of the message in the room $1.
func (to *Audience) message() string {
	if to.Message != 0 {
		return fmt.Sprint(to.Message)
	}
	return "(SELECT newest_message_id FROM rooms WHERE id = $1)"
}

// MarkMentioned notes whom a message of a locked room mentions, so that they see it among
// what they have not read.
func MarkMentioned(tx *db.Tx, roomID int64, to Audience) error {
	if err := Locked(tx, roomID); err != nil {
		return err
	}
	if to.All {
		if err := tx.Run("UPDATE rooms SET all_mentioned_id = "+to.message()+" WHERE id = $1", roomID); err != nil {
			return err
		}
	}
	for _, part := range to.parts() {
		among, err := tx.Dialect.Values(part.ids)
		if err != nil {
			return err
		}
		set := "last_mention_message = " + to.message()
		if part.direct {
			set += ", last_mention_direct = " + to.message()
		}
		if err := tx.Run("UPDATE attendees AS a SET "+set+" WHERE a.room_id = $1 AND "+to.reachable()+" AND "+to.notAuthor(2)+
			" AND "+part.text(tx, 3), roomID, to.Author.ID, among); err != nil {
			return err
		}
	}
	return nil
}

// part are some of those whom a message mentions, in one way.
type part struct {
	ids []string
	// condition is that the attendee a is meant, where {ids} stands for column being
	// among the ids.
	condition, column string
	direct            bool
}

// text is the condition, with the ids as $n.
func (p *part) text(tx *db.Tx, n int) string {
	return strings.ReplaceAll(p.condition, "{ids}", tx.Dialect.Among(p.column, n))
}

// only is the audience that is mentioned as members of one group or team, if it is.
func (to *Audience) only(bundle talk.Actor) (one Audience) {
	if slices.Contains(to.Groups, bundle.ID) && bundle.Type == talk.ActorGroups {
		one.Groups = []string{bundle.ID}
	}
	if slices.Contains(to.Teams, bundle.ID) && bundle.Type == talk.ActorTeams {
		one.Teams = []string{bundle.ID}
	}
	return one
}

// parts are all of those whom a message mentions but for everybody.
func (to *Audience) parts() []part {
	var out []part
	add := func(ids []string, p part) {
		if len(ids) > 0 {
			p.ids = ids
			out = append(out, p)
		}
	}
	add(to.Direct, part{condition: "{ids}", column: "a.actor_id", direct: true})
	add(to.Groups, part{column: "g.actor_id", condition: `EXISTS (SELECT 1 FROM attendees g JOIN group_members gm ON gm.group_id = g.actor_id
		WHERE g.room_id = $1 AND g.actor_type = 'groups' AND {ids} AND gm.user_id = a.actor_id)`})
	add(to.Teams, part{column: "t.actor_id", condition: `a.actor_id IN (WITH RECURSIVE nested (team_id) AS (
			SELECT t.actor_id FROM attendees t WHERE t.room_id = $1 AND t.actor_type = 'circles' AND {ids}` + inward + `
		SELECT m.member_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'users'
		UNION SELECT gm.user_id FROM nested n JOIN team_members m ON m.team_id = n.team_id AND m.member_type = 'groups'
			JOIN group_members gm ON gm.group_id = m.member_id)`})
	return out
}
