package auth

import (
	"net/http"
	"net/netip"
	"strings"
)

// Network returns the network that sent the request, as failures are counted for it.
func (s *Service) Network(r *http.Request) string { return subnet(clientAddress(r, s.trusted)) }

// clientAddress returns the address of who sent the request as text, "" when it
// cannot be told. The peer of the connection counts; only when that is a trusted
// proxy, the last address of X-Forwarded-For that is no trusted proxy itself,
// because everything to the left of it was written by a stranger.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	client, ok := parseAddress(r.RemoteAddr)
	if !ok {
		return ""
	}
	if !isTrusted(client, trusted) {
		return client.String()
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for len(hops) > 0 && isTrusted(client, trusted) {
		hop, ok := parseAddress(strings.TrimSpace(hops[len(hops)-1]))
		if !ok {
			break // the proxy in front of the gap is the last one we know
		}
		client, hops = hop, hops[:len(hops)-1]
	}
	return client.String()
}

// parseAddress reads an IP address with or without a port or brackets, without
// its zone, and with IPv4 in its own form.
func parseAddress(text string) (netip.Addr, bool) {
	var a netip.Addr
	var err error
	// An error is dear to make, so that the form is looked at first.
	if strings.Count(text, ":") == 1 || strings.Contains(text, "]:") {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		a = withPort.Addr()
	} else {
		a, err = netip.ParseAddr(strings.Trim(text, "[]"))
	}
	if err != nil {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// maxIPv4 is the length of the longest IPv4 address as text.
const maxIPv4 = 15

// subnet returns the network that failures are counted for: one IPv4 address,
// or the /56 that an IPv6 customer typically has. Everything that is no address
// is one network.
func subnet(address string) string {
	a, ok := parseAddress(address)
	switch {
	case !ok:
		return ""
	case a.Is4():
		if text := a.AppendTo(make([]byte, 0, maxIPv4)); string(text) != address {
			return string(text)
		}
		return address
	}
	return netip.PrefixFrom(a, 56).Masked().String()
}
