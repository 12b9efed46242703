package config

import (
	"net/url"
	"strings"
)

// mask stands where a secret was.
const mask = "***"

// Masked returns a copy of c for printing, in which every secret that is set is ***.
func (c Config) Masked() Config {
	c.Database = maskURL(c.Database)
	c.NATS = maskURLs(c.NATS)
	c.SMTPURL = maskURL(c.SMTPURL)
	c.Admin = maskAfterColon(c.Admin)
	c.SIPSecret = maskAll(c.SIPSecret)
	c.TURNSecret = maskAll(c.TURNSecret)
	c.SignalingSecret = maskAll(c.SignalingSecret)
	return c
}

// maskAll hides all of a secret, but not whether there is one.
func maskAll(s string) string {
	if s == "" {
		return ""
	}
	return mask
}

// maskAfterColon keeps the user of user:password.
func maskAfterColon(s string) string {
	user, _, ok := strings.Cut(s, ":")
	if !ok {
		return maskAll(s)
	}
	return user + ":" + mask
}

// maskURLs masks each address of a comma list.
func maskURLs(s string) string {
	list := strings.Split(s, ",")
	for i := range list {
		list[i] = maskURL(strings.TrimSpace(list[i]))
	}
	return strings.Join(list, ",")
}

// maskURL hides the password of an address and the values of its query, where
// PostgreSQL takes passwords, too. What is no address is hidden whole; a SQLite
// file has no password.
func maskURL(s string) string {
	if s == "" || strings.HasPrefix(s, "sqlite:") {
		return s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return mask
	}
	masked := u.Scheme + "://" + maskUser(u.User) + u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		masked += "?" + mask
	}
	return masked
}

// maskUser returns the part of an address before the host. A user without a password
// may be a token, as NATS has it, and is hidden.
func maskUser(user *url.Userinfo) string {
	if user == nil {
		return ""
	}
	if _, ok := user.Password(); !ok {
		return mask + "@"
	}
	return url.User(user.Username()).String() + ":" + mask + "@"
}
