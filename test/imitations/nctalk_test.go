package imitations_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"parley/internal/talktest"
)

// ncRooms is the list of conversations as the bridge types it. It fails as a whole when one field
// is of another kind.
type ncRooms struct {
	OCS struct {
		Data []struct {
			Token                 string
			Name                  string
			DisplayName           string
			SessionID             string
			ObjectType            string
			ObjectID              string
			Type                  int
			ParticipantType       int
			ParticipantFlags      int
			ReadOnly              int
			LastPing              int
			LastActivity          int
			NotificationLevel     int
			LobbyState            int
			LobbyTimer            int
			UnreadMessages        int
			LastReadMessage       int
			HasPassword           bool
			HasCall               bool
			CanStartCall          bool
			CanDeleteConversation bool
			CanLeaveConversation  bool
			IsFavorite            bool
			UnreadMention         bool
			LastMessage           ncMessage
		}
	}
}

type ncMessage struct {
	ID                int
	ActorType         string
	ActorID           string
	ActorDisplayName  string
	Timestamp         int
	SystemMessage     string
	Message           string
	MessageType       string
	MessageParameters json.RawMessage
}

type ncMessages struct {
	OCS struct{ Data []ncMessage }
}

type ncSaid struct {
	OCS struct{ Data ncMessage }
}

type ncCapabilities struct {
	OCS struct {
		Data struct {
			Capabilities struct {
				Spreed struct {
					Features []string
					Config   map[string]map[string]any
				}
			}
		}
	}
}

// TestBridge is what a bridge to other chats does: no cookies, no flow of log-in, a poll by which
// it hears, and messages in the address with an empty body that says it is JSON.
func TestBridge(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		a := &app{Client: s.Anonymous(), t: t, server: s, headers: map[string]string{"OCS-APIRequest": "true", "Accept": "application/json", "Content-Type": "application/json"}}
		a.as("bob", talktest.PasswordOf("bob"))
		can := decode[ncCapabilities](a.ask("GET", ocsV2+"/cloud/capabilities").status(http.StatusOK).value)
		if len(can.OCS.Data.Capabilities.Spreed.Features) == 0 {
			t.Fatal("the server can nothing")
		}
		chat := talk1 + "/chat/" + token
		first := decode[ncMessages](a.ask("GET", chat, query("includeLastKnown", "0", "lookIntoFuture", "0")).status(http.StatusOK, http.StatusNotModified).value)
		found := false
		for _, room := range decode[ncRooms](a.ask("GET", talk4+"/room").status(http.StatusOK).value).OCS.Data {
			found = found || room.Token == token && room.LastMessage.ID > 0
		}
		if !found || len(first.OCS.Data) == 0 {
			t.Fatalf("the conversation is not found, or has %d messages", len(first.OCS.Data))
		}
		last := first.OCS.Data[0].ID
		a.ask("GET", chat, query("lookIntoFuture", "1", "timeout", "0", "lastKnownMessageId", strconv.Itoa(last))).status(http.StatusNotModified)
		said := decode[ncSaid](a.ask("POST", chat, query("message", "bridged", "replyTo", "0"), header("Content-Type", "application/json")).status(http.StatusCreated).value)
		s.As("alice").Post("v1/chat/"+token, talktest.P{"message": "answer"}).Created()
		news := a.ask("GET", chat, query("lookIntoFuture", "1", "timeout", "30", "lastKnownMessageId", strconv.Itoa(last))).status(http.StatusOK)
		got := decode[ncMessages](news.value).OCS.Data
		given, err := strconv.Atoi(news.head("X-Chat-Last-Given"))
		if err != nil || len(got) != 2 || got[0].Message != "bridged" || got[0].MessageType != "comment" || given != got[1].ID {
			t.Fatalf("the bridge hears %s up to %d", news.raw, given)
		}
		a.ask("DELETE", fmt.Sprintf("%s//chat/%s/%d", talk1, token, said.OCS.Data.ID)).status(http.StatusOK, http.StatusAccepted)
		a.ask("GET", talk1+"/chat/nothing", query("lookIntoFuture", "0")).status(http.StatusNotFound)
	})
}

// TestPython is the Python library: it looks up headers and the state of each answer unchecked.
func TestPython(t *testing.T) {
	both(t, func(t *testing.T, s *talktest.Server, token string) {
		a := newApp(t, s, map[string]string{"OCS-APIRequest": "true", "Accept": "application/json", "User-Agent": "nc_py_api/0.20"}).as("bob", s.Device("bob").Password)
		if me := a.ask("GET", ocsV1+"/cloud/user", query("format", "json")).data(); me.get("id").text() != "bob" {
			t.Fatalf("the person is %s", me.raw)
		}
		a.ask("GET", ocsV1+"/cloud/capabilities", query("format", "json")).data().get("capabilities", "spreed", "features").texts()
		list := a.ask("GET", talk4+"/room", query("noStatusUpdate", "1", "includeStatus", "0", "modifiedSince", "0"))
		list.head("X-Nextcloud-Talk-Hash")
		list.head("X-Nextcloud-Talk-Modified-Before")
		pick(list.data().list(), "token", token)
		a.ask("GET", talk4+"/room/"+token).head("X-Nextcloud-Talk-Hash")
		room := a.ask("POST", talk4+"/room", asJSON(`{"roomType":2,"invite":"","source":"","roomName":"Py","objectType":"","objectId":""}`)).status(http.StatusCreated).data()
		own := talk4 + "/room/" + room.get("token").text()
		a.ask("PUT", own, query("roomName", "Python")).data()
		a.ask("PUT", own+"/description", query("description", "x")).data()
		said := a.ask("POST", talk1+"/chat/"+token, asJSON(`{"message":"hi","actorDisplayName":"","replyTo":0,"silent":false,"referenceId":"%064d"}`, 7)).status(http.StatusCreated).data()
		a.ask("GET", talk1+"/chat/"+token, query("lookIntoFuture", "0", "limit", "100", "timeout", "30", "noStatusUpdate", "1")).data().list()
		a.ask("DELETE", fmt.Sprintf("%s/chat/%s/%d", talk1, token, said.get("id").number())).data()
		a.ask("DELETE", own).data()
	})
}
