package config

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Address is where people reach the server, in the one spelling that all links have.
// The zero value stands for an address that nobody configured.
type Address struct {
	scheme string
	host   string   // with the port, unless it is that of the scheme
	path   string   // escaped, "" or with a slash in front and none at the end
	words  []string // the segments of the path as they are meant
}

// Address returns the configured public address, zero when there is none.
func (c Config) Address() Address {
	a, _ := parseAddress(c.URL)
	return a
}

// String returns the address without a slash at the end, "" for the zero value.
func (a Address) String() string {
	if a.host == "" {
		return ""
	}
	return a.scheme + "://" + a.host + a.path
}

// Path is the place of parley on its host, escaped: "" for all of it, or a path
// without a slash at the end.
func (a Address) Path() string { return a.path }

// Known reports whether an address was configured.
func (a Address) Known() bool { return a.host != "" }

// Secure reports whether people reach the server by https.
func (a Address) Secure() bool { return a.scheme == "https" }

// Strip returns the request as it is without the path of the address in front, which
// proxies may leave there or remove. A request without it is returned as it came.
func (a Address) Strip(r *http.Request) *http.Request {
	if len(a.words) == 0 {
		return r
	}
	rest := r.URL.EscapedPath()
	for _, word := range a.words {
		rest = strings.TrimLeft(rest, "/")
		segment := rest
		if end := strings.IndexByte(rest, '/'); end >= 0 {
			segment = rest[:end]
		}
		// The client may escape the same word otherwise, %c3 for %C3.
		plain, err := url.PathUnescape(segment)
		if err != nil || plain != word {
			return r
		}
		rest = rest[len(segment):]
	}
	return withPath(r, "/"+strings.TrimPrefix(rest, "/"))
}

// withPath returns the request with another path, which is escaped.
func withPath(r *http.Request, escaped string) *http.Request {
	path, err := url.PathUnescape(escaped)
	if err != nil {
		return r
	}
	copied, address := *r, *r.URL
	copied.URL = &address
	address.Path, address.RawPath = path, escaped
	return &copied
}

// Limits of an address.
const (
	maxHost  = 253
	maxLabel = 63
	// maxPath leaves room in what browsers keep of the path of a cookie.
	maxPath = 512
)

// taken are the first words of paths that parley itself answers. With one of them as its
// place, nobody could tell whether a proxy has removed it.
func taken() []string {
	return []string{
		"ocs", "call", "login", "logout", "csrftoken", "devices", "core", "avatar", "docs", "icon.svg", "index.php", "status.php", "openapi.json", "healthz", "readyz",
	}
}

// parseAddress brings an address into its one spelling, or reports that it cannot be
// meant: links that are made of it have to lead to the server.
func parseAddress(text string) (Address, bool) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, `?#\;`) || strings.ContainsFunc(text, unicode.IsControl) {
		return Address{}, false
	}
	scheme, rest, found := strings.Cut(text, "://")
	place, path, _ := strings.Cut(rest, "/")
	scheme = strings.ToLower(scheme)
	if !found || scheme != "http" && scheme != "https" {
		return Address{}, false
	}
	host, okHost := parseHost(place, map[string]string{"http": "80", "https": "443"}[scheme])
	words, okPath := parsePath(path)
	a := Address{scheme: scheme, host: host, path: escaped(words), words: words}
	if !okHost || !okPath || len(a.path) > maxPath {
		return Address{}, false
	}
	return a, true
}

// parseHost reads a host with an optional port. The usual port is left out.
func parseHost(text, usualPort string) (string, bool) {
	host, port, hasPort := text, "", false
	if at := strings.LastIndexByte(text, ':'); at > strings.LastIndexByte(text, ']') {
		host, port, hasPort = text[:at], text[at+1:], true
	}
	host, ok := hostName(host)
	if !ok || !hasPort {
		return host, ok
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil || number == 0 {
		return "", false
	}
	if port = strconv.FormatUint(number, 10); port == usualPort {
		return host, true
	}
	return host + ":" + port, true
}

// hostName reads a name or an IP address. Names in other letters than a to z have to
// be given as they are in the DNS, xn--….
func hostName(text string) (string, bool) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return "[" + addr.String() + "]", closed && err == nil && addr.Is6() && addr.Zone() == "" && !addr.IsUnspecified()
	}
	host := strings.ToLower(strings.TrimSuffix(text, "."))
	if host == "" || len(host) > maxHost {
		return "", false
	}
	last := ""
	for label := range strings.SplitSeq(host, ".") {
		if !validLabel(label) {
			return "", false
		}
		last = label
	}
	if last[0] >= '0' && last[0] <= '9' { // no top-level domain begins so; browsers take it for an IP address
		addr, err := netip.ParseAddr(host)
		return host, err == nil && addr.Is4() && !addr.IsUnspecified()
	}
	return host, true
}

// validLabel accepts a part of a host name, also those of container networks, which
// may have underscores.
func validLabel(s string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	return s != "" && len(s) <= maxLabel && strings.Trim(s, letters) == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// parsePath returns the segments of a path without those that are empty. One that
// leads elsewhere, and one that is none, is refused.
func parsePath(text string) (words []string, ok bool) {
	for segment := range strings.SplitSeq(text, "/") {
		if segment == "" {
			continue
		}
		word, err := url.PathUnescape(segment)
		if err != nil || word == "." || word == ".." || !utf8.ValidString(word) ||
			strings.ContainsAny(word, `/\;`) || strings.ContainsFunc(word, unicode.IsControl) {
			return nil, false
		}
		words = append(words, word)
	}
	return words, len(words) == 0 || !slices.Contains(taken(), strings.ToLower(words[0]))
}

// escaped writes a path with percent signs for all that browsers do not send as it is.
func escaped(words []string) string {
	const asIs, digits = "-._~!$&'()*+,=:@", "0123456789ABCDEF"
	var b strings.Builder
	for _, word := range words {
		b.WriteByte('/')
		for _, c := range []byte(word) {
			letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
			if letter || strings.IndexByte(asIs, c) >= 0 {
				b.WriteByte(c)
				continue
			}
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
