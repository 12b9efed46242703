package main

import (
	"fmt"
	"strconv"

	"parley/internal/conversation"
	"parley/internal/room"
	"parley/internal/server"
	"parley/internal/talk"
)

type roomModerators struct {
	admin
	Token  string   `arg:"" help:"Token of the conversation."`
	Add    []string `name:"add" placeholder:"USER" help:"Participant who becomes a moderator; may be repeated."`
	Remove []string `name:"remove" placeholder:"USER" help:"Moderator who becomes a member; may be repeated."`
}

// Help is shown by --help.
func (*roomModerators) Help() string {
	return `The conversation tells of each change, like of one that a moderator makes. Owners stay
what they are.

Examples:
  parley room moderators ab3de5fg
  parley room moderators ab3de5fg --add alice --remove bob`
}

// Run changes the moderators, if asked to, and shows them.
func (c *roomModerators) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		scope := room.Scope{Caller: operator(), Token: c.Token, Guard: talk.Guard{Need: talk.NeedRoom}}
		for _, id := range c.Add {
			if err := core.Conversations.Promote(t.ctx, scope, conversation.Target{UserID: &id}); err != nil {
				return explainRole(err, c.Token, id)
			}
		}
		for _, id := range c.Remove {
			if err := core.Conversations.Demote(t.ctx, scope, conversation.Target{UserID: &id}); err != nil {
				return explainRole(err, c.Token, id)
			}
		}
		return c.show(t, core)
	})
}

func (c *roomModerators) show(t *terminal, core *server.Core) error {
	d, err := core.Conversations.RoomDetails(t.ctx, c.Token)
	if err != nil {
		return explainRoom(err, c.Token)
	}
	views, people := []participantView{}, table{head: "ROLE KIND ID NAME SESSIONS"}
	for i := range d.Entries {
		e := &d.Entries[i]
		if !e.IsModerator() {
			continue
		}
		views = append(views, participantView{string(e.Actor.Type), e.Actor.ID, e.DisplayName, int(e.Type), len(e.SessionIDs)})
		people.rows = append(people.rows, []string{
			roleNames[e.Type], string(e.Actor.Type), e.Actor.ID, or(e.DisplayName, "-"), strconv.Itoa(len(e.SessionIDs)),
		})
	}
	return t.show(c.admin, views, people)
}

// explainRole words a failure to change somebody's role.
func explainRole(err error, token, user string) error {
	switch talk.KindOf(err) {
	case talk.NotFound:
		return fmt.Errorf("there is no conversation %s, or %s is not in it: parley room show %s lists who is", token, user, token)
	case talk.Invalid:
		return fmt.Errorf("the role of %s cannot change that way: owners stay owners, and only members become moderators", user)
	}
	return explainRoom(err, token)
}
