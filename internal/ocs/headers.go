package ocs

import "net/http"

// header returns the first value of the request header name, given in its
// dashed and canonical spelling (Ocs-Apirequest), which costs nothing to look up. The spelling with underscores in place of
// all dashes means the same, but an existing dashed one wins. Only use it for
// headers that the API itself defines: a reverse proxy that overwrites, say,
// X-Forwarded-For does not know the other spelling.
func header(h http.Header, name string) string {
	if v := h.Get(name); v != "" {
		return v
	}
	for key, values := range h {
		if len(values) > 0 && isUnderscored(key, name) {
			return values[0]
		}
	}
	return ""
}

// isUnderscored compares without regard to case and without allocating.
func isUnderscored(key, dashed string) bool {
	if len(key) != len(dashed) {
		return false
	}
	for i := range len(key) {
		want := lower(dashed[i])
		if want == '-' {
			want = '_'
		}
		if lower(key[i]) != want {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
