package ocs

import (
	"testing"

	"parley/internal/talk"
)

// TestWordsOfAddressesAreReserved checks that no account and no group can have an id
// that addresses mean something else by.
func TestWordsOfAddressesAreReserved(t *testing.T) {
	found := 0
	var visit func(n *node)
	visit = func(n *node) {
		if w := n.wildcard; w != nil {
			for word := range n.literal {
				if w.name != "user" && w.name != "group" {
					continue
				}
				found++
				if !talk.IsReservedID(word) {
					t.Errorf("%q can be an id beside {%s}", word, w.name)
				}
			}
			visit(w)
		}
		for _, next := range n.literal {
			visit(next)
		}
	}
	visit(buildRouter(routes()))
	if found == 0 {
		t.Error("no words were found")
	}
}
