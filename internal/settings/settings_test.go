package settings_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/internal/api"
	"parley/internal/db"
	"parley/internal/server"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// newNode returns a node of the server over a store.
func newNode(s *db.DB, d settings.Defaults) api.Services {
	return server.NewUseCases(server.UseCaseOptions{Store: s, Log: slog.New(slog.DiscardHandler), Now: time.Now, Defaults: d})
}

func now(t *testing.T, a api.Services) *settings.Settings {
	t.Helper()
	s, err := a.Settings.Current(t.Context(), db.SnapshotID{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func set(t *testing.T, a api.Services, values map[string]string) {
	t.Helper()
	if err := a.Settings.SetSettings(t.Context(), values); err != nil {
		t.Fatal(err)
	}
}

func TestSettingsCountAtOnceOnEveryNode(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		one, two := newNode(s, settings.Defaults{}), newNode(s, settings.Defaults{})
		if got := now(t, two).StartCalls; got != talk.StartCallsAll {
			t.Fatalf("default: %d", got)
		}
		for _, want := range []talk.StartCalls{1, 2, 3} {
			set(t, one, map[string]string{"start_calls": string(rune('0' + want))})
			if got := now(t, two).StartCalls; got != want {
				t.Errorf("the other node has %d, want %d", got, want)
			}
		}
		if err := one.Settings.UnsetSetting(t.Context(), "start_calls"); err != nil {
			t.Fatal(err)
		}
		if got := now(t, two).StartCalls; got != talk.StartCallsAll {
			t.Errorf("after unset: %d", got)
		}
	})
}

func TestSettingsAreReusedUntilTheyChange(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		a := newNode(s, settings.Defaults{})
		first := now(t, a)
		if now(t, a) != first {
			t.Error("read again without a change")
		}
		set(t, a, map[string]string{"force_passwords": "1"})
		if now(t, a) == first {
			t.Error("not read again after a change")
		}
	})
}

// TestSettingsForgetUndoneChanges: a transaction that read its own change and was
// then undone must not leave that change behind.
func TestSettingsForgetUndoneChanges(t *testing.T) {
	talktest.EachDatabase(t, func(t *testing.T, s *db.DB) {
		a := newNode(s, settings.Defaults{})
		err := s.Write(t.Context(), func(tx *db.Tx) error {
			if err := store.SetSetting(tx, "token_entropy", "12"); err != nil {
				return err
			}
			got, err := a.Settings.SettingsIn(tx)
			if err == nil && got.TokenLength != 12 {
				t.Errorf("inside: %d", got.TokenLength)
			}
			return talk.Fail(talk.Conflict, "undo")
		})
		if !talk.IsKind(err, talk.Conflict) {
			t.Fatal(err)
		}
		set(t, a, map[string]string{"force_passwords": "1"})
		if got := now(t, a).TokenLength; got != 8 {
			t.Errorf("after undo: %d", got)
		}
	})
}

func TestSettingsLayers(t *testing.T) {
	s := talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t)})
	a := newNode(s, settings.Defaults{SIPSecret: "s3cret-value", SIPDialinInfo: "call us", SignalingURL: "https://hpb.example.org", SignalingSecret: "k3y"})
	got := now(t, a)
	if !got.SIPConfigured() || got.SIPSecret != "s3cret-value" || got.Signaling.Servers[0].URL != "https://hpb.example.org" {
		t.Errorf("configured: %+v", got)
	}
	set(t, a, map[string]string{"sip_bridge_dialin_info": ""})
	if now(t, a).SIPConfigured() {
		t.Error("what the administrator stored does not count more")
	}
	all, err := a.Settings.SettingValues(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if strings.Contains(v.Value, "s3cret") || strings.Contains(v.Value, "k3y") {
			t.Errorf("%s shows its secret", v.Key)
		}
		if v.Stored != (v.Key == "sip_bridge_dialin_info") {
			t.Errorf("%s: stored is %v", v.Key, v.Stored)
		}
	}
}

// TestSettingsIgnoreTheUnreadable: another version may have stored a value that
// this one does not understand.
func TestSettingsIgnoreTheUnreadable(t *testing.T) {
	s := talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t)})
	err := s.Write(t.Context(), func(tx *db.Tx) error { return store.SetSetting(tx, "start_calls", "some") })
	if err != nil {
		t.Fatal(err)
	}
	if got := now(t, newNode(s, settings.Defaults{})); got.StartCalls != talk.StartCallsAll || got.TokenLength != 8 {
		t.Errorf("got %+v", got)
	}
}

func TestSettingDefaultsAreValid(t *testing.T) {
	last := ""
	for key, value := range settings.SettingDefaults {
		if key <= last {
			t.Errorf("%s is not in order", key)
		}
		last = key
		if err := settings.CheckSetting(key, value); err != nil {
			t.Errorf("default of %s: %v", key, err)
		}
	}
}

func TestSettingsRefuseWrongValues(t *testing.T) {
	for key, wrong := range map[string][]string{
		"allowed_groups":                  {"staff", `{"a":1}`, "[1]"},
		"default_permissions":             {"-1", "256", "all"},
		"default_group_notification":      {"0", "4"},
		"force_passwords":                 {"maybe"},
		"minimum.supported.ios.version":   {"", "new", "1..2", "1.2.3.4.5"},
		"signaling_servers":               {"[]", `{"servers":[{"server":"ftp://x"}],"secret":"s"}`, `{"servers":[{"server":"https://x"}]}`},
		"start_calls":                     {"4", ""},
		"stun_servers":                    {`["stun.example.org"]`, `["x:0"]`, `["x:99999"]`, `[":3478"]`},
		"token_entropy":                   {"7", "31"},
		"turn_servers":                    {`[{"server":"x"}]`, "x"},
		"delete_one_to_one_conversations": {"2"},
	} {
		for _, value := range wrong {
			if err := settings.CheckSetting(key, value); !talk.IsKind(err, talk.Invalid) {
				t.Errorf("%s=%q: %v", key, value, err)
			}
		}
	}
	if err := settings.CheckSetting("unheard-of", "1"); !talk.IsKind(err, talk.NotFound) {
		t.Errorf("unknown key: %v", err)
	}
}

// TestFingerprint changes with what clients know of the server and nothing else.
func TestFingerprint(t *testing.T) {
	s := talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t)})
	a := newNode(s, settings.Defaults{})
	before := now(t, a).Fingerprint()
	for _, step := range []struct {
		key, value string
		changes    bool
	}{
		{"token_entropy", "9", false},
		{"start_calls", "2", true},
		{"sip_bridge_shared_secret", "one", true},
		{"sip_bridge_shared_secret", "two", false},
		{"signaling_servers", `{"servers":[{"server":"https://a"}],"secret":"x"}`, true},
		{"signaling_servers", `{"servers":[{"server":"https://b"}],"secret":"x"}`, true},
	} {
		set(t, a, map[string]string{step.key: step.value})
		after := now(t, a).Fingerprint()
		if (after != before) != step.changes {
			t.Errorf("%s=%s: changed is %v", step.key, step.value, after != before)
		}
		before = after
	}
}
