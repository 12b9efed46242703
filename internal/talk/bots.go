package talk

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // it is what clients call a bot, nothing is protected by it
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode/utf8"
)

// BotFeatures are what a bot does, as a bit mask.
type BotFeatures int

// The features of bots.
const (
	// BotWebhook bots are told of messages.
	BotWebhook BotFeatures = 1
	// BotResponse bots write and react.
	BotResponse BotFeatures = 2
	// BotReaction bots are told of reactions.
	BotReaction BotFeatures = 8
)

// BotFeatureNames are what commands call the features.
var BotFeatureNames = map[string]BotFeatures{"webhook": BotWebhook, "response": BotResponse, "reaction": BotReaction}

// Has reports whether all bits of g are set.
func (f BotFeatures) Has(g BotFeatures) bool { return f&g == g }

// BotState is whether a bot can be used.
type BotState int

// The states of bots.
const (
	BotDisabled BotState = 0
	BotEnabled  BotState = 1
	// BotNoSetup bots are brought into conversations by the administrator alone.
	BotNoSetup BotState = 2
)

// MaxBotErrors is after how many failures in a row a bot is disabled.
const MaxBotErrors = 100

// Bot is a program that is told what happens in conversations.
type Bot struct {
	ID          int64
	Name        string
	URL         string
	URLHash     string
	Secret      string
	Description string
	Features    BotFeatures
	State       BotState
	// ErrorCount is how many deliveries failed since the last one that did not.
	ErrorCount  int
	LastErrorAt int64
	LastError   string
}

// Actor is the bot as the author of messages.
func (b *Bot) Actor() Actor { return Actor{ActorBots, BotPrefix + b.URLHash} }

// BotPrefix begins the ids of bots that were installed.
const BotPrefix = "bot-"

// ShownName is what the bot is called in messages.
func (b *Bot) ShownName() string { return b.Name + " (Bot)" }

// Check validates a bot that is to be installed. Failures: Invalid "name", "secret",
// "url", "description".
func (b *Bot) Check() error {
	length := utf8.RuneCountInString
	switch {
	case b.Name == "" || length(b.Name) > 64 || !PlainText(b.Name):
		return Fail(Invalid, "name")
	case len(b.Secret) < 40 || len(b.Secret) > 128:
		return Fail(Invalid, "secret")
	case !isTarget(b.URL):
		return Fail(Invalid, "url")
	case length(b.Description) > 4000 || !PlainText(b.Description):
		return Fail(Invalid, "description")
	}
	sum := sha1.Sum([]byte(b.URL)) //nolint:gosec // see the import
	b.URLHash = hex.EncodeToString(sum[:])
	return nil
}

// isTarget reports whether the server can send requests to an address: http or https, without a
// password.
func isTarget(text string) bool {
	address, err := url.Parse(text)
	return err == nil && len(text) <= 4000 && address.Host != "" && address.User == nil && (address.Scheme == "http" || address.Scheme == "https")
}

// minBotRandom is the least number of bytes that a bot adds to what it signs.
const minBotRandom = 32

// BotProof is how a bot shows that it knows its secret.
type BotProof struct {
	// Random is text of the bot's choice, Signature the hexadecimal HMAC-SHA256 of Random
	// and what it says.
	Random, Signature string
}

// Complete reports whether the proof can be one.
func (p BotProof) Complete() bool { return len(p.Random) >= minBotRandom && p.Signature != "" }

// Valid reports whether the proof was made with the bot's secret for a text.
func (p BotProof) Valid(b *Bot, text string) bool {
	return p.Complete() && hmac.Equal([]byte(Sign(b.Secret, p.Random, text)), []byte(strings.ToLower(p.Signature)))
}

// Sign returns the hexadecimal HMAC-SHA256 of a random text and another one.
func Sign(secret, random, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(random))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// CanHaveBots reports why nobody can bring bots into a conversation.
func (r *Room) CanHaveBots() error {
	if r.Type == FormerOneToOne || r.Type == Changelog {
		return Fail(Invalid, "room")
	}
	return nil
}
