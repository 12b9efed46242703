package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/config"
	"parley/internal/server"
)

type attemptCommands struct {
	List  attemptList  `cmd:"" help:"List the networks that failed to log in or guessed, and what is blocked."`
	Clear attemptClear `cmd:"" help:"Forget failures, which lifts the blocks that they caused."`
}

// attemptFilter chooses failures.
type attemptFilter struct {
	Network string `name:"network" placeholder:"NETWORK" help:"Only failures from this address or network, 203.0.113.5 or 2001:db8::/48."`
	Action  string `name:"action" placeholder:"ACTION" help:"Only failures of this kind, as the list names it."`
}

// parse returns the network, the zero one for all.
func (f *attemptFilter) parse() (netip.Prefix, error) {
	if f.Action != "" && !slices.Contains(auth.Actions(), f.Action) {
		return netip.Prefix{}, fmt.Errorf("there is no action %q: use one of %s", f.Action, strings.Join(auth.Actions(), ", "))
	}
	var networks config.Prefixes
	if err := networks.UnmarshalText([]byte(f.Network)); err != nil {
		return netip.Prefix{}, fmt.Errorf("--network: %w", err)
	}
	switch {
	case f.Network == "":
		return netip.Prefix{}, nil
	case len(networks) == 1:
		return networks[0], nil
	}
	return netip.Prefix{}, errors.New("--network takes one address or network")
}

// attemptView is who failed at an action, for programs. Times are Unix seconds; 0
// stands for no block.
type attemptView struct {
	Network      string              `json:"network"`
	Account      string              `json:"account"`
	Action       string              `json:"action"`
	Failures     int                 `json:"failures"`
	Recent       int                 `json:"recent"`
	Last         int64               `json:"last"`
	BlockedUntil int64               `json:"blockedUntil"`
	Targets      []attemptTargetView `json:"blockedTargets"`
}

// attemptTargetView is what a network may not guess at for programs.
type attemptTargetView struct {
	Target       string `json:"target"`
	BlockedUntil int64  `json:"blockedUntil"`
}

type attemptList struct {
	admin
	attemptFilter
	Blocked bool `name:"blocked" help:"Only what is blocked now."`
}

// Help is shown by --help.
func (*attemptList) Help() string {
	return `Failures of the last twelve hours, by network and action. RECENT are those of the last
half hour, of which too many block. A block of a single target, an account or a
conversation, leaves the rest to the network. Failures of people who are logged in count
against their account alone. Times are UTC.

Examples:
  parley attempts list
  parley attempts list --blocked --json
  parley attempts list --network 203.0.113.0/24 --action login`
}

// Run lists the failures.
func (c *attemptList) Run(t *terminal) error {
	network, err := c.parse()
	if err != nil {
		return err
	}
	return t.open(c.admin, func(core *server.Core) error {
		sources, err := core.Auth.Protection().Sources(t.ctx)
		if err != nil {
			return err
		}
		views, people := []attemptView{}, table{head: "NETWORK ACCOUNT ACTION FAILURES RECENT LAST BLOCKED"}
		for i := range sources {
			s := &sources[i]
			if network.IsValid() && !s.In(network) || c.Action != "" && s.Action != c.Action || c.Blocked && !s.IsBlocked() {
				continue
			}
			views = append(views, newAttemptView(s))
			people.rows = append(people.rows, []string{
				or(s.Network, "-"), or(printable(s.Account), "-"), s.Action, strconv.Itoa(s.Failures), strconv.Itoa(s.Recent), utcTime(s.Last), blocks(s),
			})
		}
		return t.show(c.admin, views, people)
	})
}

func newAttemptView(s *auth.Source) attemptView {
	v := attemptView{
		Network: s.Network, Account: s.Account, Action: s.Action, Failures: s.Failures, Recent: s.Recent,
		Last: s.Last.Unix(), BlockedUntil: seconds(s.Blocked), Targets: []attemptTargetView{},
	}
	for _, target := range s.Targets {
		v.Targets = append(v.Targets, attemptTargetView{target.Target, seconds(target.Blocked)})
	}
	return v
}

// blocks words what is blocked.
func blocks(s *auth.Source) string {
	var out []string
	if !s.Blocked.IsZero() {
		out = append(out, "until "+utcTime(s.Blocked))
	}
	for _, target := range s.Targets {
		out = append(out, printable(target.Target)+" until "+utcTime(target.Blocked))
	}
	return or(strings.Join(out, ", "), "-")
}

// printable quotes what a terminal could take for a command.
func printable(text string) string {
	if quoted := strconv.Quote(text); quoted != `"`+text+`"` {
		return quoted
	}
	return text
}

// utcTime writes a time in a cell of a table.
func utcTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// seconds returns a time as Unix seconds, 0 for none.
func seconds(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.Unix()
}

type attemptClear struct {
	admin
	attemptFilter
	All bool `name:"all" help:"All failures of everybody."`
}

// Help is shown by --help.
func (*attemptClear) Help() string {
	return `Takes effect at once, also beside a running server and for all nodes.

Examples:
  parley attempts clear --network 203.0.113.5
  parley attempts clear --network 2001:db8:7::/48 --action login
  parley attempts clear --all`
}

// clearedView is the result of a clearing for programs.
type clearedView struct {
	Forgotten int64 `json:"forgotten"`
}

// Run forgets the failures.
func (c *attemptClear) Run(t *terminal) error {
	network, err := c.parse()
	if err != nil {
		return err
	}
	if filtered := c.Network != "" || c.Action != ""; filtered == c.All {
		return errors.New("say what to forget: --network, --action or both, or --all")
	}
	return t.open(c.admin, func(core *server.Core) error {
		n, err := core.Auth.Protection().Clear(t.ctx, network, c.Action)
		if err != nil {
			return err
		}
		return t.done(c.admin, clearedView{n}, "%d failures are forgotten", n)
	})
}
