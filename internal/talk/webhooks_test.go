package talk_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"parley/internal/talk"
)

// The secret, message and signature are the example of the specification of Standard Webhooks.
func TestWebhookSignature(t *testing.T) {
	w := talk.Webhook{Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	got, err := w.Sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := (&talk.Webhook{Secret: "x"}).Sign("a", 1, nil); err == nil {
		t.Error("a secret that is none signs")
	}
}

func TestWebhookCheck(t *testing.T) {
	secret := func(n int) string { return "whsec_" + base64.StdEncoding.EncodeToString(make([]byte, n)) }
	good := talk.Webhook{Name: "Archive", URL: "https://archive.example.org/in?x=y", Secret: secret(32)}
	for word, cases := range map[string][]func(*talk.Webhook){
		"": {
			func(*talk.Webhook) {},
			func(w *talk.Webhook) { w.URL, w.Secret = "http://127.0.0.1:9000", secret(24) },
			func(w *talk.Webhook) { w.Kinds, w.Secret = talk.EventKinds(), secret(64) },
		},
		"name": {
			func(w *talk.Webhook) { w.Name = "" },
			func(w *talk.Webhook) { w.Name = strings.Repeat("ä", 65) },
			func(w *talk.Webhook) { w.Name = "a\x00b" },
		},
		"secret": {
			func(w *talk.Webhook) { w.Secret = secret(23) },
			func(w *talk.Webhook) { w.Secret = secret(65) },
			func(w *talk.Webhook) { w.Secret = strings.TrimPrefix(w.Secret, "whsec_") },
			func(w *talk.Webhook) { w.Secret = "whsec_%%%" },
		},
		"url": {
			func(w *talk.Webhook) { w.URL = "" },
			func(w *talk.Webhook) { w.URL = "ftp://archive.example.org" },
			func(w *talk.Webhook) { w.URL = "https://a:b@archive.example.org" },
			func(w *talk.Webhook) { w.URL = "https://" },
			func(w *talk.Webhook) { w.URL = "https://a.example.org/" + strings.Repeat("a", 4000) },
		},
		"event": {
			func(w *talk.Webhook) { w.Kinds = []talk.EventKind{talk.EventMessage, "nothing"} },
			func(w *talk.Webhook) { w.Kinds = []talk.EventKind{talk.EventLogBegins} },
		},
	} {
		for i, change := range cases {
			w := good
			change(&w)
			want := "<nil>"
			if word != "" {
				want = "invalid " + word
			}
			if got := reason(w.Check()); got != want {
				t.Errorf("%q %d: %q", word, i, got)
			}
		}
	}
}
