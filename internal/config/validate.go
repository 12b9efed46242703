package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// check is one rule about the settings: what must be true, and what to do when it is not.
type check struct {
	ok   bool
	todo string
}

// first returns the first check that fails as an error of one line. The texts are
// fixed, so that no value, which may be a secret, is repeated in an error.
func first(checks []check) error {
	for _, c := range checks {
		if !c.ok {
			return errors.New(c.todo)
		}
	}
	return nil
}

// Validate returns an error that says what to change when a value cannot work.
func (s Storage) Validate() error {
	return first([]check{
		{s.Data != "", "--data (PARLEY_DATA) is empty: name a folder, such as ./data"},
		{validDatabase(s.Database), "--database (PARLEY_DATABASE) must be sqlite:<file> or postgres://user:password@host/name"},
		{s.PasswordMin >= 0 && s.PasswordMin <= maxPasswordMin, "--password-min (PARLEY_PASSWORD_MIN) must be a number of characters from 0 to 128"},
		{validNATS(s.NATS), "--nats (PARLEY_NATS) must be nats://host:port or tls://host:port, several separated by commas"},
		{s.NATS == "" || s.onPostgres(), "--nats (PARLEY_NATS) is for several nodes, which SQLite cannot have: leave it out, or set --database (PARLEY_DATABASE) to a PostgreSQL"},
	})
}

// Validate returns an error that says what to change when a value cannot work, or
// when values contradict each other.
func (c Config) Validate() error {
	if err := c.Storage.Validate(); err != nil {
		return err
	}
	return first([]check{
		{validHostPort(c.Listen), "--listen (PARLEY_LISTEN) must be host:port, such as 127.0.0.1:8080"},
		{c.URL == "" || validPublicURL(c.URL), "--url (PARLEY_URL) must be the address that people type, such as https://talk.example.org or https://example.org/talk: " +
			"no query, fragment, user, backslash or dots in the path; a host in letters of its own as xn--…; a path that does not begin with a word of parley's own"},
		{c.Admin == "" || validAdmin(c.Admin), "--admin (PARLEY_ADMIN) must be user:password"},
		{c.SMTPURL == "" || validURL(c.SMTPURL, "smtp", "smtps"), "--smtp-url (PARLEY_SMTP_URL) must be smtp://user:password@host:port or smtps://…"},
		{c.MailFrom == "" || validAddress(c.MailFrom), "--mail-from (PARLEY_MAIL_FROM) must be a mail address, such as talk@example.org"},
		{c.SMTPURL == "" || c.MailFrom != "", "--smtp-url is set, but no sender: set --mail-from (PARLEY_MAIL_FROM), too"},
		{c.SignalingURL == "" || validURL(c.SignalingURL, "http", "https", "ws", "wss"), "--signaling-url (PARLEY_SIGNALING_URL) must be https://host or wss://host"},
		{(c.SignalingURL == "") == (c.SignalingSecret == ""), "external signaling needs both --signaling-url and --signaling-secret: set both or none"},
		{slices.Contains([]string{"", "builtin", "internal", "external"}, c.Signaling), "--signaling (PARLEY_SIGNALING) must be builtin, internal or external"},
		{c.Signaling != "external" || c.SignalingURL != "", "external signaling needs a server: set --signaling-url and --signaling-secret"},
		{validSTUN(c.STUN), "--stun (PARLEY_STUN) must be host:port, several separated by commas, or none"},
		{c.TURNURL == "" || validTURN(c.TURNURL), "--turn-url (PARLEY_TURN_URL) must be turn:host:port or turns:host:port, with ?transport=udp or ?transport=tcp if it takes only one of them"},
		{(c.TURNURL == "") == (c.TURNSecret == ""), "a TURN server needs both --turn-url and --turn-secret: set both or none"},
		{c.Memory >= 1 && c.Memory <= 1<<16, "--memory (PARLEY_MEMORY) must be a number of megabytes from 1 to 65536"},
		{c.MaxConnections >= 1 && c.MaxConnections <= 1<<20, "--max-connections (PARLEY_MAX_CONNECTIONS) must be a number from 1 to 1048576"},
		{c.Debug == "" || validLoopback(c.Debug), "--debug (PARLEY_DEBUG) must be host:port on a loopback address, such as 127.0.0.1:6060"},
		{slices.Contains([]string{"text", "json"}, c.LogFormat), "--log-format (PARLEY_LOG_FORMAT) must be text or json"},
		{slices.Contains([]string{"debug", "info", "warn", "error"}, c.LogLevel), "--log-level (PARLEY_LOG_LEVEL) must be debug, info, warn or error"},
	})
}

// maxPasswordMin is the longest password that everybody can be asked for, in characters.
const maxPasswordMin = 128

// validDatabase accepts the default (""), a SQLite file and a PostgreSQL address,
// whose host may be a parameter: the folder of a Unix socket does not fit elsewhere.
func validDatabase(s string) bool {
	if file, ok := strings.CutPrefix(s, "sqlite:"); ok {
		return file != ""
	}
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	known := u.Scheme == "postgres" || u.Scheme == "postgresql"
	return s == "" || known && (u.Host != "" || u.Query().Has("host"))
}

// onPostgres reports whether several nodes may work on the database.
func (s Storage) onPostgres() bool { return !strings.HasPrefix(s.DatabaseURL(), "sqlite:") }

// validNATS accepts no server ("") and a comma list of servers.
func validNATS(s string) bool {
	if s == "" {
		return true
	}
	for server := range strings.SplitSeq(s, ",") {
		if !validURL(strings.TrimSpace(server), "nats", "tls") {
			return false
		}
	}
	return true
}

// validSTUN accepts the default (""), no server and a comma list of servers.
func validSTUN(s string) bool {
	if s == "" || s == "none" {
		return true
	}
	return !slices.ContainsFunc(strings.Split(s, ","), func(server string) bool { return !validServer(strings.TrimSpace(server)) })
}

// validServer accepts a host and a port.
func validServer(s string) bool {
	host, port, err := net.SplitHostPort(s)
	n, wrong := strconv.ParseUint(port, 10, 16)
	return err == nil && wrong == nil && host != "" && n > 0
}

// validTURN accepts what [TURN] reads.
func validTURN(s string) bool {
	_, _, _, ok := TURN(s)
	return ok
}

// TURN takes the address of a TURN server (RFC 7065) apart: turn or turns, host and port, and
// the transports that it takes, "udp,tcp" if the address does not say.
func TURN(address string) (scheme, server, protocols string, ok bool) {
	scheme, rest, _ := strings.Cut(address, ":")
	server, query, _ := strings.Cut(rest, "?")
	protocols = "udp,tcp"
	if only, found := strings.CutPrefix(query, "transport="); found {
		protocols = only
	} else if query != "" {
		return "", "", "", false
	}
	ok = (scheme == "turn" || scheme == "turns") && validServer(server) && slices.Contains([]string{"udp,tcp", "udp", "tcp"}, protocols)
	return scheme, server, protocols, ok
}

// validURL accepts an address with a host and one of the schemes.
func validURL(s string, schemes ...string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && slices.Contains(schemes, u.Scheme)
}

// validPublicURL accepts an address from which links can be made.
func validPublicURL(s string) bool {
	_, ok := parseAddress(s)
	return ok
}

// validAdmin accepts a user and a password, both not empty.
func validAdmin(s string) bool {
	user, password, ok := strings.Cut(s, ":")
	return ok && user != "" && password != ""
}

// validAddress accepts what can stand in a From header.
func validAddress(s string) bool {
	_, err := mail.ParseAddress(s)
	return err == nil
}

// validHostPort accepts an optional host and a port from 0 to 65535.
func validHostPort(s string) bool {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// validLoopback accepts a host:port that other machines cannot reach.
func validLoopback(s string) bool {
	if !validHostPort(s) {
		return false
	}
	host, _, _ := net.SplitHostPort(s)
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}
