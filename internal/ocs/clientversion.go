package ocs

import (
	"regexp"
	"strconv"
	"strings"
)

// talkAgent recognises the Talk apps by their user agent: the platform and the
// version without its suffix.
var talkAgent = regexp.MustCompile(`^Mozilla/5\.0 \(([^)]+)\) Nextcloud-Talk v([0-9.]+)`)

// Oldest versions of the Talk apps that still understand the answers.
const (
	oldestMobile  = "15.0.0"
	oldestDesktop = "1.0.0"
)

// checkClientVersion refuses Talk apps that are too old; all other clients are
// left alone.
func checkClientVersion(agent string) error {
	m := talkAgent.FindStringSubmatch(agent)
	if m == nil {
		return nil
	}
	oldest := oldestDesktop
	if m[1] == "Android" || m[1] == "iOS" {
		oldest = oldestMobile
	}
	if olderThan(m[2], oldest) {
		return tooOld(oldest)
	}
	return nil
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
