// Package config is the configuration of the server: one struct, filled from a TOML
// file, then the environment, then the flags (the later wins), and checked strictly.
//
// The struct tags are read by kong, so a command of cmd/parley gets all flags, their
// PARLEY_* variables, help texts and the --config file by embedding [Config], or
// [Storage] when it only works on the data.
package config

import (
	"log/slog"
	"net/netip"
	"path/filepath"
)

// Storage says where the data is and what may be stored; every command that touches
// it embeds this part.
type Storage struct {
	// Config is the file that the other values may come from, "" for none.
	Config File `name:"config" env:"PARLEY_CONFIG" placeholder:"FILE" help:"Read settings from this TOML file; its keys are the names of the flags."`
	// Data is the folder of everything that is not in the database.
	Data string `name:"data" env:"PARLEY_DATA" default:"./data" placeholder:"DIR" help:"Folder for the data (default ${default})."`
	// Database is sqlite:<file> or postgres://…; empty means the default, see [Storage.DatabaseURL].
	Database string `name:"database" env:"PARLEY_DATABASE" placeholder:"URL" help:"Database, sqlite:<file> or postgres://… (default sqlite:<data>/parley.db)."`
	// PasswordMin is how many characters passwords of accounts have at least; 0 switches
	// all rules about them off.
	PasswordMin int `name:"password-min" env:"PARLEY_PASSWORD_MIN" default:"8" placeholder:"N" help:"Shortest password of an account, in characters; 0 allows any password (default ${default})."`
	// NATS are the addresses of NATS servers by which nodes wake each other, separated by
	// commas; "" for the database.
	NATS string `name:"nats" env:"PARLEY_NATS" placeholder:"URL" help:"NATS servers, nats://user:password@host:port or tls://…, separated by commas: nodes on one PostgreSQL wake each other by them (default by PostgreSQL)."`
}

// Config is all that can be configured. [Default] returns it as it is when nothing is set.
type Config struct {
	Storage

	// Listen is the host:port to serve on; port 0 takes a free one.
	Listen string `name:"listen" env:"PARLEY_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to serve on (default ${default})."`
	// URL is the public address as it was typed, "" when nobody said; see [Config.Address].
	URL string `name:"url" env:"PARLEY_URL" help:"Public address, https://talk.example.org or https://example.org/talk; mail waits until it is set." placeholder:"URL"`
	// TrustedProxies may say in X-Forwarded-* headers who the client is.
	TrustedProxies Prefixes `name:"trusted-proxies" env:"PARLEY_TRUSTED_PROXIES" placeholder:"LIST" help:"Addresses and networks of trusted proxies, separated by commas."`
	// Admin is "user:password" of the account that is made when there is no admin yet.
	Admin string `name:"admin" env:"PARLEY_ADMIN" placeholder:"USER:PASSWORD" help:"First admin, created only while there is none."`
	// BruteForce slows down and finally refuses addresses that guess secrets.
	BruteForce Switch `name:"bruteforce" env:"PARLEY_BRUTEFORCE" default:"on" placeholder:"on|off" help:"Protection against guessing, --bruteforce=on or off (default ${default})."`
	// NeverBlock are networks in which nobody's failures are counted.
	NeverBlock Prefixes `name:"never-block" env:"PARLEY_NEVER_BLOCK" placeholder:"LIST" help:"Addresses and networks whose failures are never counted, separated by commas."`

	// SMTPURL is the mail server, "" to send no mail.
	SMTPURL string `name:"smtp-url" env:"PARLEY_SMTP_URL" placeholder:"URL" help:"Mail server, smtp://user:pass@host:port; without it invitations are kept and shown as not sent."`
	// MailFrom is the sender of all mail.
	MailFrom string `name:"mail-from" env:"PARLEY_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of the mail."`

	// AllowPrivate are networks that are not public and that bots, webhooks and push services
	// may be in.
	AllowPrivate Prefixes `name:"allow-private" env:"PARLEY_ALLOW_PRIVATE" placeholder:"LIST" help:"Private addresses and networks that bots and push services may be in, separated by commas."`

	// SIPSecret is shared with the SIP bridge, "" when there is none.
	SIPSecret string `name:"sip-secret" env:"PARLEY_SIP_SECRET" placeholder:"SECRET" help:"Secret shared with the SIP bridge."`
	// SIPDialinInfo tells people how to dial in.
	SIPDialinInfo string `name:"sip-dialin-info" env:"PARLEY_SIP_DIALIN_INFO" placeholder:"TEXT" help:"How to dial in, shown to participants."`

	// Signaling is how clients in a call reach each other: "builtin" by websockets of this server,
	// "internal" by asking it again and again, "external" by a signaling server, "" for external where there is one.
	Signaling string `name:"signaling" env:"PARLEY_SIGNALING" default:"" enum:",builtin,internal,external" placeholder:"builtin|internal|external" help:"How clients in a call reach each other (default external with --signaling-url, else internal)."`
	// SignalingURL is the external signaling server, "" for none.
	SignalingURL string `name:"signaling-url" env:"PARLEY_SIGNALING_URL" placeholder:"URL" help:"External signaling server; without it internal signaling."`
	// SignalingSecret is shared with the external signaling server.
	SignalingSecret string `name:"signaling-secret" env:"PARLEY_SIGNALING_SECRET" placeholder:"SECRET" help:"Secret shared with the signaling server."`

	// STUN are servers that tell clients their address, "none" for none.
	STUN string `name:"stun" env:"PARLEY_STUN" placeholder:"LIST" help:"STUN servers as host:port, separated by commas, or none (default stun.nextcloud.com:443)."`
	// TURNURL is a server that relays calls, "" for none.
	TURNURL string `name:"turn-url" env:"PARLEY_TURN_URL" placeholder:"URL" help:"TURN server that relays calls, turn:host:port or turns:host:port, with ?transport=udp or tcp for one of them."`
	// TURNSecret is shared with it.
	TURNSecret string `name:"turn-secret" env:"PARLEY_TURN_SECRET" placeholder:"SECRET" help:"Secret shared with the TURN server."`

	// Memory is how many megabytes answers are remembered in.
	Memory int `name:"memory" env:"PARLEY_MEMORY" default:"64" placeholder:"MB" help:"Megabytes to remember answers in (default ${default})."`

	// MaxConnections is how many clients may be connected at once.
	MaxConnections int `name:"max-connections" env:"PARLEY_MAX_CONNECTIONS" default:"10000" placeholder:"N" help:"Clients that may be connected at once (default ${default})."`

	// Debug is the host:port for metrics and profiles, on a loopback address; "" for none.
	Debug string `name:"debug" env:"PARLEY_DEBUG" placeholder:"HOST:PORT" help:"Serve /metrics and Go profiles on this loopback address (default off)."`
	// LogFormat is "text" or "json".
	LogFormat string `name:"log-format" env:"PARLEY_LOG_FORMAT" default:"text" enum:"text,json" help:"Format of the log: ${enum} (default ${default})."`
	// LogLevel is "debug", "info", "warn" or "error"; see [Config.Level].
	LogLevel string `name:"log-level" env:"PARLEY_LOG_LEVEL" default:"info" enum:"debug,info,warn,error" help:"Least severe lines to log: ${enum} (default ${default})."`
}

// Default returns the configuration that results when nothing is set.
func Default() Config {
	return Config{
		Storage:    Storage{Data: "./data", PasswordMin: 8},
		Listen:     "127.0.0.1:8080",
		BruteForce: true,
		Memory:     64,
		LogFormat:  "text",
		LogLevel:   "info",

		MaxConnections: 10_000,
	}
}

// DatabaseURL returns the database to open: the configured one, or the SQLite
// file parley.db in the data folder.
func (s Storage) DatabaseURL() string {
	if s.Database != "" {
		return s.Database
	}
	return "sqlite:" + filepath.Join(s.Data, "parley.db")
}

// Level returns the least severe level to log, "info" if LogLevel is none of the four.
func (c Config) Level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// Trusts reports whether addr belongs to a trusted proxy.
func (p Prefixes) Trusts(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}
