package conversation_test

import (
	"testing"

	"parley/internal/talktest"
)

func TestUnbind(t *testing.T) {
	srv := talktest.Start(t)
	alice := srv.As("alice")
	for object, status := range map[string]int{"event": 200, "instant_meeting": 200, "phone_temporary": 200, "phone_persist": 400} {
		token := newRoom(srv, talktest.P{"objectType": object, "objectId": "1#2"})
		reply := alice.Delete("v4/room/" + token + "/object").Expect(status)
		if status == 200 && (reply.Text("objectType") != "" || reply.Text("objectId") != "") {
			t.Errorf("%s: the conversation is still tied: %s", object, reply.Body)
		}
	}
	token := newRoom(srv)
	alice.Delete("v4/room/"+token+"/object").Fails(400, "object-type")
	srv.As("bob").Delete("v4/room/" + token + "/object").Expect(404)
}

func TestExtendedConversationNeedsItsOneToOne(t *testing.T) {
	srv := talktest.Start(t)
	srv.As("bob")
	carol := srv.As("carol")
	pair := srv.As("alice").Post("v4/room", talktest.P{"roomType": 1, "invite": "bob"}).Created().Text("token")
	extend := talktest.P{"roomType": 2, "roomName": "Both and Carol", "objectType": "extended_conversation"}
	for _, id := range []string{newRoom(srv), "nowhere"} {
		srv.As("alice").Post("v4/room", extend, talktest.P{"objectId": id}).Fails(400, "object")
	}
	carol.Post("v4/room", extend, talktest.P{"objectId": pair}).Fails(400, "object")
	srv.As("alice").Post("v4/room", extend, talktest.P{"objectId": pair}).Created()
}
