package ocs

import (
	"regexp"
	"strconv"
	"strings"
)

// talkAgent recognises the Talk apps by their user agent: the platform and the
// version without its suffix.
var talkAgent = regexp.MustCompile(`^Mozilla/5\.0 \(([^)]+)\) Nextcloud-Talk v([0-9.]+)`)

// oldestWithConsent is the first version of the mobile apps that asks people for
// their consent to being recorded.
const oldestWithConsent = "18.0.0"

// checkClientVersion refuses Talk apps that are too old; all other clients are
// left alone.
func (c *Call) checkClientVersion() error {
	m := talkAgent.FindStringSubmatch(c.Request.UserAgent())
	if m == nil {
		return nil
	}
	oldestOf, err := c.api.cases.OldestClients(c.Context(), c.Identity)
	if err != nil {
		return err
	}
	if oldest := oldestOf.on(m[1]); olderThan(m[2], oldest) {
		return tooOld(oldest)
	}
	return nil
}

// ClientVersions are the oldest versions of the Talk apps that are let in.
type ClientVersions struct {
	Android, IOS, Desktop string
	// Consent tells that people have to be asked before they are recorded.
	Consent bool
}

// on returns the oldest version that is let in on a platform.
func (v ClientVersions) on(platform string) string {
	oldest := v.Android
	switch platform {
	case "Android":
	case "iOS":
		oldest = v.IOS
	default:
		return v.Desktop
	}
	if v.Consent && olderThan(oldest, oldestWithConsent) {
		return oldestWithConsent
	}
	return oldest
}

// IsMobileApp reports whether the request came from a Talk app for telephones.
func (c *Call) IsMobileApp() bool {
	m := talkAgent.FindStringSubmatch(c.Request.UserAgent())
	return m != nil && (m[1] == "Android" || m[1] == "iOS")
}

// olderThan compares versions number by number; absent numbers are 0.
func olderThan(version, than string) bool {
	a, b := strings.Split(version, "."), strings.Split(than, ".")
	for i := range max(len(a), len(b)) {
		if x, y := numberAt(a, i), numberAt(b, i); x != y {
			return x < y
		}
	}
	return false
}

func numberAt(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i]) // the pattern admits digits only; an empty part is 0
	return n
}
