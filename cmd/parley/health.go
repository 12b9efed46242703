package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"parley/internal/config"
)

// healthTimeout is how long the server may take to answer; its own limit for the
// database is shorter.
const healthTimeout = 3 * time.Second

type healthCommand struct {
	Config  config.File `name:"config" env:"PARLEY_CONFIG" placeholder:"FILE" help:"Settings file of the server."`
	Listen  string      `name:"listen" env:"PARLEY_LISTEN" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address that the server listens on (default ${default})."`
	Address string      `name:"address" placeholder:"HOST:PORT" help:"Ask this address instead."`
}

// Help is shown by --help.
func (*healthCommand) Help() string {
	return `It asks the server on this machine whether it takes requests and its database answers, for
at most three seconds. The exit code is 0 if so, else 1.

Examples:
  parley health
  PARLEY_LISTEN=0.0.0.0:8080 parley health
  parley health --address 127.0.0.1:9000`
}

// Run asks the server.
func (c *healthCommand) Run(t *terminal) error {
	targets, err := healthTargets(cmp.Or(c.Address, c.Listen))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.ctx, healthTimeout)
	defer cancel()
	for _, target := range targets {
		var answered bool
		if answered, err = askReady(ctx, target); answered && err == nil {
			_, err = fmt.Fprintf(t.out, "parley at %s is ready\n", target)
			return err
		} else if answered {
			break
		}
	}
	return err
}

// healthTargets returns the addresses at which a server on this machine can be reached
// that listens on the given one: all addresses of the machine are none to connect to.
func healthTargets(listen string) ([]string, error) {
	if !strings.Contains(listen, ":") {
		listen = ":" + listen
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return nil, fmt.Errorf("%q is no address: use HOST:PORT, such as 127.0.0.1:8080", listen)
	}
	if port == "0" {
		return nil, errors.New("port 0 is another one at each start: name the address with --address")
	}
	hosts := []string{host}
	address, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && address.IsUnspecified() && address.Is6():
		hosts = []string{"127.0.0.1", "::1"}
	case err == nil && address.IsUnspecified():
		hosts = []string{"127.0.0.1"}
	}
	for i := range hosts {
		hosts[i] = net.JoinHostPort(hosts[i], port)
	}
	return hosts, nil
}

// askReady asks one address, directly and not by a proxy of the environment. answered
// is false where nothing listens.
func askReady(ctx context.Context, target string) (answered bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+target+"/readyz", http.NoBody)
	if err != nil {
		return false, fmt.Errorf("%q is no address: use HOST:PORT, such as 127.0.0.1:8080", target)
	}
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	switch {
	case ctx.Err() != nil:
		return true, fmt.Errorf("parley at %s did not answer within %s", target, healthTimeout)
	case err != nil:
		return false, fmt.Errorf("parley at %s cannot be reached: %w", target, errors.Unwrap(err))
	}
	defer answer.Body.Close()
	// What is not ready is in the first line; a page of another program is cut.
	said, _ := bufio.NewReader(io.LimitReader(answer.Body, 100)).ReadString('\n')
	said = strings.TrimSpace(said)
	switch {
	case answer.StatusCode == http.StatusOK && said == "ready":
		return true, nil
	case answer.StatusCode == http.StatusServiceUnavailable && strings.HasPrefix(said, "not ready"):
		return true, fmt.Errorf("parley at %s is %s", target, printable(said))
	}
	return true, fmt.Errorf("what listens at %s is no parley: it answers %d", target, answer.StatusCode)
}
