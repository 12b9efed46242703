package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/talktest"
)

const people = `id,name,email,groups
alice,Alice Adams,alice@example.org,staff
bob,Bob,,staff; nosuch
,nobody,,
carol,Carol,carol@example.org,
`

// outcomes returns what a JSON list of imported lines says of each id.
func outcomes(t *testing.T, r result) map[string]importView {
	t.Helper()
	var views []importView
	if err := json.Unmarshal([]byte(r.out), &views); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	byID := map[string]importView{}
	for _, v := range views {
		byID[v.ID] = v
	}
	return byID
}

func TestImport(t *testing.T) {
	s := newShell(t)
	s.ok("group add staff")
	dry := s.on("user import - --json --generate --dry-run", people)
	if got := outcomes(t, dry); got["alice"].Outcome != "created" || got["alice"].Password != "" {
		t.Errorf("dry run: %+v", got)
	}
	if list := s.ok("user list"); strings.Contains(list, "alice") {
		t.Errorf("a dry run made accounts:\n%s", list)
	}

	r := s.on("user import - --json --generate", people)
	got := outcomes(t, r)
	if r.code != exitFailure || !strings.Contains(r.err, "2 of 4 lines failed") {
		t.Errorf("exit code %d, %q", r.code, r.err)
	}
	for id, want := range map[string]string{"alice": "created", "bob": "failed", "": "failed", "carol": "created"} {
		v := got[id]
		if v.Outcome != want || (v.Password != "") != (want == "created") || (v.Error != "") != (want == "failed") {
			t.Errorf("%q: %+v, want %s", id, v, want)
		}
	}
	if got["bob"].Line != 3 {
		t.Errorf("bob is in line %d", got["bob"].Line)
	}
	list := s.ok("user list")
	if strings.Contains(list, "bob") || !strings.Contains(list, "Alice Adams") || !strings.Contains(list, "staff") {
		t.Errorf("accounts:\n%s", list)
	}

	again := outcomes(t, s.on("user import - --json", people))
	if again["alice"].Outcome != "skipped" || again["bob"].Outcome != "failed" {
		t.Errorf("again: %+v", again)
	}
	changed := outcomes(t, s.on("user import - --json --update", "email,id,groups\nnew@example.org,carol,staff\n"))
	if changed["carol"].Outcome != "updated" {
		t.Errorf("update: %+v", changed)
	}
	if list := s.ok("user list carol"); !strings.Contains(list, "new@example.org") || !strings.Contains(list, "staff") || !strings.Contains(list, "Carol") {
		t.Errorf("carol:\n%s", list)
	}
}

// A file that cannot be read changes nothing, and all its bad lines are named.
func TestImportOfBadFiles(t *testing.T) {
	s := newShell(t)
	for text, want := range map[string]string{
		"":                             "no line with the names of the columns",
		"id,nme\nx,y\n":                `no column "nme"`,
		"name\nx\n":                    "no column is named id",
		"id,name\nx\nok,y\nz,1,2\n":    "line 2 has 1 cells, the first line has 2; line 4 has 3 cells",
		"id,name\nok,y\n\"open,1\n2\n": "extraneous or missing",
	} {
		if r := s.on("user import - --generate", text); r.code != exitFailure || !strings.Contains(r.err, want) {
			t.Errorf("%q: exit code %d, %q, want %q", text, r.code, r.err, want)
		}
	}
	if r := s.on("user import /nowhere.csv", ""); r.code != exitFailure || !strings.Contains(r.err, "/nowhere.csv") {
		t.Errorf("no file: %+v", r)
	}
	if list := s.ok("user list"); strings.Contains(list, "ok") {
		t.Errorf("accounts were made:\n%s", list)
	}
}

func TestUserSet(t *testing.T) {
	s := newShell(t)
	s.ok("user add alice --email alice@example.org")
	s.ok("user set alice --name Al")
	if list := s.ok("user list"); !strings.Contains(list, "Al ") || !strings.Contains(list, "alice@example.org") {
		t.Errorf("after a new name:\n%s", list)
	}
	s.ok("user set alice --email=")
	if list := s.ok("user list"); strings.Contains(list, "example.org") {
		t.Errorf("after the address was taken away:\n%s", list)
	}
	for line, code := range map[string]int{"user set alice": exitFailure, "user set nobody --name x": exitFailure, "user set alice --email x": exitFailure} {
		if r := s.on(line, ""); r.code != code || r.err == "" {
			t.Errorf("%s: %+v", line, r)
		}
	}
}

// Commands about people and moderators count at once in a running server.
func TestPeopleBesideARunningServer(t *testing.T) {
	s := newShell(t)
	srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
	alice, bob := srv.As("alice"), srv.As("bob")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Garden party"}).Created().Text("token")
	alice.Post("v4/room/"+token+"/participants", talktest.P{"newParticipant": "bob"}).OK()
	bob.Post("v4/room/" + token + "/participants/active").OK()

	bob.Put("v4/room/"+token, talktest.P{"roomName": "Mine"}).Expect(403)
	if out := s.ok("room moderators " + token + " --add bob"); !strings.Contains(out, "bob") {
		t.Errorf("moderators:\n%s", out)
	}
	bob.Put("v4/room/"+token, talktest.P{"roomName": "Mine"}).OK()
	s.ok("room moderators " + token + " --remove bob")
	bob.Put("v4/room/"+token, talktest.P{"roomName": "Yours"}).Expect(403)
	for line, problem := range map[string]string{
		"room moderators " + token + " --add nobody":   "is not in it",
		"room moderators " + token + " --remove alice": "owners stay owners",
		"room moderators nothing":                      "no conversation nothing",
	} {
		if r := s.on(line, ""); r.code != exitFailure || !strings.Contains(r.err, problem) {
			t.Errorf("%s: %+v", line, r)
		}
	}

	if out := s.ok("user sessions bob"); !strings.Contains(out, token) {
		t.Errorf("sessions of bob:\n%s", out)
	}
	if out := s.ok("user sessions bob --end"); !strings.Contains(out, "ended: 1") {
		t.Errorf("end: %s", out)
	}
	for _, p := range alice.Get("v4/room/" + token + "/participants").OK().List() {
		if p.Text("actorId") == "bob" && len(p["sessionIds"].([]any)) != 0 {
			t.Errorf("bob is still there: %v", p)
		}
	}
	if r := s.on("user sessions nobody", ""); r.code != exitFailure {
		t.Errorf("sessions of nobody: %+v", r)
	}
}

func TestExport(t *testing.T) {
	s := newShell(t)
	srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
	alice := srv.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Garden party", "password": "hidden-word"}).Created().Text("token")
	alice.Post("v4/room/" + token + "/participants/active").OK()
	id := fmt.Sprint(alice.Post("v1/chat/"+token, talktest.P{"message": "Who comes?"}).Created().Number("id"))
	alice.Post("v1/reaction/"+token+"/"+id, talktest.P{"reaction": "🎉"}).Created()
	poll := alice.Post("v1/poll/"+token, talktest.P{"question": "Tea?", "options": []string{"yes", "no"}, "resultMode": 0, "maxVotes": 1}).Created()
	alice.Post(fmt.Sprint("v1/poll/", token, "/", poll.Number("id")), talktest.P{"optionIds": []int{1}}).OK()
	alice.Post("v1/chat/"+token+"/"+id+"/reminder", talktest.P{"timestamp": 1_900_000_000}).Created()
	srv.As("bob").Post("v4/room", talktest.P{"roomType": 2, "roomName": "Plans", "participants": map[string][]string{"users": {"alice"}}}).Created()
	out := s.ok("user export alice")
	for _, want := range []string{
		`"messageId": ` + id + `,
      "reaction": "🎉"`, `"question": "Tea?",`, `"optionId": 1`, `"messageId": ` + id + `,
      "timestamp": 1900000000`, `"subject": "invitation"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the export has no %s:\n%s", want, out)
		}
	}
	var p struct {
		Account       struct{ ID string }
		Conversations []struct {
			Token string
			Role  int `json:"participantType"`
		}
		AppPasswords []struct{ Name string }
		Sessions     []struct{ Token string }
		Messages     []struct {
			Token  string
			System string `json:"systemMessage"`
		}
	}
	if err := json.Unmarshal([]byte(out), &p); err != nil {
		t.Fatal(err, out)
	}
	if p.Account.ID != "alice" || len(p.Conversations) != 2 || p.Conversations[0].Role != 1 || len(p.Sessions) != 1 || len(p.AppPasswords) != 1 {
		t.Errorf("exported %+v", p)
	}
	if want := "[{Token:" + token + " System:conversation_created}]"; !strings.HasPrefix(fmt.Sprintf("%+v", p.Messages), strings.TrimSuffix(want, "]")) {
		t.Errorf("messages %+v, want %s first", p.Messages, want)
	}
	for _, secret := range []string{"hidden-word", "argon2", alice.Password} {
		if strings.Contains(out, secret) {
			t.Errorf("the export holds %q", secret)
		}
	}
	if r := s.on("user export nobody", ""); r.code != exitFailure || !strings.Contains(r.err, "no account nobody") {
		t.Errorf("export of nobody: %+v", r)
	}
}

func TestOutboxCommands(t *testing.T) {
	s := newShell(t)
	srv := talktest.Start(t, talktest.On("sqlite:"+filepath.Join(s.data, "parley.db")))
	alice := srv.As("alice")
	token := alice.Post("v4/room", talktest.P{"roomType": 3, "roomName": "Garden party"}).Created().Text("token")
	for _, address := range []string{"one@example.org", "two@example.org"} {
		alice.Post("v4/room/"+token+"/participants", talktest.P{"source": "emails", "newParticipant": address}).OK()
	}
	list := s.ok("outbox list mail")
	if !strings.Contains(list, "one@example.org") || strings.Count(list, "\n") != 3 {
		t.Errorf("list:\n%s", list)
	}
	if out := s.ok("outbox list push"); strings.Count(out, "\n") != 1 {
		t.Errorf("of another kind:\n%s", out)
	}
	var views []deliveryView
	if err := json.Unmarshal([]byte(s.ok("outbox list --json")), &views); err != nil || len(views) != 2 || views[0].State != "waiting" {
		t.Fatalf("%v %+v", err, views)
	}
	s.ok(fmt.Sprint("outbox retry ", views[0].ID))
	if out := s.ok("outbox retry --all"); !strings.Contains(out, "2") {
		t.Errorf("retry all: %s", out)
	}
	s.ok(fmt.Sprint("outbox drop ", views[0].ID))
	for line, code := range map[string]int{
		fmt.Sprint("outbox drop ", views[0].ID): exitFailure, fmt.Sprint("outbox retry ", views[0].ID): exitFailure,
		"outbox retry": exitUsage, "outbox retry 1 --all": exitUsage,
	} {
		if r := s.on(line, ""); r.code != code {
			t.Errorf("%s: %+v", line, r)
		}
	}
	if list := s.ok("outbox list"); strings.Contains(list, "one@example.org") || !strings.Contains(list, "two@example.org") {
		t.Errorf("after one was dropped:\n%s", list)
	}
}

func TestSettingsAreExplained(t *testing.T) {
	s := newShell(t)
	var all []settingView
	if err := json.Unmarshal([]byte(s.ok("config list --json")), &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if len(v.Meaning) < 15 {
			t.Errorf("%s: %q", v.Key, v.Meaning)
		}
	}
	for key, want := range map[string]string{"start_cals": "is start_calls meant", "force_password": "is force_passwords meant", "zzz": "(parley config list"} {
		if r := s.on("config get "+key, ""); !strings.Contains(r.err, want) || key == "zzz" && strings.Contains(r.err, "meant") {
			t.Errorf("%s: %q", key, r.err)
		}
	}
}
