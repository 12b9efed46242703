// Package bot has the endpoints of bots: route rows, wire structs and thin handlers.
package bot

import (
	"parley/internal/bot"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct{ bots *bot.Service }

// New returns the handlers over the use cases.
func New(b *bot.Service) *API { return &API{bots: b} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Bots", Operations: docs()}}}
}

func (a *API) rows() []ocs.Route {
	row := ocs.Row
	const v1, login, admin, signed = ocs.V1, ocs.Login, ocs.Login | ocs.Admin, ocs.CountBots
	moderator := talk.Guard{Need: talk.NeedAccountModerator}
	return []ocs.Route{
		row(v1, "GET /bot/admin", admin, ocs.NoGuard, ocs.Plain(a.listAllBots)),
		row(v1, "GET /bot/{token}", login, moderator, ocs.Plain(a.listBots)),
		row(v1, "POST /bot/{token}/{botId}", login, moderator, ocs.Plain(a.enableBot)),
		row(v1, "DELETE /bot/{token}/{botId}", login, moderator, ocs.Plain(a.disableBot)),
		row(v1, "POST /bot/{token}/message", signed, ocs.NoGuard, ocs.With(a.sayAsBot)),
		row(v1, "POST /bot/{token}/reaction/{chatMessageId}", signed, ocs.NoGuard, ocs.With(a.reactAsBot)),
		row(v1, "DELETE /bot/{token}/reaction/{chatMessageId}", signed, ocs.NoGuard, ocs.With(a.unreactAsBot)),
	}
}

func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listAllBots": {Summary: "List all bots of the server", Answers: ocs.Same([]botData{})},
		"listBots":    {Summary: "List the bots that can be in a conversation", Answers: ocs.Same([]roomBot{})},
		"enableBot": {
			Summary: "Bring a bot into a conversation", Answers: ocs.Same(roomBot{}), Also: []int{ocs.StatusCreated},
			Fails: []talk.Kind{talk.Invalid},
		},
		"disableBot":   {Summary: "Take a bot out of a conversation", Answers: ocs.Same(roomBot{}), Fails: []talk.Kind{talk.Invalid}},
		"sayAsBot":     {Summary: "Send a message as a bot, signed by it", Also: []int{ocs.StatusCreated}, Fails: []talk.Kind{talk.TooLarge}},
		"reactAsBot":   {Summary: "React to a message as a bot, signed by it", Also: []int{ocs.StatusCreated}},
		"unreactAsBot": {Summary: "Take a reaction of a bot back, signed by it"},
	}
}
