package main

import (
	"fmt"
	"strconv"

	"parley/internal/directory"
	"parley/internal/room"
	"parley/internal/server"
	"parley/internal/talk"
)

type roomCommands struct {
	List   roomList   `cmd:"" help:"List conversations."`
	Show   roomShow   `cmd:"" help:"Show a conversation and its participants."`
	Delete roomDelete `cmd:"" help:"Delete a conversation with everything in it."`

	Moderators roomModerators `cmd:"" help:"Show, make and unmake the moderators of a conversation."`
}

// typeNames are the kinds of conversations in words.
var typeNames = map[talk.RoomType]string{
	talk.OneToOne: "one-to-one", talk.Group: "group", talk.Public: "public",
	talk.Changelog: "changelog", talk.FormerOneToOne: "former one-to-one", talk.NoteToSelf: "note to self",
}

// roleNames are the roles of participants in words.
var roleNames = map[talk.ParticipantType]string{
	talk.Owner: "owner", talk.Moderator: "moderator", talk.Member: "member",
	talk.GuestRole: "guest", talk.SelfJoined: "self-joined", talk.GuestModerator: "guest moderator",
}

// roomView is a conversation for programs. Types and roles are the numbers of the API.
type roomView struct {
	Token        string            `json:"token"`
	Type         int               `json:"type"`
	Name         string            `json:"name"`
	LastActivity int64             `json:"lastActivity"`
	People       int               `json:"people"`
	Participants []participantView `json:"participants,omitempty"`
}

// participantView is a participant for programs.
type participantView struct {
	ActorType   string `json:"actorType"`
	ActorID     string `json:"actorId"`
	DisplayName string `json:"displayName"`
	Role        int    `json:"participantType"`
	Sessions    int    `json:"sessions"`
}

func newRoomView(r *talk.Room, people int) roomView {
	return roomView{Token: r.Token, Type: int(r.Type), Name: r.Name, LastActivity: r.LastActivity, People: people}
}

type roomList struct {
	admin
	Search string `arg:"" optional:"" help:"Part of the token or name."`
}

// Help is shown by --help.
func (*roomList) Help() string {
	return "Examples:\n  parley room list\n  parley room list plans --json"
}

// Run lists the conversations.
func (c *roomList) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		found, err := core.Conversations.RoomSummaries(t.ctx, directory.Page{Search: c.Search})
		if err != nil {
			return err
		}
		views, people := make([]roomView, len(found)), table{head: "TOKEN TYPE PEOPLE LAST-ACTIVITY NAME"}
		for i := range found {
			r := &found[i].Room
			views[i] = newRoomView(r, found[i].People)
			people.rows = append(people.rows, []string{
				r.Token, typeNames[r.Type], strconv.Itoa(found[i].People), day(r.LastActivity), r.Name,
			})
		}
		return t.show(c.admin, views, people)
	})
}

type roomShow struct {
	admin
	Token string `arg:"" help:"Token of the conversation, as in its address."`
}

// Help is shown by --help.
func (*roomShow) Help() string { return "Examples:\n  parley room show ab3de5fg" }

// Run shows the conversation.
func (c *roomShow) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		d, err := core.Conversations.RoomDetails(t.ctx, c.Token)
		if err != nil {
			return explainRoom(err, c.Token)
		}
		view, people := newRoomView(&d.Room, 0), table{head: "ROLE KIND ID NAME SESSIONS"}
		for _, e := range d.Entries {
			if !e.Actor.IsGroupOrTeam() {
				view.People++
			}
			view.Participants = append(view.Participants, participantView{
				string(e.Actor.Type), e.Actor.ID, e.DisplayName, int(e.Type), len(e.SessionIDs),
			})
			people.rows = append(people.rows, []string{
				roleNames[e.Type], string(e.Actor.Type), e.Actor.ID, or(e.DisplayName, "-"), strconv.Itoa(len(e.SessionIDs)),
			})
		}
		if !c.JSON {
			fmt.Fprintf(t.out, "%s: %s conversation %q\n\n", d.Room.Token, typeNames[d.Room.Type], d.Room.Name)
		}
		return t.show(c.admin, view, people)
	})
}

type roomDelete struct {
	admin
	Token string `arg:"" help:"Token of the conversation."`
}

// Help is shown by --help.
func (*roomDelete) Help() string { return "Examples:\n  parley room delete ab3de5fg" }

// Run deletes the conversation.
func (c *roomDelete) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		scope := room.Scope{Caller: operator(), Token: c.Token, Guard: talk.Guard{Need: talk.NeedRoom}}
		if err := core.Conversations.DeleteRoom(t.ctx, scope); err != nil {
			return explainRoom(err, c.Token)
		}
		return t.done(c.admin, changed{c.Token}, "conversation %s was deleted", c.Token)
	})
}

// explainRoom words a failure about a conversation.
func explainRoom(err error, token string) error {
	switch talk.KindOf(err) {
	case talk.NotFound:
		return fmt.Errorf("there is no conversation %s: parley room list shows all", token)
	case talk.Invalid:
		return fmt.Errorf("conversation %s is a one-to-one, which ends with its people: delete their accounts instead", token)
	}
	return err
}
