package settings

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// Preferences are what a person chose for all conversations.
type Preferences struct {
	// ReadPrivacy and TypingPrivacy are 0 for public and 1 for private.
	ReadPrivacy, TypingPrivacy int
	StartWithoutMedia          bool
	BlurBackground             bool
	// ListStyle is two-lines or compact.
	ListStyle string
}

// readPrivacy is the choice that the rows of the account carry as well.
const readPrivacy = "read_status_privacy"

// preferenceValues are the choices by key; the first one is the default.
var preferenceValues = map[string][]string{
	readPrivacy:                 {"0", "1"},
	"typing_privacy":            {"0", "1"},
	"play_sounds":               {"yes", "no"},
	"calls_start_without_media": {"no", "yes"},
	"blur_virtual_background":   {"no", "yes"},
	"conversations_list_style":  {"two-lines", "compact"},
}

// preferences returns the choices of an account under the settings of the server.
func preferences(tx *db.Tx, s *Settings, userID string) (Preferences, error) {
	stored, err := store.Preferences(tx, userID)
	p := Preferences{
		StartWithoutMedia: s.StartWithoutMedia,
		BlurBackground:    stored["blur_virtual_background"] == "yes",
		ListStyle:         cmp.Or(stored["conversations_list_style"], preferenceValues["conversations_list_style"][0]),
	}
	if v, ok := stored["calls_start_without_media"]; ok {
		p.StartWithoutMedia = v == "yes"
	}
	if stored[readPrivacy] == "1" {
		p.ReadPrivacy = 1
	}
	if stored["typing_privacy"] == "1" {
		p.TypingPrivacy = 1
	}
	return p, err
}

// SetPreference stores a choice of the caller. Failure: Invalid for an unknown
// key or value.
func (svc *Service) SetPreference(ctx context.Context, caller talk.Caller, key, value string) error {
	if !slices.Contains(preferenceValues[key], value) {
		return talk.Fail(talk.Invalid, "")
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if _, err := svc.Admit(tx, caller); err != nil {
			return err
		}
		if err := applyPreference(tx, caller.UserID, key, value); err != nil {
			return err
		}
		return store.SetPreference(tx, caller.UserID, key, value)
	})
}

// UnsetPreference takes a choice of the caller back. Failure: Invalid for an
// unknown key.
func (svc *Service) UnsetPreference(ctx context.Context, caller talk.Caller, key string) error {
	values := preferenceValues[key]
	if values == nil {
		return talk.Fail(talk.Invalid, "")
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := applyPreference(tx, caller.UserID, key, values[0]); err != nil {
			return err
		}
		return store.UnsetPreference(tx, caller.UserID, key)
	})
}

// applyPreference carries a choice to where conversations look for it. It comes
// first, since it locks these.
func applyPreference(tx *db.Tx, userID, key, value string) error {
	if key != readPrivacy {
		return nil
	}
	privacy, err := strconv.Atoi(value)
	if err != nil {
		return err
	}
	return store.SetReadPrivacy(tx, userID, privacy)
}

// Offer is what the server announces to one caller.
type Offer struct {
	Settings *Settings
	Preferences
	// Allowed tells that the caller may use conversations at all, MayCreate that
	// they may create some, MayEnableSIP that they may let telephones in.
	Allowed, MayCreate, MayEnableSIP bool
}

// Offer returns what the server announces to the caller.
func (svc *Service) Offer(ctx context.Context, caller talk.Caller) (*Offer, error) {
	var o *Offer
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err := svc.In(tx)
		if err != nil {
			return err
		}
		o = &Offer{Settings: s, Allowed: true}
		o.ListStyle, o.StartWithoutMedia = preferenceValues["conversations_list_style"][0], s.StartWithoutMedia
		if !caller.LoggedIn() {
			return nil
		}
		return o.personal(tx, caller)
	})
	return o, err
}

// personal adds what only concerns this account.
func (o *Offer) personal(tx *db.Tx, caller talk.Caller) (err error) {
	for _, right := range []struct {
		groups []string
		has    *bool
	}{
		{o.Settings.AllowedGroups, &o.Allowed},
		{o.Settings.CreatorGroups, &o.MayCreate},
		{o.Settings.SIPGroups, &o.MayEnableSIP},
	} {
		if *right.has, err = InAny(tx, caller, right.groups); err != nil {
			return err
		}
	}
	o.Preferences, err = preferences(tx, o.Settings, caller.UserID)
	return err
}
