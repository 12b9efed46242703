package imitations_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

// registerForPush makes the server push by the service of a distributor on the phone.
func (a androidPhone) registerForPush() {
	a.t.Helper()
	const push = ocsV2 + "/apps/notifications/api/v2/webpush"
	kinds := strings.Join(a.get(ocsV2+"/cloud/capabilities").data().get("capabilities", "notifications", "push").texts(), " ")
	if !strings.Contains(kinds, "webpush") {
		a.t.Fatalf("the server pushes by %q", kinds)
	}
	own, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	secret := []byte("sixteen letters.")
	pushed := make(chan []byte, 10)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		body, _ := io.ReadAll(r.Body) // what is cut short cannot be opened
		select {
		case pushed <- body:
		default: // nobody waits for it any more
		}
	}))
	a.t.(*testing.T).Cleanup(service.Close)
	encode := base64.RawURLEncoding.EncodeToString
	if key, err := base64.RawURLEncoding.DecodeString(a.get(push + "/vapid").data().get("vapid").text()); err != nil || len(key) != 65 {
		a.t.Fatalf("the key of the server: %d bytes, %v", len(key), err)
	}
	a.ask("POST", push, query("endpoint", service.URL+"/1", "uaPublicKey", encode(own.PublicKey().Bytes()), "auth", encode(secret), "appTypes", "all,-settings")).
		status(http.StatusCreated)
	var told struct{ ActivationToken string }
	select {
	case body := <-pushed:
		plain, err := talktest.OpenPush(own, secret, body)
		if err != nil || json.Unmarshal(plain, &told) != nil {
			a.t.Fatalf("the phone cannot read %q: %v", plain, err)
		}
	case <-time.After(20 * time.Second):
		a.t.Fatal("nothing was pushed")
	}
	a.ask("POST", push+"/activate", query("activationToken", told.ActivationToken)).status(http.StatusAccepted)
}
