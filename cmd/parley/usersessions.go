package main

import (
	"time"

	"parley/internal/server"
	"parley/internal/store"
)

type userSessions struct {
	admin
	ID  string `arg:"" help:"User id."`
	End bool   `name:"end" help:"End them all."`
}

// Help is shown by --help.
func (*userSessions) Help() string {
	return `Conversations that the person has open now, with the last sign of life. --end closes them, as if
the person had gone; it does not log anybody out: see parley user app-password and parley user disable.
Times are UTC.

Examples:
  parley user sessions alice
  parley user sessions alice --end`
}

// sessionView is a session for programs.
type sessionView struct {
	Token    string `json:"token"`
	Name     string `json:"name"`
	LastPing int64  `json:"lastPing"`
	InCall   int    `json:"inCall"`
	State    int    `json:"state"`
}

func newSessionViews(all []store.UserSession) []sessionView {
	views := make([]sessionView, len(all))
	for i, s := range all {
		views[i] = sessionView{s.Token, s.RoomName, s.LastPing, int(s.InCall), s.State}
	}
	return views
}

// endedSessions tells programs how many sessions were ended.
type endedSessions struct {
	ID    string `json:"id"`
	Ended int    `json:"ended"`
}

// Run shows or ends the sessions.
func (c *userSessions) Run(t *terminal) error {
	return t.open(c.admin, func(core *server.Core) error {
		account, err := core.Directory.Account(t.ctx, c.ID)
		if err != nil {
			return explain(err, c.ID, "")
		}
		if c.End {
			n, err := core.Conversations.EndSessionsOf(t.ctx, operator(), account.UserID)
			if err != nil {
				return err
			}
			return t.done(c.admin, endedSessions{account.UserID, n}, "sessions of %s ended: %d", account.UserID, n)
		}
		all, err := core.Conversations.SessionsOf(t.ctx, account.UserID)
		if err != nil {
			return err
		}
		people := table{head: "TOKEN LAST-PING IN-CALL NAME"}
		for _, s := range all {
			inCall := "no"
			if s.InCall != 0 {
				inCall = "yes"
			}
			people.rows = append(people.rows, []string{s.Token, utcTime(time.Unix(s.LastPing, 0)), inCall, s.RoomName})
		}
		return t.show(c.admin, newSessionViews(all), people)
	})
}
