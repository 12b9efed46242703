package platform

import (
	"crypto/sha1" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"strings"

	"parley/internal/api/wire"
	"parley/internal/ocs"
	"parley/internal/settings"
)

func (a *API) capabilities(c *ocs.Call) (any, error) {
	o, err := a.settings.Offer(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	return unlessKnown(c, serverData(c.BaseURL(), o, o.Allowed, c.Caller().LoggedIn()))
}

// serverData describes the server at a base address: to those who may use Talk and to
// those who are logged in.
func serverData(base string, o *settings.Offer, allowed, loggedIn bool) ocs.Object {
	blocks := ocs.Object{"theming": theming(base)}
	if allowed {
		blocks["spreed"] = wire.Talk(o)
	}
	if loggedIn {
		blocks["core"] = ocs.Object{
			"pollinterval": 60, "webdav-root": "remote.php/webdav", "reference-api": false, "mod-rewrite-working": true,
			"reference-regex": referencePattern, "user": ocs.Object{"language": "en", "locale": "en", "timezone": "UTC"},
		}
		blocks["notifications"] = ocs.Object{
			"ocs-endpoints": []string{
				"list", "get", "delete", "delete-all", "icons", "rich-strings", "action-web", "user-status", "exists", "test-push",
			},
			"push": []string{"webpush"},
		}
		blocks["provisioning_api"] = ocs.Object{"version": "1.22.0", "AccountPropertyScopesVersion": 2}
		blocks["user_status"] = ocs.Object{"enabled": true, "restore": true, "supports_emoji": true, "supports_busy": true}
	}
	return ocs.Object{
		"version": ocs.Object{
			"major": 32, "minor": 0, "micro": 1, "string": wire.PlatformVersion, "edition": "", "extendedSupport": false,
		},
		"capabilities": blocks,
	}
}

// theming is the look of the server, which apps take over for its accounts.
func theming(base string) ocs.Object {
	const accent = "#0b5cad" // that of the pages, see internal/web/page.css
	icon := base + "/icon.svg"
	return ocs.Object{
		"name": "parley", "productName": "parley", "url": base, "slogan": "Conversations of your own",
		"color": accent, "color-text": "#ffffff", "color-element": accent, "color-element-bright": accent, "color-element-dark": accent,
		"logo": icon, "logoheader": icon, "favicon": icon,
		"background": accent, "background-text": "#ffffff", "background-plain": true, "background-default": true,
	}
}

// referencePattern finds links in messages. There are no previews of them.
const referencePattern = `(\s|\n|^)(https?:\/\/)([-A-Z0-9+_.]+(?::[0-9]+)?(?:\/[-A-Z0-9+&@#%?=~_|!:,.;()]*)*)(\s|\n|$)`

// unlessKnown answers with data, or that nothing changed when the client has it
// already.
func unlessKnown(c *ocs.Call, data any) (any, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(text) //nolint:gosec // see the import
	etag := `"` + hex.EncodeToString(sum[:]) + `"`
	c.Header.Set("ETag", etag)
	if strings.Contains(c.Request.Header.Get("If-None-Match"), etag) {
		c.Status = ocs.StatusNotModified
		return nil, nil
	}
	return json.RawMessage(text), nil
}
