// Package talktest is the test kit: real databases and real servers for the tests of
// all other packages. Only tests import it, and bench for its PostgreSQL.
//
//	srv := talktest.Start(t)
//	token := srv.As("alice").Post("v4/room", talktest.P{"roomType": 3, "roomName": "Plans"}).Created().Text("token")
//	srv.Guest().Post("v4/room/" + token + "/participants/active").OK()
//	srv.Advance(2 * time.Minute)
package talktest
