// Package settings holds what the administrator of the server decided, and what people
// chose for all their conversations.
package settings

import (
	"context"
	"crypto/sha1" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"parley/internal/db"
	"parley/internal/jwt"
	"parley/internal/store"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

// Settings are the administrator's decisions, as they count now. They are
// shared and never change; a change makes new ones.
type Settings struct {
	// AllowedGroups may use conversations at all; everybody when empty.
	AllowedGroups []string
	// CreatorGroups may create conversations; everybody when empty.
	CreatorGroups []string
	// ForcePasswords demands a password for public conversations.
	ForcePasswords bool
	// DeleteOneToOne ends a one-to-one for both when one leaves.
	DeleteOneToOne bool
	// TokenLength is the number of characters of a new conversation's token.
	TokenLength int
	// DefaultPermissions are what participants may do unless decided otherwise.
	DefaultPermissions talk.Permissions
	// GroupNotification is the level of people who chose none.
	GroupNotification int

	// StartCalls says who may start calls, MaxCallDuration for how many seconds
	// they last, 0 for ever.
	StartCalls        talk.StartCalls
	MaxCallDuration   int
	StartWithoutMedia bool
	// RecordingConsent is 0 for no, 1 for yes, 2 for what moderators decide, see
	// Consent.
	RecordingConsent int
	// BreakoutRooms tells that moderators may split their conversations.
	BreakoutRooms bool

	// SIPGroups may let telephones in; everybody when empty.
	SIPGroups        []string
	SIPSecret        string
	SIPDialinInfo    string
	SIPDialinDefault talk.SIPState
	SIPDialout       bool
	// DialoutAnonymous keeps from telephones who calls them. Otherwise they are told a number of
	// that account behind DialoutPrefix, or else DialoutNumber, if not empty.
	DialoutAnonymous             bool
	DialoutNumber, DialoutPrefix string

	STUN      []string
	TURN      []TURNServer
	Signaling Signaling
	// InternalSignaling keeps clients from the signaling servers.
	InternalSignaling bool
	// OwnSignaling lets them talk to this server by websockets.
	OwnSignaling bool
	// TokenAlgorithm is how tokens for signaling servers are signed, TokenKey what signs them, nil
	// before the first one.
	TokenAlgorithm string
	TokenKey       *jwt.Key

	// The oldest versions of the Talk apps that are let in.
	MinimumAndroid, MinimumIOS, MinimumDesktop string

	// Days after which unused conversations of a kind are deleted, 0 for never.
	RetentionEvent, RetentionPhone, RetentionInstant int

	// PushUsed tells that apps may want to be told by push services.
	PushUsed bool
	// EventsUsed tells that events are kept for those who read them, Webhooks that they
	// are sent.
	EventsUsed, Webhooks bool

	version     string
	fingerprint string
}

// Options are what a Service is made of.
type Options struct {
	Store *db.DB
	Log   *slog.Logger
	// Defaults are settings that the configuration of the server has.
	Defaults Defaults
}

// Service reads and changes settings and preferences. It is safe for concurrent use.
type Service struct {
	store    *db.DB
	log      *slog.Logger
	defaults Defaults
	// last are the settings that were read last.
	last atomic.Pointer[Settings]
}

// New returns a Service.
func New(o Options) *Service { return &Service{store: o.Store, log: o.Log, defaults: o.Defaults} }

// TURNServer relays the media of calls.
type TURNServer struct {
	Schemes   string `json:"schemes"`
	Server    string `json:"server"`
	Secret    string `json:"secret"`
	Protocols string `json:"protocols"`
}

// Signaling are the external signaling servers; internal signaling without any.
type Signaling struct {
	Servers []SignalingServer `json:"servers"`
	Secret  string            `json:"secret"`
}

// SignalingServer is one external signaling server.
type SignalingServer struct {
	URL    string `json:"server"`
	Verify bool   `json:"verify"`
}

// ExternalSignaling reports whether clients talk to a signaling server beside this one,
// and not to this one by itself.
func (s *Settings) ExternalSignaling() bool {
	return len(s.Signaling.Servers) > 0 && !s.InternalSignaling && !s.OwnSignaling
}

// BuiltinSignaling reports whether clients talk to this server by websockets.
func (s *Settings) BuiltinSignaling() bool { return s.OwnSignaling }

// PolledSignaling reports whether clients ask this server again and again.
func (s *Settings) PolledSignaling() bool { return !s.ExternalSignaling() && !s.BuiltinSignaling() }

// SIPConfigured reports whether telephones can dial in at all.
func (s *Settings) SIPConfigured() bool { return s.SIPSecret != "" && s.SIPDialinInfo != "" }

// CallerNumber is the number that a telephone is told which is called by somebody with a number
// of their own, "" for none. It is empty for nobody to tell.
func (s *Settings) CallerNumber(own string) string {
	if own == "" {
		return s.DialoutNumber
	}
	return s.DialoutPrefix + strings.TrimPrefix(own, "+")
}

// Records reports whether calls can be recorded. There is no recording server to
// configure yet.
func (s *Settings) Records() bool { return false }

// Consent is RecordingConsent as it counts: nobody has to agree to being recorded
// while nothing records.
func (s *Settings) Consent() int {
	if !s.Records() {
		return talk.ConsentNo
	}
	return s.RecordingConsent
}

// ConsentIn reports whether the people of a conversation are asked: 1 for yes, 0
// for no.
func (s *Settings) ConsentIn(r *talk.Room) int { return talk.ConsentIn(s.Consent(), r) }

// Fingerprint is a text that is another one when what clients know of the
// server has changed. It does not reveal the values.
func (s *Settings) Fingerprint() string { return s.fingerprint }

// Defaults are the settings that come from the configuration; what the
// administrator stored counts more. Empty ones are not set.
type Defaults struct {
	SIPSecret, SIPDialinInfo      string
	SignalingURL, SignalingSecret string
	// Signaling is "internal" to use no signaling server.
	Signaling string
	// STUN are servers as host:port, nil for the usual ones.
	STUN []string
	// TURN is a server that relays calls, nil for none.
	TURN *TURNServer
}

// values returns the defaults by the keys of the settings.
func (d Defaults) values() map[string]string {
	out := map[string]string{}
	if d.SIPSecret != "" {
		out["sip_bridge_shared_secret"] = d.SIPSecret
	}
	if d.SIPDialinInfo != "" {
		out["sip_bridge_dialin_info"] = d.SIPDialinInfo
	}
	if d.Signaling != "" {
		out["signaling_mode"] = d.Signaling
	}
	lists := map[string]any{}
	if d.SignalingURL != "" {
		lists["signaling_servers"] = Signaling{Servers: []SignalingServer{{d.SignalingURL, true}}, Secret: d.SignalingSecret}
	}
	if d.STUN != nil {
		lists["stun_servers"] = d.STUN
	}
	if d.TURN != nil {
		lists["turn_servers"] = []TURNServer{*d.TURN}
	}
	for key, list := range lists {
		if text, err := json.Marshal(list); err == nil {
			out[key] = string(text)
		}
	}
	return out
}

// In returns the settings as the transaction sees them. They are read
// again only when their version is another one.
func (svc *Service) In(tx *db.Tx) (*Settings, error) {
	version, err := store.SettingsVersion(tx)
	if err != nil {
		return nil, err
	}
	return svc.OfVersion(tx, version)
}

// OfVersion returns the settings of a version that was read already.
func (svc *Service) OfVersion(tx *db.Tx, version string) (*Settings, error) {
	if s := svc.last.Load(); s != nil && s.version == version {
		return s, nil
	}
	stored, err := store.Settings(tx)
	if err != nil {
		return nil, err
	}
	s := svc.newSettings(stored)
	if s.PushUsed, err = store.PushUsed(tx); err != nil {
		return nil, err
	}
	if s.EventsUsed, err = eventlog.Used(tx); err != nil {
		return nil, err
	}
	if s.Webhooks, err = eventlog.HasWebhooks(tx); err != nil {
		return nil, err
	}
	if s.TokenKey, err = tokenKey(tx, s.TokenAlgorithm); err != nil {
		return nil, err
	}
	s.version = version
	svc.last.Store(s)
	return s, nil
}

// newSettings puts the stored values over the configured ones over the
// defaults. A value that cannot be read, which only another version of the
// server can have stored, is reported and left out.
func (svc *Service) newSettings(stored map[string]string) *Settings {
	s := &Settings{}
	configured := svc.defaults.values()
	sum := sha1.New() //nolint:gosec // see the import
	for i := range settingRows {
		value := svc.choose(s, &settingRows[i], configured, stored)
		if settingRows[i].announced {
			fmt.Fprintf(sum, "%q", value)
		}
	}
	fmt.Fprintf(sum, "%v", s.Signaling.Servers)
	for _, server := range s.TURN {
		fmt.Fprintf(sum, "%q", server.Server)
	}
	s.fingerprint = hex.EncodeToString(sum.Sum(nil))
	return s
}

// Layered returns what stored settings come to over the configured ones, for whoever reads a
// database without serving it.
func Layered(d Defaults, stored map[string]string) *Settings {
	svc := Service{log: slog.New(slog.DiscardHandler), defaults: d}
	return svc.newSettings(stored)
}

// choose sets one setting and returns the value that counts; a secret one is
// not returned, so that no fingerprint can be searched for it.
func (svc *Service) choose(s *Settings, row *settingRow, layers ...map[string]string) string {
	chosen := row.fallback
	for _, layer := range layers {
		value, ok := layer[row.key]
		if !ok {
			continue
		}
		if err := row.read(&Settings{}, value); err != nil {
			svc.log.Warn("setting is ignored", "key", row.key, "error", err)
			continue
		}
		chosen = value
	}
	if err := row.read(s, chosen); err != nil {
		svc.log.Error("setting has a wrong default", "key", row.key, "error", err)
	}
	if row.secret && chosen != row.fallback {
		return hidden
	}
	return chosen
}

// Current returns the settings as they are now, or as they were at the snapshot that the
// request has seen already, if that is not zero.
func (svc *Service) Current(ctx context.Context, seen db.SnapshotID) (s *Settings, err error) {
	snapshot, err := svc.store.Snapshot(ctx, seen)
	if err != nil {
		return nil, err
	}
	if s := svc.last.Load(); s != nil && s.version == store.GlobalVersionAt(snapshot).Settings {
		return s, nil
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err = svc.In(tx)
		return err
	})
	return s, err
}

// Now returns the settings as they are now.
func (svc *Service) Now(ctx context.Context) (*Settings, error) {
	return svc.Current(ctx, db.SnapshotID{})
}

// Admit returns the settings if they let the caller use conversations. Every
// use case about conversations begins with it. Failure: Forbidden with a
// message for accounts outside of the allowed groups.
func (svc *Service) Admit(tx *db.Tx, caller talk.Caller) (*Settings, error) {
	s, err := svc.In(tx)
	if err == nil {
		err = s.Allow(tx, caller)
	}
	return s, err
}

// Allow fails with ErrNotAllowed unless the caller is a guest or belongs to the
// allowed groups.
func (s *Settings) Allow(tx *db.Tx, caller talk.Caller) error {
	if !caller.LoggedIn() {
		return nil
	}
	allowed, err := InAny(tx, caller, s.AllowedGroups)
	if err == nil && !allowed {
		return ErrNotAllowed
	}
	return err
}

// ErrNotAllowed refuses accounts that the administrator does not let use
// conversations.
var ErrNotAllowed error = &talk.Error{Kind: talk.Forbidden, Reason: "not allowed", Guard: true}

// AsksGroups reports whether what a caller may do depends on their groups, which
// the version of a conversation does not know of.
func (s *Settings) AsksGroups() bool {
	return len(s.AllowedGroups) > 0 || s.SIPConfigured() && len(s.SIPGroups) > 0
}

// InAny reports whether the caller belongs to one of the groups; no groups
// stand for everybody with an account.
func InAny(tx *db.Tx, caller talk.Caller, groups []string) (bool, error) {
	if !caller.LoggedIn() || len(groups) == 0 {
		return caller.LoggedIn(), nil
	}
	return store.InAnyGroup(tx, caller.UserID, groups)
}

// SettingValue is a setting as the administrator sees it.
type SettingValue struct {
	Key string
	// Value counts now. A secret one is shown as stars.
	Value string
	// Stored tells that the administrator decided it at run time.
	Stored bool
	// Meaning says what it does.
	Meaning string
}

// hidden is shown in place of a secret.
const hidden = "***"

// SettingValues returns all settings, by key.
func (svc *Service) SettingValues(ctx context.Context) ([]SettingValue, error) {
	var out []SettingValue
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		stored, err := store.Settings(tx)
		out = svc.settingValues(stored)
		return err
	})
	return out, err
}

func (svc *Service) settingValues(stored map[string]string) []SettingValue {
	configured := svc.defaults.values()
	out := make([]SettingValue, len(settingRows))
	for i, row := range settingRows {
		v := SettingValue{Key: row.key, Value: row.fallback, Meaning: row.meaning}
		if value, ok := configured[row.key]; ok {
			v.Value = value
		}
		if value, ok := stored[row.key]; ok {
			v.Value, v.Stored = value, true
		}
		if row.secret && v.Value != row.fallback {
			v.Value = hidden
		}
		out[i] = v
	}
	return out
}

// Setting returns one setting. Failure: NotFound.
func (svc *Service) Setting(ctx context.Context, key string) (SettingValue, error) {
	all, err := svc.SettingValues(ctx)
	if err != nil {
		return SettingValue{}, err
	}
	i := slices.IndexFunc(all, func(v SettingValue) bool { return v.Key == key })
	if i < 0 {
		return SettingValue{}, talk.Fail(talk.NotFound, "key")
	}
	return all[i], nil
}

// SetSettings stores settings, all of them or none; they count at once on every
// node. Failures: NotFound "key", Invalid "value" with a message that tells
// what is expected.
func (svc *Service) SetSettings(ctx context.Context, values map[string]string) error {
	for key, value := range values {
		if err := checkSetting(key, value); err != nil {
			return err
		}
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		for _, key := range slices.Sorted(maps.Keys(values)) { // in the order that everybody locks them in
			if err := store.SetSetting(tx, key, values[key]); err != nil {
				return err
			}
		}
		return nil
	})
}

func checkSetting(key, value string) error {
	row := findSetting(key)
	if row == nil {
		return talk.Fail(talk.NotFound, "key")
	}
	if err := row.read(&Settings{}, value); err != nil {
		return &talk.Error{Kind: talk.Invalid, Reason: "value", Message: key + " " + err.Error() + "."}
	}
	return nil
}

func findSetting(key string) *settingRow {
	i := slices.IndexFunc(settingRows, func(r settingRow) bool { return r.key == key })
	if i < 0 {
		return nil
	}
	return &settingRows[i]
}

// UnsetSetting takes a setting back to its default. Failure: NotFound "key".
func (svc *Service) UnsetSetting(ctx context.Context, key string) error {
	if findSetting(key) == nil {
		return talk.Fail(talk.NotFound, "key")
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		_, err := store.UnsetSetting(tx, key)
		return err
	})
}
