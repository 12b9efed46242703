package config_test

import (
	"fmt"
	"strings"
	"testing"

	"parley/internal/config"
)

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*config.Config)
		want   string // part of the error, "" for valid
	}{
		{"default", func(*config.Config) {}, ""},
		{"all interfaces", func(c *config.Config) { c.Listen = ":80" }, ""},
		{"free port", func(c *config.Config) { c.Listen = "[::1]:0" }, ""},
		{"no port", func(c *config.Config) { c.Listen = "localhost" }, "--listen"},
		{"port too high", func(c *config.Config) { c.Listen = ":65536" }, "--listen"},
		{"named port", func(c *config.Config) { c.Listen = ":http" }, "--listen"},
		{"empty data", func(c *config.Config) { c.Data = "" }, "--data"},
		{"sqlite", func(c *config.Config) { c.Database = "sqlite:/tmp/x.db" }, ""},
		{"sqlite without file", func(c *config.Config) { c.Database = "sqlite:" }, "--database"},
		{"postgres", func(c *config.Config) { c.Database = "postgres://a:b@host/db?sslmode=disable" }, ""},
		{"postgres by socket", func(c *config.Config) { c.Database = "postgres:///db?host=/run/postgresql" }, ""},
		{"postgres nowhere", func(c *config.Config) { c.Database = "postgres:///db" }, "--database"},
		{"other database", func(c *config.Config) { c.Database = "mysql://host/db" }, "--database"},
		{"nats list", func(c *config.Config) { c.Database, c.NATS = "postgres://a:b@host/db", "nats://a:4222, tls://b:4222" }, ""},
		{"nats on SQLite", func(c *config.Config) { c.NATS = "nats://a:4222" }, "--nats"},
		{"nats on a SQLite file", func(c *config.Config) { c.Database, c.NATS = "sqlite:/tmp/x.db", "nats://a:4222" }, "--nats"},
		{"nats without scheme", func(c *config.Config) { c.NATS = "localhost:4222" }, "--nats"},
		{"url with path", func(c *config.Config) { c.URL = "https://example.org/talk" }, ""},
		{"url with query", func(c *config.Config) { c.URL = "https://example.org/?a" }, "--url"},
		{"url with user", func(c *config.Config) { c.URL = "https://me@example.org" }, "--url"},
		{"url of another kind", func(c *config.Config) { c.URL = "ftp://example.org" }, "--url"},
		{"admin", func(c *config.Config) { c.Admin = "root:a:b" }, ""},
		{"admin without password", func(c *config.Config) { c.Admin = "root:" }, "--admin"},
		{"admin without user", func(c *config.Config) { c.Admin = ":secret" }, "--admin"},
		{"mail", func(c *config.Config) { c.SMTPURL, c.MailFrom = "smtp://u:p@host:25", "Talk <t@example.org>" }, ""},
		{"mail without sender", func(c *config.Config) { c.SMTPURL = "smtp://host" }, "--mail-from"},
		{"bad sender", func(c *config.Config) { c.MailFrom = "talk" }, "--mail-from"},
		{"bad mail server", func(c *config.Config) { c.SMTPURL = "host:25" }, "--smtp-url"},
		{"signaling", func(c *config.Config) { c.SignalingURL, c.SignalingSecret = "wss://host", "s" }, ""},
		{"signaling without secret", func(c *config.Config) { c.SignalingURL = "https://host" }, "--signaling-secret"},
		{"signaling without address", func(c *config.Config) { c.SignalingSecret = "s" }, "--signaling-url"},
		{"bad signaling address", func(c *config.Config) { c.SignalingURL = "host" }, "--signaling-url"},
		{"debug", func(c *config.Config) { c.Debug = "localhost:6060" }, ""},
		{"debug for everybody", func(c *config.Config) { c.Debug = ":6060" }, "--debug"},
		{"debug on another address", func(c *config.Config) { c.Debug = "192.0.2.1:6060" }, "--debug"},
		{"log format", func(c *config.Config) { c.LogFormat = "xml" }, "--log-format"},
		{"log level", func(c *config.Config) { c.LogLevel = "" }, "--log-level"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := config.Default()
			test.change(&c)
			err := c.Validate()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("Validate: %v, want %q", err, test.want)
			}
		})
	}
}

func TestMasked(t *testing.T) {
	c := config.Default()
	c.Database = "postgres://parley:hush@db/parley?password=hush"
	c.NATS = "nats://u:hush@a:4222,nats://hush@b:4222"
	c.SMTPURL = "smtp://u:hush@mail:25"
	c.Admin = "root:hush:hush"
	c.SIPSecret = "hush"
	c.SignalingSecret = "hush"
	if text := fmt.Sprintf("%+v", c.Masked()); strings.Contains(text, "hush") {
		t.Errorf("a secret is printed: %s", text)
	}
	for name, test := range map[string]struct{ got, want string }{
		"database": {c.Masked().Database, "postgres://parley:***@db/parley?***"},
		"nats":     {c.Masked().NATS, "nats://u:***@a:4222,nats://***@b:4222"},
		"admin":    {c.Masked().Admin, "root:***"},
		"sip":      {c.Masked().SIPSecret, "***"},
		"mail":     {c.Masked().SMTPURL, "smtp://u:***@mail:25"},
	} {
		if test.got != test.want {
			t.Errorf("%s = %q, want %q", name, test.got, test.want)
		}
	}
	if c.SIPSecret != "hush" {
		t.Error("Masked changed the original")
	}
}

func TestMaskedOddValues(t *testing.T) {
	for database, want := range map[string]string{
		"":                           "",
		"sqlite:/srv/parley.db":      "sqlite:/srv/parley.db",
		"host=db password=hush":      "***",
		"postgres://u:hu%zzsh@db/x":  "***",
		"postgres://db:5432/parley":  "postgres://db:5432/parley",
		"postgres://a%40b:x@db/name": "postgres://a%40b:***@db/name",
	} {
		c := config.Config{Storage: config.Storage{Database: database}}
		if got := c.Masked().Database; got != want {
			t.Errorf("masked %q = %q, want %q", database, got, want)
		}
	}
	if got := (config.Config{Admin: "hush"}).Masked().Admin; got != "***" {
		t.Errorf("admin without a colon is shown as %q", got)
	}
}
