package ocs

import (
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"parley/internal/auth"
	"parley/internal/talk"
)

// Versions is a set of API versions of Talk, 0 for a path outside of Talk.
type Versions int

// The versions of the API of Talk.
const (
	V1 Versions = 1 << iota
	V2
	V3
	V4
	V1to3 = V1 | V2 | V3
	V1to4 = V1to3 | V4
)

func (v Versions) has(n int) bool { return v&(1<<(n-1)) != 0 }

// Rules are what is checked of a request before any conversation is looked at, and
// what is counted of it. Without any a route is open to everybody.
type Rules uint16

const (
	// Public is for everybody.
	Public Rules = 0
	// Login is for those who are logged in.
	Login Rules = 1 << (iota - 1)
	// Admin is for administrators.
	Admin
	// GroupAdmin is like Admin, since nobody administers single groups; the
	// answer to others has the words that clients know from such places.
	GroupAdmin
	// Confirmed tells that a cookie alone is not enough, unless the client showed
	// the password a short while ago.
	Confirmed
	// Unproven marks a route that needs no proof of being meant.
	Unproven
	// Late tells that the use case itself checks the guard, under its lock, and
	// that the handler needs no access.
	Late
	// CountPasswords counts wrong passwords of conversations against the client.
	CountPasswords
	// CountTokens counts tokens that lead nowhere against the client.
	CountTokens
	// CountSignatures counts wrong signatures of a SIP bridge against the client.
	CountSignatures
	// CountBots counts wrong signatures of bots against the client.
	CountBots
	// CountSignaling counts wrong signatures of signaling servers against the client.
	CountSignaling
)

func (r Rules) has(rule Rules) bool { return r&rule != 0 }

// needsLogin reports whether nobody without an account may use the route.
func (r Rules) needsLogin() bool { return r.has(Login | Admin | GroupAdmin) }

// counted are the actions whose failures count, in the order in which they are looked at.
var counted = []struct {
	rule   Rules
	action string
}{
	{CountPasswords, auth.ActionRoomPassword},
	{CountTokens, auth.ActionRoomToken},
	{CountSignatures, auth.ActionSIPSecret},
	{CountBots, auth.ActionBot},
	{CountSignaling, auth.ActionSignalingSecret},
}

// NoGuard is the guard of routes that look at no conversation, or by themselves.
var NoGuard = talk.Guard{}

// Route is a row of a route table.
type Route struct {
	Method   string
	Path     string
	Versions Versions
	Rules    Rules
	Guard    talk.Guard
	Handler  Handler
	// Refused is what those are answered whom the guard refuses, nil for the failure itself.
	Refused func(*Call, error) (any, error)
	// Version is the API version of an expanded row, 0 outside of Talk.
	Version int
	protect []string
}

// Row is a row of the API of Talk, below /apps/spreed/api/v{n}. The endpoint is like
// "GET /room/{token}".
func Row(versions Versions, endpoint string, rules Rules, guard talk.Guard, h Handler) Route {
	method, path, _ := strings.Cut(endpoint, " ")
	return Route{Method: method, Path: path, Versions: versions, Rules: rules, Guard: guard, Handler: h}
}

// OrElse returns the row with an answer of its own for those whom the guard refuses.
func (r Route) OrElse(answer func(*Call, error) (any, error)) Route {
	r.Refused = answer
	return r
}

// PlatformRow is a row outside of Talk, right below the entry points.
func PlatformRow(endpoint string, rules Rules, h Handler) Route {
	return Row(0, endpoint, rules, NoGuard, h)
}

// Expand returns the rows once for each of their API versions.
func Expand(rows []Route) []*Route {
	var out []*Route
	for i := range rows {
		r := &rows[i]
		if r.Versions == 0 {
			out = append(out, r.forVersion(0))
		}
		for v := 1; v <= 4; v++ {
			if r.Versions.has(v) {
				out = append(out, r.forVersion(v))
			}
		}
	}
	return out
}

func (r *Route) forVersion(v int) *Route {
	row := *r
	row.Version, row.protect = v, r.protects()
	return &row
}

// FullPath is the path of an expanded row below the entry points.
func (r *Route) FullPath() string {
	if r.Version == 0 {
		return r.Path
	}
	return "/apps/spreed/api/v" + strconv.Itoa(r.Version) + r.Path
}

// Legacy reports whether an expanded row belongs to the old API versions.
func (r *Route) Legacy() bool {
	return r.Version >= 1 && r.Version <= 3 && !strings.HasPrefix(r.Path, "/room/{token}/avatar") &&
		(strings.HasPrefix(r.Path, "/room") || strings.HasPrefix(r.Path, "/listed-room") || strings.HasPrefix(r.Path, "/call/") ||
			strings.HasPrefix(r.Path, "/signaling/") && r.Version < 3)
}

// protects returns the actions whose failures count on a row. Wherever a stranger
// could try tokens, those that lead nowhere count. The SIP bridge alone has to
// show a signature of the token first, whose failures count instead.
func (r *Route) protects() []string {
	rules := r.Rules
	if !rules.needsLogin() && strings.Contains(r.Path, "{token}") && !rules.has(CountSignatures|CountBots) {
		rules |= CountTokens
	}
	var out []string
	for _, c := range counted {
		if rules.has(c.rule) {
			out = append(out, c.action)
		}
	}
	return out
}

func (r *Route) counts(action string) bool { return slices.Contains(r.protect, action) }

// Handler is what a route does.
type Handler struct {
	// Name is the method that does it, as the document of the API calls it.
	Name string
	// input is the type of the parameters, nil without any.
	input reflect.Type
	// upload is the file that a multipart body brings, empty for none.
	upload string
	// raw tells that it takes the body as it came.
	raw bool
	run func(*Call) (any, error)
}

// With makes a handler of a function that takes parameters: a struct whose fields
// have tags like `param:"name;required" default:"0"`.
func With[In any](f func(*Call, In) (any, error)) Handler {
	return Handler{Name: nameOf(f), input: reflect.TypeFor[In](), run: func(c *Call) (any, error) {
		var in In
		if err := c.params.bind(&in); err != nil {
			return nil, err
		}
		return f(c, in)
	}}
}

// WithFile is With for a function that also takes the file of a multipart body.
func WithFile[In any](name string, f func(*Call, In) (any, error)) Handler {
	h := With(f)
	h.upload = name
	return h
}

// Plain makes a handler of a function without parameters.
func Plain(f func(*Call) (any, error)) Handler { return Handler{Name: nameOf(f), run: f} }

// WithBody makes a handler of a function that takes the body as it came, at most a megabyte.
func WithBody(f func(*Call, []byte) (any, error)) Handler {
	return Handler{Name: nameOf(f), raw: true, run: func(c *Call) (any, error) { return f(c, c.raw.Bytes()) }}
}

// nameOf is the name of a function or method without its package and receiver.
func nameOf(f any) string {
	name := strings.TrimSuffix(runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name(), "-fm")
	return name[strings.LastIndexByte(name, '.')+1:]
}

// Params are the names of the parameters in the query or the body.
func (h *Handler) Params() []string {
	if h.input == nil {
		return nil
	}
	var names []string
	for _, f := range planOf(h.input) {
		names = append(names, f.names[0])
	}
	return names
}
