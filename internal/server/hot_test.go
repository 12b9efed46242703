package server_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"parley/internal/conversation"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// BenchmarkHotReads measures whole requests without the network: what parley
// adds to a bare handler.
func BenchmarkHotReads(b *testing.B) {
	srv := talktest.Start(b)
	for _, id := range []string{"alice", "bob"} {
		srv.As(id)
	}
	created, err := srv.Conversations.CreateRoom(b.Context(), talk.Caller{UserID: "alice", DisplayName: "alice"},
		conversation.NewRoom{Type: talk.Public, Name: "hot", Users: []string{"bob"}})
	if err != nil {
		b.Fatal(err)
	}
	password, err := srv.Auth.CreateAppPassword(b.Context(), "alice", "bench")
	if err != nil {
		b.Fatal(err)
	}
	for name, path := range map[string]string{"participants": "/room/" + created.Token + "/participants", "room": "/room/" + created.Token, "rooms": "/room"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, "/ocs/v2.php/apps/spreed/api/v4"+path, nil)
			r.SetBasicAuth("alice", password)
			r.Header.Set("OCS-APIRequest", "true")
			r.Header.Set("Accept", "application/json")
			for b.Loop() {
				w := httptest.NewRecorder()
				srv.Handler().ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
		})
	}
}
