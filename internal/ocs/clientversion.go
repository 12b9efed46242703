package ocs

import (
	"regexp"
	"strconv"
	"strings"

	"parley/internal/app"
	"parley/internal/talk"
)

// talkAgent recognises the Talk apps by their user agent: the platform and the
// version without its suffix.
var talkAgent = regexp.MustCompile(`^Mozilla/5\.0 \(([^)]+)\) Nextcloud-Talk v([0-9.]+)`)

// oldestWithConsent is the first version of the mobile apps that asks people for
// their consent to being recorded.
const oldestWithConsent = "18.0.0"

// checkClientVersion refuses Talk apps that are too old; all other clients are
// left alone.
func (c *call) checkClientVersion() error {
	m := talkAgent.FindStringSubmatch(c.r.UserAgent())
	if m == nil {
		return nil
	}
	s, err := c.app.Settings(c.r.Context())
	if err != nil {
		return err
	}
	if oldest := oldestFor(m[1], s); olderThan(m[2], oldest) {
		return tooOld(oldest)
	}
	return nil
}

// oldestFor returns the oldest version that is let in on a platform.
func oldestFor(platform string, s *app.Settings) string {
	oldest := s.MinimumAndroid
	switch platform {
	case "Android":
	case "iOS":
		oldest = s.MinimumIOS
	default:
		return s.MinimumDesktop
	}
	if s.Consent() != talk.ConsentNo && olderThan(oldest, oldestWithConsent) {
		return oldestWithConsent
	}
	return oldest
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
