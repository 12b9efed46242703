package api_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

// TestWordsOfAddressesAreReserved checks that no account and no group can have an id
// that addresses mean something else by.
func TestWordsOfAddressesAreReserved(t *testing.T) {
	named := map[string]bool{} // beginnings of paths that an id follows
	for _, r := range rows() {
		for _, id := range []string{"{user}", "{group}"} {
			if before, _, ok := strings.Cut(r.FullPath(), id); ok {
				named[before] = true
			}
		}
	}
	found := 0
	for _, r := range rows() {
		for before := range named {
			rest, ok := strings.CutPrefix(r.FullPath(), before)
			word, _, _ := strings.Cut(rest, "/")
			if !ok || word == "" || word[0] == '{' {
				continue
			}
			found++
			if !talk.IsReservedID(word) {
				t.Errorf("%q can be an id behind %s", word, before)
			}
		}
	}
	if found == 0 {
		t.Error("no words were found")
	}
}
