package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/internal/config"
	"parley/internal/db"
	"parley/internal/obs"
	"parley/internal/secret"
	"parley/internal/server"
	"parley/internal/store"
	"parley/internal/talktest"
)

// settings returns a configuration for a server in a temporary folder.
func settings(t *testing.T) config.Config {
	c := config.Default()
	c.Data, c.Listen = t.TempDir(), "127.0.0.1:0"
	return c
}

// started is a running server.
type started struct {
	url    string
	notice string
	log    *bytes.Buffer
	stop   func() error
}

// start runs a server until stop is called or the test ends.
func start(t *testing.T, cfg config.Config) started {
	t.Helper()
	var notice, log bytes.Buffer
	srv, err := server.New(t.Context(), cfg, obs.NewLogger("text", slog.LevelInfo, &log),
		server.WithHashing(secret.TestOptions()), server.WithNotice(&notice))
	if err != nil {
		t.Fatal(err)
	}
	address, err := srv.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- srv.Run(ctx) }()
	stop := func() error {
		cancel()
		err := <-ended
		ended <- nil
		return err
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return started{url: "http://" + address.String(), notice: notice.String(), log: &log, stop: stop}
}

// get returns status, headers and body of a page.
func get(t *testing.T, url string) (int, http.Header, string) {
	t.Helper()
	// Connections that are kept would delay the end of the server.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(body)
}

func TestPages(t *testing.T) {
	srv := start(t, settings(t))
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if status, _, body := get(t, srv.url+path); status != 404 || !strings.Contains(body, "There is nothing here") {
			t.Errorf("%s: %d %q", path, status, body)
		}
	}
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/healthz": {200, "ok\n"},
		"/readyz":  {200, "ready\n"},
		"/status.php": {200, `{"installed":true,"maintenance":false,"needsDbUpgrade":false,"upgrade":false,` +
			`"version":"32.0.1.2","versionstring":"32.0.1","edition":"","productname":"parley","extendedSupport":false}` + "\n"},
	} {
		status, header, body := get(t, srv.url+path)
		if status != want.status || body != want.body {
			t.Errorf("%s: %d %q", path, status, body)
		}
		if origin := header.Get("Access-Control-Allow-Origin"); path == "/status.php" && origin != "*" {
			t.Errorf("%s: allowed origin %q", path, origin)
		}
	}
}

func TestAPIPaths(t *testing.T) {
	srv := talktest.Start(t)
	for path, want := range map[string]int{
		"/ocs/v2.php/cloud/capabilities?format=json":           200,
		"/ocs/v1.php/cloud/capabilities?format=json":           200,
		"/index.php/ocs/v2.php/cloud/capabilities?format=json": 200,
		"//ocs/v2.php//cloud/capabilities?format=json":         200,
		"//index.php//ocs/v2.php//cloud/capabilities":          200,
		"/ocs/v2.php/unknown":                                  404,
		"/ocs":                                                 404,
		"/ocsx/v2.php/cloud/capabilities":                      404,
		"/index.php/elsewhere/ocs/v2.php/cloud/capabilities":   404,
		"/index.php/index.php/ocs/v2.php/cloud/capabilities":   404,
		"/ocs/v2.php/cloud/../cloud/capabilities":              404,
		"/":          200,
		"/index.php": 404,
		"/ocs/v2.php/apps/spreed/api/v4/room/unknown/%2F?x=%zz1": 404,
	} {
		if got := srv.Anonymous().Raw("GET", path, talktest.Header("OCS-APIRequest", "true")); got.Status != want {
			t.Errorf("%s: %d, want %d", path, got.Status, want)
		}
	}
}

func TestDebugAddress(t *testing.T) {
	cfg := settings(t)
	cfg.Debug = freeAddress(t)
	srv := start(t, cfg)
	get(t, srv.url+"/status.php")
	if status, _, body := get(t, "http://"+cfg.Debug+"/metrics"); status != 200 || !strings.Contains(body, `route="/status.php"`) ||
		!strings.Contains(body, "\nparley_database_deadlocks_total 0\n") ||
		!strings.Contains(body, "\nparley_outbox_deliveries{kind=\"mail\",state=\"waiting\"} 0\n") {
		t.Errorf("metrics: %d %s", status, body)
	}
	if status, _, _ := get(t, "http://"+cfg.Debug+"/debug/pprof/"); status != 200 {
		t.Errorf("profiles: %d", status)
	}
	if status, _, _ := get(t, srv.url+"/metrics"); status != 404 {
		t.Errorf("metrics on the public address: %d", status)
	}
}

// freeAddress returns an address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestFirstStartShowsAPasswordOnce(t *testing.T) {
	cfg := settings(t)
	first := start(t, cfg)
	_, rest, found := strings.Cut(first.notice, "password  ")
	if !found {
		t.Fatalf("no password in %q", first.notice)
	}
	password := strings.Fields(rest)[0]
	if !logsIn(t, first.url, "admin", password) {
		t.Error("the shown password does not work")
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(first.log.String(), password) {
		t.Error("the password is in the log")
	}

	second := start(t, cfg)
	if second.notice != "" {
		t.Errorf("the second start says %q", second.notice)
	}
	if !logsIn(t, second.url, "admin", password) {
		t.Error("the password does not survive a restart")
	}
}

func TestConfiguredAdmin(t *testing.T) {
	cfg := settings(t)
	cfg.Admin = "root:one:two:three"
	first := start(t, cfg)
	if first.notice != "" || !logsIn(t, first.url, "root", "one:two:three") {
		t.Errorf("the configured administrator cannot log in; notice %q", first.notice)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	cfg.Admin = "other:other-password-1"
	second := start(t, cfg)
	if logsIn(t, second.url, "other", "other-password-1") {
		t.Error("a second administrator was made")
	}
}

func TestNobodyIsAdmin(t *testing.T) {
	cfg := settings(t)
	addAccount(t, cfg, "alice")
	first := start(t, cfg)
	if !strings.Contains(first.notice, "parley group member add admin USER") {
		t.Errorf("notice %q", first.notice)
	}
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	cfg.Admin = "Alice:new password"
	if second := start(t, cfg); !logsIn(t, second.url, "alice", "new password") {
		t.Error("an existing account was not taken over")
	}
}

// addAccount stores an account that cannot log in.
func addAccount(t *testing.T, cfg config.Config, id string) {
	t.Helper()
	core, err := server.Open(t.Context(), cfg.Storage, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	err = core.Store.Write(t.Context(), func(tx *db.Tx) error {
		return store.InsertAccount(tx, store.Account{UserID: id, DisplayName: id})
	})
	if err := errors.Join(err, core.Close()); err != nil {
		t.Fatal(err)
	}
}

// logsIn reports whether an account can list its conversations.
func logsIn(t *testing.T, url, user, password string) bool {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url+"/ocs/v2.php/apps/spreed/api/v4/room?format=json", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(user, password)
	request.Header.Set("OCS-APIRequest", "true")
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

func TestErrorsOfTheStart(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for name, c := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"port in use":       {func(c *config.Config) { c.Listen = busy.Addr().String() }, "another program uses it"},
		"debug port in use": {func(c *config.Config) { c.Debug = busy.Addr().String() }, "another address with --debug"},
		"unknown host":      {func(c *config.Config) { c.Listen = "192.0.2.1:8080" }, "cannot listen on 192.0.2.1:8080"},
		"wrong setting":     {func(c *config.Config) { c.Listen = "8080" }, "--listen"},
		"no folder":         {func(c *config.Config) { c.Database = "sqlite:/dev/null/parley.db" }, "the folder of the database cannot be made"},
	} {
		cfg := settings(t)
		cfg.Admin = "admin:start-password-1"
		c.change(&cfg)
		err := runOnce(t, cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// runOnce makes a server and runs it until the test ends.
func runOnce(t *testing.T, cfg config.Config) error {
	srv, err := server.New(t.Context(), cfg, slog.New(slog.DiscardHandler), server.WithHashing(secret.TestOptions()))
	if err != nil {
		return err
	}
	return srv.Run(t.Context())
}

func TestTwoServersCannotShareAFile(t *testing.T) {
	cfg := settings(t)
	cfg.Admin = "admin:start-password-1"
	start(t, cfg)
	if err := runOnce(t, cfg); err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("a second server: %v", err)
	}
	core, err := server.Open(t.Context(), cfg.Storage, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("a command beside the server: %v", err)
	}
	if err := core.Close(); err != nil {
		t.Error(err)
	}
}

// Who may only read the database is told what to do.
func TestReadOnlyDatabase(t *testing.T) {
	cfg := settings(t)
	cfg.Database = talktest.Databases()[1].URL(t)
	core, err := server.Open(t.Context(), cfg.Storage, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := core.Close(); err != nil {
		t.Error(err)
	}
	separator := "?"
	if strings.Contains(cfg.Database, "?") {
		separator = "&"
	}
	cfg.Database += separator + "default_transaction_read_only=on"
	err = runOnce(t, cfg)
	if err == nil || !strings.Contains(err.Error(), "let this user write the whole database") || strings.Contains(err.Error(), "\n") {
		t.Errorf("it started: %v", err)
	}
}

func TestPingsAreWrittenAtTheEnd(t *testing.T) {
	url := "sqlite:" + filepath.Join(t.TempDir(), "parley.db")
	var token string
	var joined int64
	t.Run("server", func(t *testing.T) {
		srv := talktest.Start(t, talktest.On(url))
		alice := srv.As("alice")
		token = alice.Post("v4/room", talktest.P{"roomType": 2, "roomName": "Plans"}).Created().Text("token")
		alice.Post("v4/room/" + token + "/participants/active").OK()
		joined = srv.Now().Unix()
		srv.Clock.Advance(30 * time.Second)
		alice.Get("v4/room/" + token + "/participants").OK()
		if at := lastPing(t, srv.Store, token); at != joined {
			t.Errorf("the ping was written at once: %d", at-joined)
		}
	})
	if at := lastPing(t, talktest.Open(t, db.Options{URL: url, Now: talktest.NewClock().Now}), token); at != joined+30 {
		t.Errorf("the ping was lost: %d", at-joined)
	}
}

// lastPing returns the ping of the only session in a conversation.
func lastPing(t *testing.T, st *db.DB, token string) (at int64) {
	t.Helper()
	err := st.Read(t.Context(), func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if err != nil {
			return err
		}
		all, err := store.Sessions(tx, room.ID)
		for _, sessions := range all {
			at = sessions[0].LastPing
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestDefaultDatabaseIsInTheDataFolder(t *testing.T) {
	cfg := settings(t)
	cfg.Data = filepath.Join(cfg.Data, "new", "folder")
	start(t, cfg)
	if found, _ := filepath.Glob(filepath.Join(cfg.Data, "parley.db")); len(found) != 1 {
		t.Errorf("no database in %s", cfg.Data)
	}
}
