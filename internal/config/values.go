package config

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/alecthomas/kong"
)

// Switch is a setting that is spelled on or off.
type Switch bool

// Decode implements [kong.MapperValue]. A flag without a value means on.
func (s *Switch) Decode(ctx *kong.DecodeContext) error {
	*s = true
	if ctx.Scan.Peek().Type != kong.FlagValueToken {
		return nil
	}
	return s.set(fmt.Sprint(ctx.Scan.Pop().Value))
}

// IsBool tells kong that the value of the flag may be left out.
func (Switch) IsBool() bool { return true }

// set reads on or off.
func (s *Switch) set(text string) error {
	switch text {
	case "on":
		*s = true
	case "off":
		*s = false
	default:
		return fmt.Errorf("must be on or off, not %q", text)
	}
	return nil
}

// Prefixes is a set of networks. A single address is a network of one.
type Prefixes []netip.Prefix

// UnmarshalText reads addresses and networks in CIDR notation that are separated by
// commas; blanks around them and empty entries are ignored. IPv4 that is written
// as IPv6 is taken as IPv4.
func (p *Prefixes) UnmarshalText(text []byte) error {
	*p = nil
	for entry := range strings.SplitSeq(string(text), ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			continue
		}
		prefix, err := parsePrefix(entry)
		if err != nil {
			return fmt.Errorf("%q is no address and no network; write 10.0.0.1 or 10.0.0.0/8", entry)
		}
		*p = append(*p, prefix)
	}
	return nil
}

// parsePrefix reads one address or network; bits after the network are cleared.
func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		prefix, err := netip.ParsePrefix(s)
		if prefix.Addr().Is4In6() && prefix.Bits() >= 96 {
			prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-96)
		}
		return prefix.Masked(), err
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	addr = addr.Unmap().WithZone("")
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}
