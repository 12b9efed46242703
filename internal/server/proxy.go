package server

import (
	"net/http"
	"net/netip"
	"strings"

	"parley/internal/config"
)

// secureBy returns the test whether a request came by https, so that its cookie is
// kept to https: directly, by the public address, or as a trusted proxy says.
func secureBy(cfg config.Config) func(*http.Request) bool {
	public := strings.HasPrefix(cfg.URL, "https://")
	return func(r *http.Request) bool {
		if public || r.TLS != nil {
			return true
		}
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		return err == nil && cfg.TrustedProxies.Trusts(peer.Addr()) && r.Header.Get("X-Forwarded-Proto") == "https"
	}
}
