package config_test

import (
	"io"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/config"
)

// commands has two commands as cmd/parley has them, so that the tests see how
// flags of the same name in several commands behave.
type commands struct {
	Serve struct {
		config.Config
	} `cmd:""`
	User struct {
		config.Storage
		Admin string
	} `cmd:""`
}

// parse runs the command line with only the given PARLEY_* variables set.
func parse(t *testing.T, env map[string]string, args ...string) (commands, error) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "PARLEY_") {
			t.Setenv(name, "")
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, value := range env {
		t.Setenv(name, value)
	}
	var c commands
	app, err := kong.New(&c, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) { t.Error("exit was called") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = app.Parse(args)
	return c, err
}

// file writes a settings file and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parley.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDefaultIsWhatNothingGives(t *testing.T) {
	got, err := parse(t, nil, "serve")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(config.Default(), got.Serve.Config); diff != "" {
		t.Errorf("Default differs from the tags (-Default +tags):\n%s", diff)
	}
	if err := config.Default().Validate(); err != nil {
		t.Errorf("the default is not valid: %v", err)
	}
}

func TestOrderOfSources(t *testing.T) {
	path := file(t, `listen = "127.0.0.1:1"`)
	other := file(t, `listen = "127.0.0.1:4"`)
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"nothing":             {nil, nil, "127.0.0.1:8080"},
		"file":                {nil, []string{"--config", path}, "127.0.0.1:1"},
		"file by variable":    {map[string]string{"PARLEY_CONFIG": path}, nil, "127.0.0.1:1"},
		"variable":            {map[string]string{"PARLEY_LISTEN": "127.0.0.1:2"}, nil, "127.0.0.1:2"},
		"variable over file":  {map[string]string{"PARLEY_LISTEN": "127.0.0.1:2"}, []string{"--config", path}, "127.0.0.1:2"},
		"flag over variable":  {map[string]string{"PARLEY_LISTEN": "127.0.0.1:2"}, []string{"--listen", "127.0.0.1:3"}, "127.0.0.1:3"},
		"flag over file":      {nil, []string{"--listen", "127.0.0.1:3", "--config", path}, "127.0.0.1:3"},
		"file named by flag":  {map[string]string{"PARLEY_CONFIG": other}, []string{"--config", path}, "127.0.0.1:1"},
		"empty file variable": {map[string]string{"PARLEY_CONFIG": ""}, nil, "127.0.0.1:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, test.env, append([]string{"serve"}, test.args...)...)
			if err != nil || got.Serve.Listen != test.want {
				t.Errorf("listen = %q, %v, want %q", got.Serve.Listen, err, test.want)
			}
		})
	}
}

func TestEverySettingFromAFile(t *testing.T) {
	path := file(t, `
listen = "[::1]:9"
data = "/srv/parley"
database = "postgres://parley:pw@localhost/parley"
password-min = 12
nats = "nats://localhost:4222"
url = "https://talk.example.org"
trusted-proxies = ["10.0.0.1", "192.168.0.0/16"]
admin = "root:secret"
bruteforce = false
never-block = ["10.1.0.0/16", "2001:db8::/32"]
smtp-url = "smtp://localhost:25"
mail-from = "talk@example.org"
sip-secret = "sip"
sip-dialin-info = "Dial 1"
signaling-url = "https://signaling.example.org"
signaling-secret = "signaling"
memory = 32
max-connections = 7
debug = "127.0.0.1:6060"
log-format = "json"
log-level = "debug"
`)
	got, err := parse(t, nil, "serve", "--config", path)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Config{
		Storage: config.Storage{
			Config: config.File(path), Data: "/srv/parley",
			Database: "postgres://parley:pw@localhost/parley", PasswordMin: 12, NATS: "nats://localhost:4222",
		},
		Listen: "[::1]:9", URL: "https://talk.example.org",
		TrustedProxies: config.Prefixes{netip.MustParsePrefix("10.0.0.1/32"), netip.MustParsePrefix("192.168.0.0/16")},
		Admin:          "root:secret", BruteForce: false,
		NeverBlock: config.Prefixes{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("2001:db8::/32")},
		SMTPURL:    "smtp://localhost:25", MailFrom: "talk@example.org",
		SIPSecret: "sip", SIPDialinInfo: "Dial 1",
		SignalingURL: "https://signaling.example.org", SignalingSecret: "signaling",
		Memory: 32, MaxConnections: 7, Debug: "127.0.0.1:6060", LogFormat: "json", LogLevel: "debug",
	}
	if diff := cmp.Diff(want, got.Serve.Config, cmpopts.EquateComparable(netip.Prefix{})); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestFileIsSharedByCommands(t *testing.T) {
	path := file(t, "data = \"/srv/parley\"\nadmin = \"root:secret\"\nlisten = \"127.0.0.1:1\"")
	got, err := parse(t, nil, "user", "--config", path)
	if err != nil {
		t.Fatal(err)
	}
	if got.User.Data != "/srv/parley" {
		t.Errorf("data = %q", got.User.Data)
	}
	if got.User.Admin != "" {
		t.Errorf("a flag of the command that is no setting took %q from the file", got.User.Admin)
	}
}

func TestBadSources(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		want string
	}{
		"unknown key":     {nil, []string{"--config", file(t, `lisen = "x"`)}, `unknown key "lisen"`},
		"table":           {nil, []string{"--config", file(t, "[mail]\nfrom = \"x\"")}, `unknown key "mail"`},
		"file in file":    {nil, []string{"--config", file(t, `config = "x"`)}, `unknown key "config"`},
		"number":          {nil, []string{"--config", file(t, `listen = 1.5`)}, `the value of "listen"`},
		"mixed list":      {nil, []string{"--config", file(t, `trusted-proxies = [1]`)}, `the value of "trusted-proxies"`},
		"broken file":     {nil, []string{"--config", file(t, `listen =`)}, "line 1"},
		"missing file":    {nil, []string{"--config", "/does/not/exist.toml"}, "/does/not/exist.toml"},
		"bad switch":      {map[string]string{"PARLEY_BRUTEFORCE": "maybe"}, nil, "must be on or off"},
		"bad proxy":       {map[string]string{"PARLEY_TRUSTED_PROXIES": "10.0.0.1,proxy"}, nil, `"proxy" is no address`},
		"bad format":      {nil, []string{"--log-format", "xml"}, "--log-format"},
		"bad level":       {map[string]string{"PARLEY_LOG_LEVEL": "loud"}, nil, "--log-level"},
		"invalid value":   {nil, []string{"--listen", "8080"}, "must be host:port"},
		"value from file": {nil, []string{"--config", file(t, `url = "talk"`)}, "PARLEY_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(t, test.env, append([]string{"serve"}, test.args...)...)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.want)
			}
		})
	}
}

func TestSwitch(t *testing.T) {
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		want config.Switch
	}{
		"variable on":        {map[string]string{"PARLEY_BRUTEFORCE": "on"}, nil, true},
		"variable off":       {map[string]string{"PARLEY_BRUTEFORCE": "off"}, nil, false},
		"flag off":           {nil, []string{"--bruteforce=off"}, false},
		"flag over variable": {map[string]string{"PARLEY_BRUTEFORCE": "off"}, []string{"--bruteforce"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, test.env, append([]string{"serve"}, test.args...)...)
			if err != nil || got.Serve.BruteForce != test.want {
				t.Errorf("BruteForce = %v, %v, want %v", got.Serve.BruteForce, err, test.want)
			}
		})
	}
}

func TestDatabaseURL(t *testing.T) {
	for want, s := range map[string]config.Storage{
		"sqlite:data/parley.db": {Data: "./data"},
		"sqlite:/srv/parley.db": {Data: "/srv"},
		"postgres://host/name":  {Data: "./data", Database: "postgres://host/name"},
	} {
		if got := s.DatabaseURL(); got != want {
			t.Errorf("DatabaseURL of %+v = %q, want %q", s, got, want)
		}
	}
}

func TestTrusts(t *testing.T) {
	var p config.Prefixes
	if err := p.UnmarshalText([]byte(" 10.0.0.1, 192.168.7.9/16,,::ffff:172.16.0.1,fd00::/8,::ffff:100.64.0.0/106")); err != nil {
		t.Fatal(err)
	}
	for addr, want := range map[string]bool{
		"10.0.0.1": true, "10.0.0.2": false, "192.168.255.1": true, "::ffff:10.0.0.1": true,
		"172.16.0.1": true, "100.64.3.4": true, "100.128.0.1": false, "fd00::1%eth0": true, "fe80::1": false,
	} {
		if got := p.Trusts(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Trusts(%s) = %v", addr, got)
		}
	}
}

func TestLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "": slog.LevelInfo,
	} {
		if got := (config.Config{LogLevel: text}).Level(); got != want {
			t.Errorf("Level of %q = %v, want %v", text, got, want)
		}
	}
}
