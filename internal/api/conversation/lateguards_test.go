package conversation_test

import (
	"testing"

	"parley/internal/talktest"
)

// Somebody who was let in before and is not any more hears nothing else than a
// stranger: the guard comes before whatever else is wrong with the request.
func TestGuardsThatAreCheckedLate(t *testing.T) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := talktest.Start(t, talktest.On(database.URL(t)))
			alice, bob := s.As("alice"), s.As("bob")
			s.As("carol")
			path := "v4/room/" + alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "r"}).Created().Text("token")
			alice.Post(path+"/participants", talktest.P{"newParticipant": "bob"}).OK()
			id := func(user string) any {
				for _, p := range alice.Get(path + "/participants").OK().List() {
					if p.Text("actorId") == user {
						return p.Number("attendeeId")
					}
				}
				t.Fatal(user, "is not there")
				return nil
			}
			moderator := talktest.P{"attendeeId": id("bob")}
			requests := func(status int) {
				t.Helper()
				bob.Post(path+"/participants", talktest.P{"newParticipant": "nobody"}).Expect(status)
				bob.Post(path + "/participants").Expect(status)
				bob.Put(path + "/attendees/permissions").Expect(status)
				bob.Delete(path+"/attendees", talktest.P{"attendeeId": "x"}).Expect(status)
				bob.Delete(path+"/attendees", talktest.P{"attendeeId": 999_999}).Expect(status)
				bob.Post(path + "/moderators").Expect(status)
			}
			for range 2 {
				alice.Post(path+"/moderators", moderator).OK()
				bob.Post(path+"/participants", talktest.P{"newParticipant": "carol"}).OK()
				bob.Put(path+"/attendees/permissions", talktest.P{"attendeeId": id("carol"), "method": "set", "permissions": 30}).OK()
				bob.Delete(path+"/attendees", talktest.P{"attendeeId": id("carol")}).OK()
				bob.Put(path + "/attendees/permissions").Expect(400)
				alice.Delete(path+"/moderators", moderator).OK()
				requests(403)
			}
			alice.Post(path+"/moderators", moderator).OK()
			bob.Put(path + "/attendees/permissions").Expect(400)
			alice.Delete(path+"/attendees", moderator).OK()
			requests(404)
		})
	}
}
