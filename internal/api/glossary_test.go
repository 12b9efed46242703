package api

import (
	"strings"
	"testing"

	"parley/internal/ocs"
)

// A term that belongs to a handler belongs to one that has the parameter.
func TestTermsAreUsed(t *testing.T) {
	known := map[string]bool{}
	for _, table := range Tables(Services{}, nil) {
		for _, row := range ocs.Expand(table.Rows) {
			names := row.Handler.Params()
			for segment := range strings.SplitSeq(row.Path, "/") {
				names = append(names, strings.Trim(segment, "{}"))
			}
			for _, name := range names {
				known[row.Handler.Name+"."+name], known[name] = true, true
			}
		}
	}
	for name, term := range glossary() {
		if term.Example != nil && !known[name] && name != "file" && !strings.HasPrefix(name, "upload") {
			t.Errorf("no parameter is called %s", name)
		}
	}
}
