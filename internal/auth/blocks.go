package auth

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/store"
)

// maxListed is how many failures a list takes into account, the last ones.
const maxListed = 100_000

// Source is who failed at an action, for administrators.
type Source struct {
	Action string
	// Network is an address or an IPv6 network, empty for senders without any.
	Network string
	// Account is who was logged in, empty for strangers.
	Account string
	// Failures are those that count, Recent those of the last half hour.
	Failures, Recent int
	Last             time.Time
	// Blocked is the end of the block of the source, zero for none.
	Blocked time.Time
	// Targets are blocks that concern one target alone.
	Targets []BlockedTarget
}

// IsBlocked reports whether anything is blocked for the source.
func (s *Source) IsBlocked() bool { return s.severity() > 0 }

// In reports whether the source and the network have addresses in common.
func (s *Source) In(network netip.Prefix) bool { return touches(network, s.Network) }

// BlockedTarget is what a source may not guess at any more for a while.
type BlockedTarget struct {
	Target  string
	Blocked time.Time
}

// Sources returns who failed, by action and network; those that are blocked come
// first.
func (p *Protection) Sources(ctx context.Context) (out []Source, err error) {
	var failures []store.Attempt
	var now int64
	err = p.store.Read(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		failures, err = store.Attempts(tx, now-countedSeconds, maxListed)
		return err
	})
	by := map[store.Attempt][]store.Attempt{}
	for _, a := range failures {
		key := store.Attempt{Action: a.Action, Subnet: a.Subnet, Account: a.Account}
		by[key] = append(by[key], a)
	}
	for key, failures := range by {
		out = append(out, sourceOf(key, failures, now))
	}
	slices.SortFunc(out, func(a, b Source) int {
		return cmp.Or(cmp.Compare(b.severity(), a.severity()), strings.Compare(a.Network, b.Network),
			strings.Compare(a.Account, b.Account), strings.Compare(a.Action, b.Action))
	})
	return out, err
}

func (s *Source) severity() int {
	switch {
	case !s.Blocked.IsZero():
		return 2
	case len(s.Targets) > 0:
		return 1
	}
	return 0
}

// sourceOf sums up the failures of a source, the last one first.
func sourceOf(key store.Attempt, failures []store.Attempt, now int64) Source {
	s := Source{
		Action: key.Action, Network: key.Subnet, Account: key.Account,
		Failures: len(failures), Last: time.Unix(failures[0].At, 0).UTC(),
	}
	var all []int64
	targets := map[string][]int64{}
	for _, a := range failures {
		if a.At >= now-recentSeconds {
			all = append(all, a.At)
			targets[a.Metadata] = append(targets[a.Metadata], a.At)
		}
	}
	s.Recent = len(all)
	maxAll, maxTarget := limits(key.Action)
	s.Blocked = blockedUntil(all, maxAll, now)
	for target, times := range targets {
		if until := blockedUntil(times, maxTarget, now); until.After(s.Blocked) {
			s.Targets = append(s.Targets, BlockedTarget{target, until})
		}
	}
	slices.SortFunc(s.Targets, func(a, b BlockedTarget) int { return strings.Compare(a.Target, b.Target) })
	return s
}

// blockedUntil is the end of a block, zero for none; see blockedFor.
func blockedUntil(times []int64, allowed int, now int64) time.Time {
	wait := blockedFor(times, allowed, now)
	if wait == 0 {
		return time.Time{}
	}
	return time.Unix(now, 0).Add(wait).UTC()
}

// Clear forgets the failures in the networks that the prefix touches, all if it
// is the zero one, at the action, all if it is empty. It returns how many there
// were. Blocks that they caused end at once, on all nodes.
func (p *Protection) Clear(ctx context.Context, network netip.Prefix, action string) (n int64, err error) {
	err = p.store.Write(ctx, func(tx *db.Tx) error {
		n = 0
		subnets, err := store.AttemptSubnets(tx)
		if err != nil {
			return err
		}
		for _, s := range subnets {
			if network.IsValid() && !touches(network, s) {
				continue
			}
			deleted, err := store.DeleteAttempts(tx, s, action)
			if err != nil {
				return err
			}
			n += deleted
		}
		return nil
	})
	return n, err
}

// touches reports whether a network has addresses in common with one that
// failures are counted for.
func touches(network netip.Prefix, subnet string) bool {
	if a, err := netip.ParseAddr(subnet); err == nil {
		return network.Contains(a)
	}
	counted, err := netip.ParsePrefix(subnet)
	return err == nil && network.Overlaps(counted)
}

// Actions returns the names of all actions whose failures are counted.
func Actions() []string {
	return []string{
		ActionLogin, ActionRoomToken, ActionRoomPassword, ActionSIPSecret, ActionSignalingSecret,
		ActionRecordingSecret, ActionFederationAccess, ActionBot, ActionLoginFlow,
	}
}
