package conversation_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"parley/internal/api/conversation"
)

const (
	tableHead = "| Endpoint | Versions | Status | When | Test |"
	tableRule = "|---|---|---|---|---|"
)

// TestParticipantTable holds docs/participant-api.md against the cases that
// TestParticipantAPI runs: each case has exactly its row, and there are no others.
func TestParticipantTable(t *testing.T) {
	text, err := os.ReadFile("../../../docs/participant-api.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for _, topic := range topics() {
		for i := range topic.cases {
			row := topic.row(&topic.cases[i])
			if want[row] {
				t.Errorf("two cases are the same row: %s", row)
			}
			want[row] = true
		}
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if !strings.Contains(line, "|") || line == tableHead || line == tableRule {
			continue
		}
		if !want[line] {
			t.Errorf("no case for the row, or the same row again: %s", line)
		}
		delete(want, line)
	}
	for _, row := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("row missing: %s", row)
	}
}

// row is the line of the document for a case.
func (p *topic) row(c *apiCase) string {
	test := strings.ReplaceAll("TestParticipantAPI/"+p.name+"/"+c.title(), " ", "_")
	return fmt.Sprintf("| `%s` | %s | %d | %s | `%s` |", p.endpoint, span(c.versions), c.status, c.when, test)
}

// span is how the document names a set of versions.
func span(versions []int) string {
	first, last := slices.Min(versions), slices.Max(versions)
	if first == last {
		return fmt.Sprintf("v%d", first)
	}
	return fmt.Sprintf("v%d–v%d", first, last)
}

// TestCasesAreDifferent keeps the name of a test from meaning two cases: Go would
// number them, and a row would name both.
func TestCasesAreDifferent(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range topics() {
		for i := range topic.cases {
			name := topic.name + "/" + topic.cases[i].title()
			if seen[name] {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
	}
}

// TestEveryParticipantRouteIsInTheTable finds endpoints that have no success in the
// table, and cases of endpoints that do not exist.
func TestEveryParticipantRouteIsInTheTable(t *testing.T) {
	type promise struct {
		endpoint string
		version  int
	}
	tested := map[promise]bool{}
	for _, topic := range topics() {
		for i := range topic.cases {
			for _, v := range topic.cases[i].versions {
				row := promise{topic.endpoint, v}
				tested[row] = tested[row] || topic.cases[i].status < 300
			}
		}
	}
	for _, r := range conversation.Rows() {
		row := promise{r.Method + " " + r.Path, r.Version}
		if success, known := tested[row]; ofParticipants(row.endpoint) && !success {
			t.Errorf("%s v%d has no success in the table (any row: %v)", row.endpoint, row.version, known)
		}
		delete(tested, row)
	}
	for row := range tested {
		t.Errorf("%s v%d is no route", row.endpoint, row.version)
	}
}

// ofParticipants tells whether an endpoint belongs to the Participant API.
func ofParticipants(endpoint string) bool {
	_, path, _ := strings.Cut(endpoint, " ")
	for _, start := range []string{"participants", "attendees", "moderators", "pin"} {
		if strings.HasPrefix(path+"/", "/room/{token}/"+start+"/") {
			return true
		}
	}
	return strings.HasPrefix(path, "/guest/")
}

// promised are the statuses that the public description of the API names, for v1
// and for v4. Where the server answers otherwise docs/divergences.md says why.
func promised() map[int]map[string][]int {
	return map[int]map[string][]int{
		1: {
			"list": {200, 403, 404, 412}, "add": {200, 400, 403, 404}, "remove user": {200, 400, 403, 404}, "remove self": {200, 400, 404},
			"remove guest": {200, 400, 403, 404}, "join": {200, 403, 404, 409}, "leave": {200, 404}, "promote": {200, 400, 403, 404},
			"demote": {200, 400, 403, 404}, "guest name": {200, 403, 404},
		},
		4: {
			"list": {200, 403, 404, 412}, "add": {200, 400, 403, 404}, "remove attendee": {200, 400, 403, 404}, "remove self": {200, 400, 404},
			"join": {200, 403, 404, 409}, "resend": {200, 403, 404}, "leave": {200, 404}, "promote": {200, 400, 403, 404},
			"demote": {200, 400, 403, 404}, "permissions": {200, 400, 403, 404}, "all permissions": {200, 400, 403, 404}, "PIN": {200, 401, 404},
		},
	}
}

func TestEveryPromisedStatusIsInTheTable(t *testing.T) {
	for version, endpoints := range promised() {
		for _, topic := range topics() {
			for _, status := range endpoints[topic.name] {
				found := slices.ContainsFunc(topic.cases, func(c apiCase) bool { return c.status == status && slices.Contains(c.versions, version) })
				if !found {
					t.Errorf("%s v%d never answers %d", topic.name, version, status)
				}
			}
			delete(endpoints, topic.name)
		}
		if len(endpoints) > 0 {
			t.Errorf("v%d: no topics for %v", version, endpoints)
		}
	}
}
