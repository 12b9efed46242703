package auth_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"parley/internal/auth"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
)

func TestCookieOfAFreshClient(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct {
		change func(*http.Request)
		secure bool
	}{
		"http":  {func(*http.Request) {}, false},
		"https": {func(r *http.Request) { r.TLS = &tls.ConnectionState{} }, true},
	} {
		id := f.id(request(c.change))
		got := id.Cookie
		if got == nil || !id.Caller.Fresh || got.Name != f.CookieName() || !got.HttpOnly || got.SameSite != http.SameSiteLaxMode ||
			got.Path != "/" || got.Secure != c.secure || got.Valid() != nil {
			t.Errorf("%s: cookie %v", name, got)
		}
	}
	behind := newFixture(t, func(o *auth.Options) {
		o.CookieSecure = func(r *http.Request) bool { return r.Header.Get("X-Forwarded-Proto") == "https" }
	})
	if id := behind.id(request(header("X-Forwarded-Proto", "https"))); !id.Cookie.Secure {
		t.Error("the option CookieSecure does not count")
	}
}

func TestGuestKeepsItsClient(t *testing.T) {
	f := newFixture(t)
	first, other := f.id(request()), f.id(request())
	if first.Caller.Client == other.Caller.Client {
		t.Error("two guests are one client")
	}
	again := f.id(request(cookie(first.Cookie.Value)))
	if again.Caller.Client != first.Caller.Client || again.Caller.Fresh || again.Cookie != nil || again.Caller.Device != "" {
		t.Errorf("with the cookie: %+v", again.Caller)
	}
	if strings.Contains(first.Cookie.Value, first.Caller.Client) {
		t.Error("the cookie shows the id under which sessions are stored")
	}
}

func TestCookieOfAPath(t *testing.T) {
	f := newFixture(t, func(o *auth.Options) { o.CookiePath = "/nextcloud" })
	if c := f.id(request()).Cookie; c.Path != "/nextcloud" {
		t.Errorf("cookie %v", c)
	}
}

func TestCookieNameBelongsToTheInstallation(t *testing.T) {
	other := newFixture(t, func(o *auth.Options) { o.Key = secret.NewKey() })
	f, twin := newFixture(t), newFixture(t)
	if f.CookieName() == other.CookieName() || f.CookieName() != twin.CookieName() {
		t.Errorf("names %q, twin %q, other %q", f.CookieName(), twin.CookieName(), other.CookieName())
	}
	mine, theirs := f.id(request()), other.id(request())
	for _, cookies := range [][]*http.Cookie{{mine.Cookie, theirs.Cookie}, {theirs.Cookie, mine.Cookie}} {
		both := request(named(cookies[0].Name, cookies[0].Value), named(cookies[1].Name, cookies[1].Value))
		if id := f.id(both); id.Caller.Client != mine.Caller.Client || id.Cookie != nil {
			t.Errorf("the first became %+v, cookie %v", id.Caller, id.Cookie)
		}
		if id := other.id(both); id.Caller.Client != theirs.Caller.Client || id.Cookie != nil {
			t.Errorf("the second became %+v, cookie %v", id.Caller, id.Cookie)
		}
	}
}

// What stands before the own cookie, because it has a longer path, does not matter.
func TestSeveralCookiesOfOneName(t *testing.T) {
	f := newFixture(t)
	guest, alice, bob := f.id(request()), f.id(request(basic("alice", "alice-pw"))), f.id(request(basic("bob", "bob-pw")))
	ended := f.id(request(basic("bob", "bob-pw")))
	f.change("Bob", func(a *store.Account) { a.PasswordID += "x" })
	junk := func(n int) (out []func(*http.Request)) {
		for range n {
			out = append(out, cookie("junk"))
		}
		return out
	}
	for name, c := range map[string]struct {
		shown []func(*http.Request)
		want  string
	}{
		"two of one kind":       {[]func(*http.Request){cookie(guest.Cookie.Value), cookie(alice.Cookie.Value)}, guest.Caller.Client},
		"junk":                  {append(junk(3), cookie(alice.Cookie.Value)), alice.Caller.Client},
		"one that ended":        {[]func(*http.Request){cookie(ended.Cookie.Value), cookie(bob.Cookie.Value), cookie(alice.Cookie.Value)}, alice.Caller.Client},
		"of another account":    {[]func(*http.Request){cookie(guest.Cookie.Value), cookie(alice.Cookie.Value), basic("alice", "alice-pw")}, alice.Caller.Client},
		"more than are read":    {append(junk(1000), cookie(alice.Cookie.Value)), ""},
		"the shared name first": {[]func(*http.Request){named(auth.SharedName, guest.Cookie.Value), cookie(alice.Cookie.Value)}, alice.Caller.Client},
	} {
		id := f.id(request(c.shown...))
		if same := id.Caller.Client == c.want; same != (c.want != "") || id.Caller.Fresh == same {
			t.Errorf("%s: %+v", name, id.Caller)
		}
	}
}

func TestCookieOfTheSharedName(t *testing.T) {
	f := newFixture(t)
	guest := f.id(request())
	id := f.id(request(named(auth.SharedName, "foreign"), named(auth.SharedName, guest.Cookie.Value)))
	if id.Caller.Client != guest.Caller.Client || id.Caller.Fresh {
		t.Errorf("its guest is lost: %+v", id.Caller)
	}
	if id.Cookie == nil || id.Cookie.Name != f.CookieName() || id.Cookie.Value != guest.Cookie.Value {
		t.Errorf("it gets no name of its own: %v", id.Cookie)
	}
}

// Guests of the first version of cookies keep their place, and nobody else does.
func TestCookieOfTheFirstVersion(t *testing.T) {
	f := newFixture(t)
	id, other := strings.Repeat("x", 32), strings.Repeat("y", 32)
	first := func(text string) auth.Identity {
		return f.id(request(named(auth.SharedName, f.key.Sign("parley_session/1|"+text))))
	}
	guest := first(id + "|1700000000|0||")
	again := first(id + "|1700000000|0||")
	if guest.Caller.Fresh || guest.Caller.Client != again.Caller.Client || guest.Cookie == nil || guest.Cookie.Name != f.CookieName() {
		t.Errorf("a guest became %+v with %v", guest.Caller, guest.Cookie)
	}
	if renamed := f.id(request(cookie(guest.Cookie.Value))); renamed.Caller.Client != guest.Caller.Client {
		t.Errorf("under the new name %+v", renamed.Caller)
	}
	for _, text := range []string{
		other + "|1700000000|0|proof|alice", other + "|1700000000|0||alice", other + "|1700000000|1||", other + "|+1700000000|0||",
		other + "|1|0||", "y|1700000000|0||", other + "|1700000000|0||0||", other + "|soon|0||", "",
	} {
		if got := first(text); !got.Caller.Fresh || got.Caller.LoggedIn() {
			t.Errorf("%q became %+v", text, got.Caller)
		}
	}
}

func TestCookieBesideCredentials(t *testing.T) {
	f := newFixture(t)
	app := f.appPassword("alice")
	alice := f.id(request(basic("alice", "alice-pw")))
	guest := f.id(request())
	for name, c := range map[string]struct {
		way    func(*http.Request)
		of     auth.Identity
		user   string
		device string
		keeps  bool
	}{
		"same user":                {basic("ALICE", "alice-pw"), alice, "alice", "pw:alice", true},
		"same user, bearer":        {bearer(app), alice, "alice", "app:1", true},
		"no credentials":           {func(*http.Request) {}, alice, "alice", "", true},
		"another user":             {basic("bob", "bob-pw"), alice, "Bob", "pw:Bob", false},
		"guest becomes a user":     {basic("alice", "alice-pw"), guest, "alice", "pw:alice", false},
		"unknown bearer":           {bearer("unknown"), alice, "", "", false},
		"guest and unknown bearer": {bearer("unknown"), guest, "", "", true},
		"empty password":           {basic("alice", ""), alice, "", "", false},
	} {
		id := f.id(request(c.way, cookie(c.of.Cookie.Value)))
		if id.Caller.UserID != c.user || id.Caller.Device != c.device || id.Account.UserID != c.user {
			t.Errorf("%s: %+v", name, id.Caller)
		}
		same := id.Caller.Client == c.of.Caller.Client
		if same != c.keeps || id.Caller.Fresh == c.keeps || (id.Cookie == nil) != c.keeps {
			t.Errorf("%s: keeps its client %v, fresh %v, new cookie %v", name, same, id.Caller.Fresh, id.Cookie)
		}
	}
}

func TestCookieEnds(t *testing.T) {
	hash := func(f *fixture) string {
		h, err := f.hash.Hash(f.t.Context(), "alice-pw")
		f.must(err)
		return h
	}
	for name, c := range map[string]struct {
		change func(*fixture)
		ends   bool
	}{
		"nothing happens":     {func(*fixture) {}, false},
		"30 days":             {func(f *fixture) { f.clock.Advance(auth.CookieLife) }, false},
		"longer":              {func(f *fixture) { f.clock.Advance(auth.CookieLife + time.Second) }, true},
		"another name":        {func(f *fixture) { f.change("alice", func(a *store.Account) { a.DisplayName = "A" }) }, false},
		"same password again": {func(f *fixture) { h := hash(f); f.change("alice", func(a *store.Account) { a.SetPassword(h) }) }, true},
		"hashed anew":         {func(f *fixture) { h := hash(f); f.change("alice", func(a *store.Account) { a.PasswordHash = h }) }, false},
		"deleted":             {func(f *fixture) { f.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") }) }, true},
		"made anew": {func(f *fixture) {
			f.write(func(tx *db.Tx) error { return store.DeleteAccount(tx, "alice") })
			f.addAccount("alice", "", "alice-pw")
		}, true},
	} {
		f := newFixture(t)
		first := f.id(request(basic("alice", "alice-pw")))
		c.change(f)
		id := f.id(request(cookie(first.Cookie.Value)))
		if id.Caller.LoggedIn() == c.ends || id.Caller.Fresh != c.ends || (id.Caller.Client == first.Caller.Client) == c.ends {
			t.Errorf("%s: %+v", name, id.Caller)
		}
	}
}

func TestForgedCookies(t *testing.T) {
	f := newFixture(t)
	value := f.id(request(basic("alice", "alice-pw"))).Cookie.Value
	body, tag, _ := strings.Cut(value, ".")
	guestValue := f.id(request()).Cookie.Value
	guestBody, guestTag, _ := strings.Cut(guestValue, ".")
	text, _ := f.key.Open(value)
	guest, _ := f.key.Open(guestValue)
	for name, forged := range map[string]string{
		"empty":                "",
		"truncated":            value[:len(value)-1],
		"unsigned":             body,
		"signature of another": guestBody + "." + tag,
		"body of another":      body + "." + guestTag,
		"other key":            secret.NewKey().Sign(text),
		"other purpose":        f.key.Sign("alice"),
		"other user":           f.key.Sign(text[:strings.LastIndex(text, "|")+1] + "Bob"),
		"no proof":             f.key.Sign(auth.TicketText(strings.Repeat("x", 32), "alice")),
		"short id":             f.key.Sign(strings.Replace(text, "|", "|x", 1)),
		"bad time":             f.key.Sign(strings.Replace(text, "|1700000000|", "|soon|", 1)),
		"oversized":            f.key.Sign(strings.Replace(guest, "||", "|"+strings.Repeat("p", 4096)+"|", 1)),
		"not a ticket":         f.key.Sign(strings.Replace(guest, "/2|", "/0|", 1)),
	} {
		id := f.id(request(cookie(forged)))
		if id.Caller.LoggedIn() || !id.Caller.Fresh || id.Cookie == nil {
			t.Errorf("%s: %+v", name, id.Caller)
		}
	}
}

func TestProof(t *testing.T) {
	f := newFixture(t)
	issued := f.id(request(basic("alice", "alice-pw")))
	kept := cookie(issued.Cookie.Value)
	token := f.id(request(kept)).RequestToken()
	foreign := f.id(request()).RequestToken()
	if token == "" || token != issued.RequestToken() || token == foreign {
		t.Errorf("request tokens %q, %q and of another %q", token, issued.RequestToken(), foreign)
	}
	for name, c := range map[string]struct {
		change func(*http.Request)
		token  string
		want   bool
	}{
		"nothing":           {func(*http.Request) {}, "", false},
		"OCS header":        {header("OCS-APIRequest", "true"), "", true},
		"underscores":       {header("OCS_APIREQUEST", "1"), "", true},
		"mixed case":        {header("Ocs_ApiRequest", "x"), "", true},
		"empty OCS header":  {header("OCS-APIRequest", ""), "", false},
		"bearer":            {bearer("unknown"), "", true},
		"basic":             {basic("alice", "alice-pw"), "", false},
		"token header":      {header("requesttoken", token), "", true},
		"token field":       {func(*http.Request) {}, token, true},
		"token of another":  {header("requesttoken", foreign), foreign, false},
		"part of the token": {header("requesttoken", token[:10]), token[1:], false},
	} {
		r := request(kept, c.change)
		if got := f.id(r).Proven(r, c.token); got != c.want {
			t.Errorf("%s: proven %v, want %v", name, got, c.want)
		}
	}
	if (auth.Identity{}).Proven(request(), "") {
		t.Error("the zero identity is proven")
	}
}

func FuzzTicket(f *testing.F) {
	f.Add(auth.TicketText(strings.Repeat("x", 32), "alice"))
	f.Add(auth.TicketText(strings.Repeat("x", 32), "a|b"))
	f.Add("parley_session/2|" + strings.Repeat("x", 32) + "|+1|0|0||")
	f.Fuzz(func(t *testing.T, text string) {
		if again, ok := auth.Reread(text); ok && again != text {
			t.Errorf("%q reads as %q", text, again)
		}
	})
}

// FuzzIdentify sends headers as strangers can: whatever they hold, they make
// nobody but a guest with an address.
func FuzzIdentify(f *testing.F) {
	fix := newFixture(f, unprotected, trusting("192.0.2.0/24"))
	good := fix.id(request(basic("alice", "alice-pw"))).Cookie.Value
	for i, seed := range []string{"", "Bearer " + strings.Repeat("x", 72), "Basic YWxpY2U6", "Basic YWxpY2U6eA==", "basic  ", "Bearer\x00"} {
		f.Add(seed, []string{"", "203.0.113.9", "a, [::1]:80,,", "1.2.3.4:99999"}[i%4], good[:len(good)-i-1])
	}
	f.Fuzz(func(t *testing.T, authorization, forwarded, value string) {
		r := request(header("Authorization", authorization), header("X-Forwarded-For", forwarded), header("Cookie", fix.CookieName()+"="+value))
		id, err := fix.Identify(r)
		if err != nil {
			if !errors.Is(err, auth.ErrCredentials) {
				t.Error(err)
			}
			return
		}
		if id.Caller.LoggedIn() && value != good {
			t.Errorf("%q and cookie %q became %+v", authorization, value, id.Caller)
		}
		if auth.Subnet(id.Caller.Address) == "" {
			t.Errorf("%q gave the address %q", forwarded, id.Caller.Address)
		}
	})
}
