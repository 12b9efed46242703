package talk

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Webhook is an address that the server sends events of all conversations to.
type Webhook struct {
	ID   int64
	Name string
	URL  string
	// Secret signs what is sent: WebhookSecretPrefix and 24 to 64 bytes in base64.
	Secret string
	// Kinds are the events that are sent, all of them without any.
	Kinds []EventKind
	// Active tells that events are sent.
	Active bool
	// FailingSince is when the first delivery failed after which none arrived, Unix seconds, 0
	// while they do.
	FailingSince int64
	LastError    string
	CreatedAt    int64
}

// WebhookSecretPrefix begins the secrets of webhooks.
const WebhookSecretPrefix = "whsec_"

// WebhookPatience is for how many seconds deliveries to a webhook may fail before it is
// switched off.
const WebhookPatience = 24 * 60 * 60

// Check validates a webhook that is to be added. Failures: Invalid "name", "secret", "url",
// "event".
func (w *Webhook) Check() error {
	_, errSecret := w.key()
	switch {
	case w.Name == "" || utf8.RuneCountInString(w.Name) > 64 || !PlainText(w.Name):
		return Fail(Invalid, "name")
	case errSecret != nil:
		return Fail(Invalid, "secret")
	case !isTarget(w.URL):
		return Fail(Invalid, "url")
	}
	for _, kind := range w.Kinds {
		if !slices.Contains(EventKinds(), kind) {
			return Fail(Invalid, "event")
		}
	}
	return nil
}

// key is the secret as bytes.
func (w *Webhook) key() ([]byte, error) {
	text, ok := strings.CutPrefix(w.Secret, WebhookSecretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < 24 || len(key) > 64 {
		return nil, Fail(Invalid, "secret")
	}
	return key, nil
}

// Sign returns the signature of a delivery as the convention "Standard Webhooks" has it: the
// base64 of the HMAC-SHA256 of id, time in Unix seconds and body, with points between them.
func (w *Webhook) Sign(id string, at int64, body []byte) (string, error) {
	key, err := w.key()
	if err != nil {
		return "", fmt.Errorf("webhook %d: %w", w.ID, err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at, 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}
