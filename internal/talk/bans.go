package talk

import (
	"net/netip"
	"strings"
)

// ActorAddress is the kind of ban that meets guests by their network address;
// the id is an address or a network in CIDR notation.
const ActorAddress ActorType = "ip"

// Limits of a ban, in bytes.
const (
	MaxBanNote    = 4000
	MaxBanActorID = 255
)

// Ban keeps somebody out of a conversation.
type Ban struct {
	ID     int64
	RoomID int64
	// Moderator is who banned, under the name of that time.
	Moderator     Actor
	ModeratorName string
	// Banned is a user, a guest, an e-mail guest or an address.
	Banned     Actor
	BannedName string
	At         int64 // Unix seconds
	// Note is for moderators only.
	Note string
}

// Check reports why by may not ban, in the order of the protocol: Invalid room,
// bannedActor, internalNote, self, moderator. target is the attendee that the
// ban meets, nil when it meets none now.
func (b *Ban) Check(r *Room, by Actor, target *Attendee) error {
	switch {
	case !r.IsShared():
		return Fail(Invalid, "room")
	case !b.bannable():
		return Fail(Invalid, "bannedActor")
	case len(b.Note) > MaxBanNote:
		return Fail(Invalid, "internalNote")
	case b.Banned.SameAs(by):
		return Fail(Invalid, "self")
	case target != nil && target.IsModerator():
		return Fail(Invalid, "moderator")
	}
	return nil
}

// bannable reports whether the ban can meet somebody: it names an actor in the
// spelling that actors have.
func (b *Ban) bannable() bool {
	canonical, ok := b.Banned.Bannable()
	return ok && canonical == b.Banned
}

// Lengths of the ids of guests and of e-mail guests, which are digests in small
// hexadecimal digits.
const (
	guestIDLength      = 40
	emailGuestIDLength = 64
)

// Bannable returns the actor in the one spelling that bans are compared in: ids of
// guests in small letters, addresses of e-mail guests as their ids, networks as
// CanonicalNetwork has them. Ids of users are compared without regard to case.
// What nobody can be stays as it is; ok is false.
func (a Actor) Bannable() (canonical Actor, ok bool) {
	switch a.Type {
	case ActorUsers:
		return a, a.ID != "" && len(a.ID) <= MaxBanActorID
	case ActorGuests:
		id, ok := digest(a.ID, guestIDLength)
		return Guest(id), ok
	case ActorEmails:
		if address := FoldAddress(a.ID); ValidAddress(address) {
			return EmailGuest(address), true
		}
		id, ok := digest(a.ID, emailGuestIDLength)
		return Actor{ActorEmails, id}, ok
	case ActorAddress:
		_, ok := parseNetwork(a.ID)
		return Actor{ActorAddress, CanonicalNetwork(a.ID)}, ok
	}
	return a, false
}

// digest returns a digest of so many hexadecimal digits in small ones; anything
// else stays as it is.
func digest(id string, length int) (string, bool) {
	const digits = "0123456789abcdefABCDEF"
	if len(id) != length || strings.Trim(id, digits) != "" {
		return id, false
	}
	return strings.ToLower(id), true
}

// SameAs reports whether two actors are the same: ids of users are compared
// without regard to case.
func (a Actor) SameAs(b Actor) bool {
	return a == b || a.Type == ActorUsers && b.Type == ActorUsers && strings.EqualFold(a.ID, b.ID)
}

// CanonicalAddress returns the one spelling of a network address, without the
// zone, which has no meaning outside of one machine. ok is false for what is none.
func CanonicalAddress(text string) (address string, ok bool) {
	addr, err := netip.ParseAddr(text)
	return addr.Unmap().WithZone("").String(), err == nil
}

// CanonicalNetwork returns the one spelling of an address or a network, so that
// the same one is never banned twice: IPv4 in its own form, host bits cleared,
// a network of one address as that address. Anything else stays as it is.
func CanonicalNetwork(text string) string {
	network, ok := parseNetwork(text)
	switch {
	case !ok:
		return text
	case network.IsSingleIP():
		return network.Addr().String()
	}
	return network.String()
}

// parseNetwork reads an address or a network in CIDR notation. Zones have no
// meaning outside of one machine and are refused.
func parseNetwork(text string) (netip.Prefix, bool) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		single, err := netip.ParseAddr(text)
		if err != nil || single.Zone() != "" {
			return netip.Prefix{}, false
		}
		network = netip.PrefixFrom(single, single.BitLen())
	}
	const mappedBits = 96 // what precedes an IPv4 address inside of IPv6
	if network.Addr().Is4In6() {
		if network.Bits() < mappedBits {
			return netip.Prefix{}, false // it reaches beyond IPv4, whose addresses are never compared as these
		}
		network = netip.PrefixFrom(network.Addr().Unmap(), network.Bits()-mappedBits)
	}
	return network.Masked(), true
}

// Bans are bans of one conversation.
type Bans []Ban

// Of returns the ban that names the actor, nil without one.
func (bans Bans) Of(who Actor) *Ban {
	for i := range bans {
		if bans[i].Banned.SameAs(who) {
			return &bans[i]
		}
	}
	return nil
}

// Covering returns a ban whose network holds the address, nil without one. An
// address that cannot be read is in no network.
func (bans Bans) Covering(address string) *Ban {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return nil
	}
	addr = addr.Unmap().WithZone("")
	for i := range bans {
		if bans[i].Banned.Type != ActorAddress {
			continue
		}
		if network, ok := parseNetwork(bans[i].Banned.ID); ok && network.Contains(addr) {
			return &bans[i]
		}
	}
	return nil
}
