package directory_test

import (
	"net/http"

	"parley/internal/talktest"
)

// newTeam lets alice create a team.
func newTeam(srv *talktest.Server, name string, members ...talktest.P) string {
	id := srv.As("alice").Post("/apps/circles/circles", talktest.P{"name": name}).OK().Text("id")
	for _, m := range members {
		srv.As("alice").Post("/apps/circles/circles/"+id+"/members", m).OK()
	}
	return id
}

// newRoom lets alice create a conversation.
func newRoom(srv *talktest.Server, params ...talktest.P) string {
	return newGroup(srv.As("alice"), params...)
}

func newGroup(c *talktest.Client, params ...talktest.P) string {
	all := append([]talktest.P{{"roomType": 2, "roomName": "Room"}}, params...)
	return c.Post("v4/room", all...).Expect(http.StatusCreated).Text("token")
}

func addTo(srv *talktest.Server, token, source, id string) *talktest.Reply {
	return srv.As("alice").Post("v4/room/"+token+"/participants", talktest.P{"source": source, "newParticipant": id})
}
