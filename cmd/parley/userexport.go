package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"parley/internal/directory"
	"parley/internal/server"
	"parley/internal/store"
)

type userExport struct {
	admin
	ID string `arg:"" help:"User id."`
}

// Help is shown by --help.
func (*userExport) Help() string {
	return `Always JSON: account, groups, teams, telephone numbers, preferences, status, app passwords
by name, conversations with the person's role and settings in them, sessions, reactions, polls,
votes, reminders, notifications, and all messages that they wrote. Passwords, personal links and PINs are left out. Times are Unix seconds.

Examples:
  parley user export alice > alice.json`
}

// Views of a person's data. Numbers are those of the API.
type (
	personView struct {
		Account       userView           `json:"account"`
		Profile       map[string]string  `json:"profile"`
		Teams         []namedView        `json:"teams"`
		Phones        []string           `json:"telephoneNumbers"`
		Preferences   map[string]string  `json:"preferences"`
		Status        *statusView        `json:"status"`
		AppPasswords  []appPasswordView  `json:"appPasswords"`
		Conversations []conversationView `json:"conversations"`
		Sessions      []sessionView      `json:"sessions"`
		Reactions     []reactionView     `json:"reactions"`
		Polls         []pollView         `json:"polls"`
		Votes         []voteView         `json:"votes"`
		Reminders     []laterView        `json:"reminders"`
		Notifications []laterView        `json:"notifications"`
		Push          []pushView         `json:"pushSubscriptions"`
	}
	// pushView has no endpoint: whoever knows it can send something there.
	pushView struct {
		AppPassword int64  `json:"appPassword"`
		Service     string `json:"service"`
		Active      bool   `json:"active"`
		CreatedAt   int64  `json:"created"`
	}
	reactionView struct {
		Token     string `json:"token"`
		MessageID int64  `json:"messageId"`
		Emoji     string `json:"reaction"`
		CreatedAt int64  `json:"timestamp"`
	}
	pollView struct {
		Token    string   `json:"token"`
		ID       int64    `json:"id"`
		Question string   `json:"question"`
		Options  []string `json:"options"`
	}
	voteView struct {
		Token  string `json:"token"`
		PollID int64  `json:"pollId"`
		Option int    `json:"optionId"`
	}
	laterView struct {
		Token     string `json:"token"`
		MessageID int64  `json:"messageId,omitempty"`
		Subject   string `json:"subject,omitempty"`
		At        int64  `json:"timestamp"`
	}
	namedView struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	statusView struct {
		Availability string `json:"availability"`
		Icon         string `json:"icon"`
		Message      string `json:"message"`
		SeenAt       int64  `json:"seenAt"`
	}
	conversationView struct {
		Token             string `json:"token"`
		Type              int    `json:"type"`
		Name              string `json:"name"`
		Role              int    `json:"participantType"`
		Permissions       int    `json:"permissions"`
		Favorite          bool   `json:"favorite"`
		Archived          bool   `json:"archived"`
		Important         bool   `json:"important"`
		Sensitive         bool   `json:"sensitive"`
		NotificationLevel int    `json:"notificationLevel"`
		NotificationCalls int    `json:"notificationCalls"`
		LastReadMessage   int64  `json:"lastReadMessage"`
	}
	messageView struct {
		ID        int64  `json:"id"`
		Token     string `json:"token"`
		Timestamp int64  `json:"timestamp"`
		System    string `json:"systemMessage,omitempty"`
		Text      string `json:"message,omitempty"`
	}
)

// Run prints the data.
func (c *userExport) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		p, err := core.Directory.PersonalDataOf(t.ctx, c.ID)
		if err != nil {
			return explain(err, c.ID, "")
		}
		head, err := json.MarshalIndent(newPersonView(&p), "", "  ")
		if err != nil {
			return err
		}
		// Messages can be many: they are written as they are read.
		if err := t.lines(strings.TrimSuffix(string(head), "\n}") + ",\n  \"messages\": ["); err != nil {
			return err
		}
		separator := ""
		err = core.Directory.MessagesBy(t.ctx, p.Account.UserID, func(m *store.WrittenMessage) error {
			line, err := json.Marshal(messageView{m.ID, m.Token, m.Timestamp, string(m.System), m.Text})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(t.out, "%s    %s", separator, quoted(string(line)))
			separator = ",\n"
			return err
		})
		if err != nil {
			return err
		}
		if separator != "" {
			fmt.Fprintln(t.out)
		}
		return t.lines("  ]\n}")
	})
}

func newPersonView(p *directory.PersonalData) personView {
	v := personView{
		Account: newUserView(&p.Account), Profile: p.Account.Profile, Preferences: p.Preferences,
		Teams: []namedView{}, Phones: []string{}, AppPasswords: []appPasswordView{}, Conversations: []conversationView{},
		Sessions: newSessionViews(p.Sessions), Reactions: []reactionView{}, Polls: []pollView{}, Votes: []voteView{},
		Reminders: newLaterViews(p.Reminders), Notifications: newLaterViews(p.Notifications), Push: []pushView{},
	}
	for i := range p.Push {
		v.Push = append(v.Push, pushView{p.Push[i].AppPasswordID, p.Push[i].Service, p.Push[i].Active, p.Push[i].CreatedAt})
	}
	for _, r := range p.Reactions {
		v.Reactions = append(v.Reactions, reactionView(r))
	}
	for _, poll := range p.Polls {
		v.Polls = append(v.Polls, pollView(poll))
	}
	for _, vote := range p.Votes {
		v.Votes = append(v.Votes, voteView(vote))
	}
	for _, team := range p.Teams {
		v.Teams = append(v.Teams, namedView{team.ID, team.Name})
	}
	for _, phone := range p.Phones {
		v.Phones = append(v.Phones, phone.Number)
	}
	for _, a := range p.AppPasswords {
		v.AppPasswords = append(v.AppPasswords, appPasswordView{a.ID, a.Name, a.CreatedAt, a.LastUsedAt, a.Wiping})
	}
	if s := p.Status; s != nil {
		v.Status = &statusView{string(s.Availability), s.Icon, s.Message, s.SeenAt}
	}
	for i := range p.Memberships {
		r, a := &p.Memberships[i].Room, &p.Memberships[i].Attendee
		v.Conversations = append(v.Conversations, conversationView{
			Token: r.Token, Type: int(r.Type), Name: r.Name, Role: int(a.Type), Permissions: int(a.Permissions), Favorite: a.Favorite,
			Archived: a.Archived, Important: a.Important, Sensitive: a.Sensitive, NotificationLevel: a.NotificationLevel,
			NotificationCalls: a.NotificationCalls, LastReadMessage: a.LastReadMessage,
		})
	}
	return v
}

func newLaterViews(all []store.SetForLater) []laterView {
	out := make([]laterView, len(all))
	for i, s := range all {
		out[i] = laterView(s)
	}
	return out
}
