package conversation

import (
	"crypto/sha1" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"encoding/json"

	"parley/internal/api/wire"
	"parley/internal/ocs"
	"parley/internal/settings"
)

func (a *API) roomCapabilities(c *ocs.Call) (any, error) {
	o, err := a.settings.Offer(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	return wire.Talk(o), a.setTalkHash(c, o.Settings)
}

// talkHashHeader tells clients to read the capabilities again when it changes.
const talkHashHeader = "X-Nextcloud-Talk-Hash"

// talkHashes are the values of that header for one state of the settings.
type talkHashes struct {
	settings    *settings.Settings
	user, guest string
}

// setTalkHash sets the header under these settings; nil stands for those that
// count now.
func (a *API) setTalkHash(c *ocs.Call, s *settings.Settings) error {
	if s == nil {
		var err error
		if s, err = a.settings.Current(c.Context(), c.Identity.Snapshot); err != nil {
			return err
		}
	}
	h := a.hashes.Load()
	if h == nil || h.settings != s {
		var err error
		if h, err = newTalkHashes(s); err != nil {
			return err
		}
		a.hashes.Store(h)
	}
	value := h.guest
	if c.Caller().LoggedIn() {
		value = h.user
	}
	c.Header.Set(talkHashHeader, value)
	return nil
}

// newTalkHashes computes the header of users and guests from what everybody of
// the kind is told.
func newTalkHashes(s *settings.Settings) (*talkHashes, error) {
	h := &talkHashes{settings: s}
	told := *s
	told.TokenKey = nil // it is for signaling servers, and comes with the first token
	for target, o := range map[*string]*settings.Offer{
		&h.guest: {Settings: &told},
		&h.user:  {Settings: &told, MayCreate: true},
	} {
		text, err := json.Marshal([]any{s.Fingerprint(), wire.Talk(o)})
		if err != nil {
			return nil, err
		}
		sum := sha1.Sum(text) //nolint:gosec // see the import
		*target = hex.EncodeToString(sum[:])
	}
	return h, nil
}
