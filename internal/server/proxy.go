package server

import (
	"net/http"
	"net/netip"
	"strings"

	"parley/internal/config"
)

// secureBy returns the test whether a request came by https, so that its cookie is
// kept to https. The public address tells; without one, the connection or a trusted
// proxy does.
func secureBy(cfg config.Config) func(*http.Request) bool {
	if public := cfg.Address(); public.Known() {
		return func(*http.Request) bool { return public.Secure() }
	}
	return func(r *http.Request) bool {
		if r.TLS != nil {
			return true
		}
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		return err == nil && cfg.TrustedProxies.Trusts(peer.Addr()) && saysHTTPS(r.Header.Get("X-Forwarded-Proto"))
	}
}

// saysHTTPS reads the header of a proxy. Behind several, the first entry is about the
// client.
func saysHTTPS(forwarded string) bool {
	first, _, _ := strings.Cut(forwarded, ",")
	return strings.EqualFold(strings.TrimSpace(first), "https")
}

// inPlace serves next at the path of the public address, whether or not a proxy has
// removed it from the request.
func inPlace(public config.Address, next http.Handler) http.Handler {
	if public.Path() == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, public.Strip(r))
	})
}
