package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestHouse holds the rules against this project.
func TestHouse(t *testing.T) {
	sources, err := load(os.DirFS("../.."), "internal", "cmd", "bench", "client")
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 10 {
		t.Fatalf("only %d files were found: the test looks at the wrong folder", len(sources))
	}
	for _, s := range sources {
		if strings.HasPrefix(s.dir, "internal/api/") && s.dir != "internal/api/wire" && !within(s.dir, endpoints) {
			t.Errorf("%s is not listed in endpoints", s.dir)
		}
	}
	for _, violation := range violations(sources) {
		t.Error(violation)
	}
}

// TestRulesBite breaks each rule once, so that a rule that no longer sees anything fails.
func TestRulesBite(t *testing.T) {
	for name, test := range map[string]struct {
		file, text string
		want       string // part of the violation, "" for none
	}{
		"talk imports json":                {"internal/talk/x.go", `import "encoding/json"`, "import of encoding/json"},
		"talk imports below os":            {"internal/talk/x.go", `import "os/exec"`, "import of os/exec"},
		"talk imports a module":            {"internal/talk/x.go", `import "example.org/x"`, "import of example.org/x"},
		"talk imports store":               {"internal/talk/x.go", `import "parley/internal/store"`, "import of internal/store"},
		"talk imports std":                 {"internal/talk/x.go", `import ("time"; "slices")`, ""},
		"client imports talk":              {"client/x.go", `import "parley/internal/talk"`, "import of internal/talk"},
		"secret imports x/text":            {"internal/secret/x.go", `import "golang.org/x/text"`, "import of golang.org/x/text"},
		"secret imports x/crypto":          {"internal/secret/x.go", `import "golang.org/x/crypto/argon2"`, ""},
		"db imports store":                 {"internal/db/x.go", `import "parley/internal/store"`, "import of internal/store"},
		"db imports sql":                   {"internal/db/x.go", `import "database/sql"`, ""},
		"store imports dbadmin":            {"internal/store/x.go", `import "parley/internal/dbadmin"`, "import of internal/dbadmin"},
		"dbadmin imports store":            {"internal/dbadmin/x.go", `import "parley/internal/store"`, ""},
		"ocs imports db":                   {"internal/ocs/x.go", `import "parley/internal/db"`, "import of internal/db"},
		"store imports room":               {"internal/store/x.go", `import "parley/internal/room"`, "import of internal/room"},
		"store imports http":               {"internal/store/x.go", `import "net/http"`, "import of net/http"},
		"store imports sql":                {"internal/store/x.go", `import "database/sql"`, "import of database/sql"},
		"bus imports store":                {"internal/bus/x.go", `import "parley/internal/store"`, "import of internal/store"},
		"bus imports sql":                  {"internal/bus/x.go", `import "modernc.org/sqlite"`, "import of modernc.org/sqlite"},
		"outbox imports mail":              {"internal/outbox/x.go", `import "parley/internal/mail"`, "import of internal/mail"},
		"bus imports pgx":                  {"internal/bus/x.go", `import "github.com/jackc/pgx/v5"`, ""},
		"bus imports nats":                 {"internal/bus/x.go", `import "github.com/nats-io/nats.go"`, ""},
		"chat imports nats":                {"internal/chat/x.go", `import "github.com/nats-io/nats.go"`, "import of github.com/nats-io/nats.go"},
		"settings imports room":            {"internal/settings/x.go", `import "parley/internal/room"`, "import of internal/room"},
		"room imports settings":            {"internal/room/x.go", `import "parley/internal/settings"`, ""},
		"room imports chat":                {"internal/room/x.go", `import "parley/internal/chat"`, "import of internal/chat"},
		"conversation imports directory":   {"internal/conversation/x.go", `import "parley/internal/directory"`, "import of internal/directory"},
		"directory imports conversation":   {"internal/directory/x.go", `import "parley/internal/conversation"`, ""},
		"chat imports conversation":        {"internal/chat/x.go", `import "parley/internal/conversation"`, "import of internal/conversation"},
		"directory imports chat":           {"internal/directory/x.go", `import "parley/internal/chat"`, "import of internal/chat"},
		"conversation imports ocs":         {"internal/conversation/x.go", `import "parley/internal/ocs"`, "import of internal/ocs"},
		"conversation imports http":        {"internal/conversation/x.go", `import "net/http"`, "import of net/http"},
		"conversation imports sql":         {"internal/conversation/x.go", `import "database/sql"`, "import of database/sql"},
		"ocs imports store":                {"internal/ocs/x.go", `import "parley/internal/store"`, "import of internal/store"},
		"ocs imports sql":                  {"internal/ocs/sub/x.go", `import "database/sql/driver"`, "import of database/sql/driver"},
		"signaling imports ocs":            {"internal/signaling/x.go", `import "parley/internal/ocs"`, "import of internal/ocs"},
		"config imports room":              {"internal/config/x.go", `import "parley/internal/room"`, "import of internal/room"},
		"web imports server":               {"internal/web/x.go", `import "parley/internal/server"`, "import of internal/server"},
		"server imports all":               {"internal/server/x.go", `import ("parley/internal/ocs"; "parley/internal/store")`, ""},
		"server imports cmd":               {"internal/server/x.go", `import "parley/cmd/parley"`, "import of cmd/parley"},
		"cmd imports a driver":             {"cmd/parley/x.go", `import "github.com/jackc/pgx/v5/stdlib"`, "import of github.com/jackc/pgx"},
		"cmd imports server":               {"cmd/parley/x.go", `import "parley/internal/server"`, ""},
		"mail imports testing":             {"internal/mail/x.go", `import "testing"`, "import of testing"},
		"tests may":                        {"internal/talk/x_test.go", `import "encoding/json"`, ""},
		"time.Now":                         {"internal/conversation/x.go", `func f() { time.Now() }`, "reads the machine's time"},
		"time.Since":                       {"internal/conversation/x.go", `func f() { time.Since(t) }`, "reads the machine's time"},
		"time.Now in clock.go":             {"internal/conversation/clock.go", `func f() { time.Now() }`, ""},
		"time.Now in server":               {"internal/server/x.go", `func f() { time.Now() }`, ""},
		"time.Duration":                    {"internal/conversation/x.go", `var d time.Duration`, ""},
		"os.Open":                          {"internal/store/x.go", `func f() { os.Open("parley.db-shm") }`, "opens a file"},
		"os.ReadFile":                      {"internal/server/x.go", `func f() { os.ReadFile("parley.db") }`, "opens a file"},
		"syscall.Open":                     {"internal/store/x.go", `func f() { syscall.Open("parley.db", 0, 0) }`, "opens a file"},
		"os.Open in files.go":              {"internal/db/files.go", `func f() { os.Open("x") }`, ""},
		"os.Stat":                          {"internal/store/x.go", `func f() { os.Stat("parley.db") }`, ""},
		"silent change":                    {"internal/conversation/x.go", `func f() { store.UpdateRoom(nil, nil) }`, "tells others"},
		"told change":                      {"internal/room/x.go", `func f() { store.UpdateRoom(nil, nil) }`, ""},
		"status constant":                  {"internal/ocs/x.go", `var s = http.StatusOK`, "status number"},
		"status literal":                   {"internal/ocs/x.go", `var s = 404`, "status number"},
		"status literal in errors":         {"internal/ocs/errors.go", `var s = 404`, ""},
		"other number":                     {"internal/ocs/x.go", `const depth = 512`, ""},
		"status elsewhere":                 {"internal/web/x.go", `var s = http.StatusOK`, ""},
		"large package":                    {"internal/conversation/x.go", strings.Repeat("\n", 5000), "divide it"},
		"init":                             {"internal/conversation/x.go", `func init() {}`, "init function"},
		"init method":                      {"internal/conversation/x.go", "type t int\nfunc (t) init() {}", ""},
		"map filled":                       {"internal/conversation/x.go", "var m = map[int]int{}\nfunc f() { m[1] = 2 }", "package variable m"},
		"slice grown":                      {"internal/conversation/x.go", "var s []int\nfunc f() { s = append(s, 1) }", "package variable s"},
		"map emptied":                      {"internal/conversation/x.go", "var m = map[int]int{}\nfunc f() { delete(m, 1) }", "package variable m"},
		"counter":                          {"internal/conversation/x.go", "var n int\nfunc f() { n++ }", "package variable n"},
		"field":                            {"internal/conversation/x.go", "var v struct{ a []int }\nfunc f() { (v).a[0] = 1 }", "package variable v"},
		"table":                            {"internal/conversation/x.go", "var m = map[int]int{1: 2}\nfunc f() int { return m[1] }", ""},
		"local of the same name":           {"internal/conversation/x.go", "var m = map[int]int{}\nfunc f() { m := map[int]int{}; m[1] = 2 }", ""},
		"imported type":                    {"internal/conversation/x.go", "import \"sync\"\nvar v sync.Mutex\nfunc f() { v = sync.Mutex{} }", "package variable v"},
		"endpoints: ocs imports endpoints": {"internal/ocs/x.go", `import "parley/internal/api/chat"`, "import of internal/api/chat"},
		"endpoints: chat imports rooms":    {"internal/api/chat/x.go", `import "parley/internal/api/conversation"`, "import of internal/api/conversation"},
		"endpoints: chat imports wire":     {"internal/api/chat/x.go", `import "parley/internal/api/wire"`, ""},
		"endpoints: wire imports chat":     {"internal/api/wire/x.go", `import "parley/internal/api/chat"`, "import of internal/api/chat"},
		"endpoints: chat imports store":    {"internal/api/chat/x.go", `import "parley/internal/store"`, "import of internal/store"},
		"endpoints: chat imports http":     {"internal/api/chat/x.go", `import "net/http"`, "import of net/http"},
		"endpoints: api joins endpoints":   {"internal/api/x.go", `import "parley/internal/api/chat"`, ""},
		"endpoints: app imports endpoints": {"internal/conversation/x.go", `import "parley/internal/api/chat"`, "import of internal/api/chat"},
		"endpoints: status in an endpoint": {"internal/api/chat/x.go", `var s = 404`, "status number"},
	} {
		t.Run(name, func(t *testing.T) {
			sources, err := load(fstest.MapFS{test.file: {Data: []byte("package x\n" + test.text)}}, "internal", "cmd", "client")
			if err != nil {
				t.Fatal(err)
			}
			got := violations(sources)
			bites := slices.ContainsFunc(got, func(v string) bool { return strings.Contains(v, test.want) })
			if test.want == "" && len(got) > 0 || test.want != "" && !bites {
				t.Errorf("violations %q, want %q", got, test.want)
			}
		})
	}
}

func TestGlobalsAcrossFiles(t *testing.T) {
	sources, err := load(fstest.MapFS{
		"internal/conversation/a.go": {Data: []byte("package conversation\nvar m map[int]int")},
		"internal/conversation/b.go": {Data: []byte("package conversation\nfunc f() { m[1] = 2 }")},
		"internal/bus/b.go":          {Data: []byte("package bus\nfunc f(m map[int]int) { m[1] = 2 }")},
	}, "internal")
	if err != nil {
		t.Fatal(err)
	}
	got := violations(sources)
	if len(got) != 1 || !strings.HasPrefix(got[0], "internal/conversation/b.go:2: ") {
		t.Errorf("violations %q, want one in internal/conversation/b.go:2", got)
	}
}

func TestBrokenSourceIsAnError(t *testing.T) {
	if _, err := load(fstest.MapFS{"cmd/x.go": {Data: []byte("package")}}, "cmd"); err == nil {
		t.Error("no error for a file that is not Go")
	}
}
