package archtest

import "slices"

// importRule says what the packages in some folders must not import.
type importRule struct {
	in     []string // folders below the root, each with all below it
	except []string // folders that the rule does not hold for
	forbid []string // import paths, each with all below it; own packages as folders
	allow  []string // exceptions from forbid, each with all below it
	only   []string // if not empty: the only imports besides the standard library
	reason string
}

// endpoints are the groups of endpoints.
var endpoints = []string{
	"internal/api/avatar", "internal/api/bot", "internal/api/call", "internal/api/chat", "internal/api/conversation", "internal/api/directory", "internal/api/events",
	"internal/api/notifications",
	"internal/api/platform", "internal/api/signal",
}

// Floors of the house, from below. A package imports none of its own floor and none above.
var (
	faces    = []string{"internal/ocs", "internal/api", "internal/web", "internal/signaling", "internal/mail"}
	useCases = []string{
		"internal/directory", "internal/conversation", "internal/chat", "internal/notify", "internal/bot", "internal/events", "internal/call", "internal/signal", "internal/avatar",
	}
	subjects = slices.Concat([]string{"internal/settings", "internal/outbox", "internal/room"}, useCases)
)

// others are the rooms of the floor of use cases but for some.
func others(known ...string) []string {
	return slices.DeleteFunc(slices.Clone(useCases), func(room string) bool { return slices.Contains(known, room) })
}

// importRules are the arrows of the house:
// talk ← db ← store ← {settings, outbox} ← room ← {conversation, chat}, conversation ← directory,
// use cases ← api/* → ocs, {api, web} ← server ← cmd.
var importRules = []importRule{
	{
		in: []string{"internal/talk"}, only: []string{"internal/talk"},
		forbid: []string{"net/http", "database/sql", "os", "encoding/json"},
		reason: "talk is vocabulary and pure rules: standard library, no I/O, no wire format",
	},
	{
		in: []string{"client"}, only: []string{"client"},
		reason: "a client knows the API and nothing of the server: standard library only",
	},
	{
		in: []string{"internal/secret"}, only: []string{"golang.org/x/crypto"},
		reason: "what must not be guessed depends on nothing that could change it",
	},
	{
		in: []string{"internal/webpush"}, only: []string{"internal/webpush"},
		reason: "webpush is cryptography by the standard library: no accounts, no requests",
	},
	{
		in:     []string{"internal/db"},
		forbid: []string{"internal/store", "internal/dbadmin", "internal/secret", "internal/auth", "internal/config", "net/http"},
		reason: "db runs transactions and knows no table",
	},
	{
		in:     []string{"internal/dbadmin"},
		forbid: []string{"internal/ocs", "internal/signaling", "internal/auth", "internal/config", "net/http"},
		reason: "dbadmin works on whole databases and knows only db and store",
	},
	{
		in:     []string{"internal/store"},
		forbid: []string{"internal/dbadmin", "internal/ocs", "internal/signaling", "internal/auth", "internal/config", "net/http"},
		reason: "store knows rows and rules, not who asks for them or how",
	},
	{
		in:     []string{"internal/bus"},
		forbid: []string{"internal/db", "internal/store", "internal/ocs", "internal/signaling", "internal/auth", "net/http"},
		reason: "bus carries events between nodes and knows nothing of their source",
	},
	{
		in:     []string{"internal/db", "internal/store", "internal/dbadmin", "internal/bus"},
		forbid: slices.Concat(subjects, faces),
		reason: "the lower floors know no use case and no face of the server",
	},
	{
		in: []string{"internal/bus"}, only: []string{"internal/bus", "github.com/jackc/pgx", "github.com/nats-io/nats.go"},
		reason: "bus listens and notifies on connections of its own, and reads no table",
	},
	{
		in: []string{"internal/outbox"}, only: []string{"internal/outbox", "internal/db", "internal/store", "internal/bus"},
		reason: "the outbox knows how to deliver, and each kind by its function alone",
	},
	{
		in:     subjects,
		forbid: slices.Concat(faces, []string{"internal/dbadmin", "internal/auth", "internal/config", "net/http"}),
		reason: "use cases are the same for every face of the server",
	},
	{
		in:     []string{"internal/settings", "internal/outbox"},
		forbid: slices.Concat([]string{"internal/room"}, useCases),
		reason: "settings are below conversations",
	},
	{
		in: []string{"internal/settings"}, forbid: []string{"internal/outbox"},
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/outbox"}, forbid: []string{"internal/settings"},
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/room"}, forbid: useCases,
		reason: "room is what all use cases of a conversation stand on",
	},
	{
		in: []string{"internal/conversation"}, forbid: others("internal/conversation"),
		reason: "rooms of one floor do not know each other; only directory stands on conversation",
	},
	{
		in: []string{"internal/chat"}, forbid: others("internal/chat"),
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/call"}, forbid: others("internal/call"),
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/avatar"}, forbid: others("internal/avatar"),
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/picture"}, only: []string{"internal/picture", "golang.org/x/image"},
		reason: "picture draws and reads pictures, of whomever they are",
	},
	{
		in: []string{"internal/jwt"}, only: []string{"internal/jwt"},
		reason: "jwt is cryptography by the standard library",
	},
	{
		in: []string{"internal/signal"}, forbid: others("internal/signal", "internal/call"),
		reason: "rooms of one floor do not know each other; who joins a call by a signaling server does it by call",
	},
	{
		in: []string{"internal/notify"}, forbid: others("internal/notify"),
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/events"}, forbid: others("internal/events"),
		reason: "rooms of one floor do not know each other",
	},
	{
		in: []string{"internal/bot"}, forbid: others("internal/bot", "internal/chat"),
		reason: "rooms of one floor do not know each other; bots stand on chat",
	},
	{
		in: []string{"internal/directory"}, forbid: others("internal/directory", "internal/conversation"),
		reason: "rooms of one floor do not know each other; only directory stands on conversation",
	},
	{
		in:     []string{"internal/ocs"},
		forbid: []string{"internal/db", "internal/store", "internal/dbadmin", "internal/api"},
		reason: "ocs is the protocol: it knows no endpoint and no transaction",
	},
	{
		in:     []string{"internal/api"},
		forbid: []string{"internal/db", "internal/store", "internal/dbadmin", "internal/signaling", "internal/web", "net/http"},
		reason: "handlers speak to the use cases by way of the protocol, whose errors.go knows the status numbers",
	},
	{
		in:     endpoints,
		forbid: append([]string{"internal/api"}, endpoints...),
		allow:  []string{"internal/api/wire"},
		reason: "groups of endpoints share nothing but what they write in the same form",
	},
	{
		in:     []string{"internal/api/wire"},
		forbid: endpoints,
		reason: "what all groups of endpoints share knows none of them",
	},
	{
		in:     []string{"internal/signaling"},
		forbid: []string{"internal/db", "internal/store", "internal/dbadmin", "internal/api", "internal/ocs"},
		reason: "signaling is a face of its own over the use cases",
	},
	{
		in:     []string{"internal/config", "internal/obs"},
		forbid: slices.Concat([]string{"internal/talk", "internal/db", "internal/store", "internal/auth"}, subjects, faces),
		reason: "settings and observation are below everything else",
	},
	{
		in: []string{"internal", "cmd"}, except: []string{"internal/db", "internal/dbadmin", "internal/talktest", "internal/bus"},
		forbid: []string{"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose"},
		reason: "only db and dbadmin open databases; every SQL statement is in store, once, on a transaction of db",
	},
	{
		in: []string{"internal", "cmd"}, except: []string{"internal/bus"}, forbid: []string{"github.com/nats-io"},
		reason: "nodes reach each other by the bus",
	},
	{
		in: []string{"internal"}, except: []string{"internal/server", "internal/talktest"},
		forbid: []string{"internal/server"},
		reason: "server is the only package that knows all others, so none can know server",
	},
	{
		in:     []string{"internal"},
		forbid: []string{"cmd"},
		reason: "cmd is the outermost ring",
	},
	{
		in: []string{"internal", "cmd"}, except: []string{"internal/talktest"},
		forbid: []string{"testing", "internal/talktest", "github.com/google/go-cmp", "pgregory.net/rapid"},
		reason: "the test kit is for tests",
	},
}

// place is a file or folder that a rule does not hold for.
type exemption struct{ path, reason string }

// clockPlaces may read the time of the machine; everybody else is given a clock.
var clockExempt = []exemption{
	{"internal/server", "wires the real clock"},
	{"internal/obs", "measures how long things take"},
	{"internal/talktest", "the test kit starts and waits for real servers"},
	{"cmd", "the outermost ring"},
	{"bench", "measures how long things take"},
}

// clockFile is the name of a file that may read the time in any package.
const clockFile = "clock.go"

// filePlaces may open files. SQLite loses its locks on a file when anybody in the process closes a
// descriptor of it, so whoever is listed here opens no file of a database that is open.
var fileExempt = []exemption{
	{"internal/db/files.go", "files that are no database yet, and folders"},
	{"internal/db/lockfile.go", "the lock file, which lies beside the database"},
	{"internal/server/firstadmin.go", "a new file with the first password"},
	{"internal/server/doctor.go", "a new file that tells whether the folder can be written"},
	{"internal/config/file.go", "the file with the settings"},
	{"internal/talktest", "the test kit"},
	{"cmd/parley/passwords.go", "a file with a password"},
	{"cmd/parley/userimport.go", "a file with accounts, before a database is open"},
	{"bench", "measures, and is no server"},
}

// toldFunctions of store change what others are told of. Only package room calls them, by
// methods of a change that tell.
var toldFunctions = []string{
	"UpdateRoom", "DeleteRoom", "InsertAttendee", "InsertAttendees", "InsertReader", "UpdateAttendee", "DeleteAttendee",
	"DeleteAttendeesOfRoles", "InsertSession", "DeleteSession", "InsertMessages",
}

// tellingPlaces may call toldFunctions.
var tellingExempt = []exemption{
	{"internal/room", "tells what it changes"},
	{"internal/talktest", "the test kit"},
	{"internal/dbadmin", "loads whole databases that nobody uses yet"},
}

// statusPlaces may hold status numbers in package ocs.
var statusExempt = []exemption{
	{"internal/ocs/errors.go", "the one table from kinds of errors to numbers"},
	{"internal/ocs/envelope.go", "turns a number into the two envelopes, and answers what has no envelope"},
}
