package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// scrape returns the names of all metrics, and the values of those without labels.
func scrape(t *testing.T, address string) (names map[string]bool, values map[string]string, text string) {
	t.Helper()
	status, _, text := get(t, "http://"+address+"/metrics")
	if status != 200 {
		t.Fatalf("metrics: %d %s", status, text)
	}
	names, values = map[string]bool{}, map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		switch {
		case len(words) == 4 && words[1] == "TYPE":
			names[words[2]] = true
			if words[3] == "histogram" {
				names[words[2]+"_bucket"], names[words[2]+"_count"], names[words[2]+"_sum"] = true, true, true
			}
		case len(words) == 2 && !strings.Contains(words[0], "{"):
			values[words[0]] = words[1]
		}
	}
	return names, values, text
}

func TestMetrics(t *testing.T) {
	cfg := settings(t)
	cfg.Debug, cfg.MaxConnections, cfg.Admin = freeAddress(t), 77, "admin:start-password-1"
	srv := start(t, cfg)
	if !logsIn(t, srv.url, "admin", "start-password-1") {
		t.Fatal("the administrator cannot log in")
	}
	_, values, text := scrape(t, cfg.Debug)
	for name, want := range map[string]string{
		"parley_connections_limit": "77", "parley_conversations": "0", "parley_sessions": "0", "parley_mail_waiting": "0",
		"parley_mail_failed": "0", "parley_bus_lost_total": "0", "parley_blocked_networks": "0", "parley_database_deadlocks_total": "0",
	} {
		if values[name] != want {
			t.Errorf("%s is %q, want %s", name, values[name], want)
		}
	}
	if n := values["parley_database_commits_total"]; n == "" || n == "0" {
		t.Errorf("%q commits", n)
	}
	for _, cache := range []string{"conversations", "answers", "lists", "credentials", "networks"} {
		for _, of := range []string{"hits_total", "misses_total", "entries", "bytes"} {
			if line := fmt.Sprintf("parley_cache_%s{cache=%q} ", of, cache); !strings.Contains(text, line) {
				t.Errorf("no %s", line)
			}
		}
	}
}

// The totals are what is in the database.
func TestTotalsOfTheDatabase(t *testing.T) {
	cfg := settings(t)
	cfg.Debug, cfg.Admin = freeAddress(t), "admin:start-password-1"
	srv := talktest.Start(t, talktest.On("sqlite:"+cfg.Data+"/parley.db"), talktest.BruteForce)
	token := srv.As("alice").Post("v4/room", talktest.P{
		"roomType": 3, "roomName": "x", "participants": map[string]any{"emails": []string{"a@example.com", "b@example.com"}},
	}).Created().Text("token")
	srv.As("alice").Post("v4/room/" + token + "/participants/active").OK()
	srv.Guest().Post("v4/room/" + token + "/participants/active").OK()
	for range 12 {
		srv.Guest().Raw("GET", "/call/nowhere2")
	}
	totals, err := srv.Totals(t.Context())
	if err != nil || totals.Conversations != 1 || totals.Sessions != 2 || totals.MailWaiting != 2 || totals.BlockedNetworks != 1 {
		t.Errorf("%+v (%v)", totals, err)
	}
}

// The dashboard asks for nothing that is not there.
func TestDashboard(t *testing.T) {
	data, err := os.ReadFile("../../packaging/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Templating struct{ List []struct{ Name, Type string } }
		Panels     []struct {
			ID         int
			Title      string
			Datasource struct{ UID string }
			Targets    []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &board); err != nil {
		t.Fatal(err)
	}
	if list := board.Templating.List; len(list) == 0 || list[0].Name != "datasource" || list[0].Type != "datasource" {
		t.Errorf("variables %v", list)
	}
	cfg := settings(t)
	cfg.Debug = freeAddress(t)
	srv := start(t, cfg)
	get(t, srv.url+"/")
	names, _, _ := scrape(t, cfg.Debug)
	asked, ids := map[string]bool{}, map[int]bool{}
	name := regexp.MustCompile(`\b(?:parley|go|process|promhttp)_[a-z0-9_]+`)
	for _, p := range board.Panels {
		if p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 || ids[p.ID] {
			t.Errorf("panel %q: %+v", p.Title, p)
		}
		ids[p.ID] = true
		for _, target := range p.Targets {
			found := name.FindAllString(target.Expr, -1)
			if len(found) == 0 {
				t.Errorf("%q asks for nothing: %s", p.Title, target.Expr)
			}
			for _, metric := range found {
				asked[metric] = true
				if !names[metric] {
					t.Errorf("%q asks for %s, which does not exist", p.Title, metric)
				}
			}
		}
	}
	for metric := range names {
		base := regexp.MustCompile(`_(bucket|count|sum)$`).ReplaceAllString(metric, "")
		if strings.HasPrefix(metric, "parley_") && !asked[metric] && !asked[base+"_bucket"] && !asked[base+"_count"] {
			t.Errorf("no panel shows %s", metric)
		}
	}
}
