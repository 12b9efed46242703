// Package outbound makes HTTP requests to addresses that people gave: webhooks of bots
// and of administrators, and push services. It keeps away from networks that are not
// public, follows no redirects, and bounds time and size.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Limits of a request.
const (
	dialTimeout = 5 * time.Second
	// maxAnswer is how many bytes of an answer are read, maxHeader of its headers.
	maxAnswer = 64 << 10
	maxHeader = 64 << 10
	// maxIdle is how many connections are kept for the next requests.
	maxIdle = 100
)

// ErrPrivate is the failure to reach an address in a network that is not public.
var ErrPrivate = errors.New("outbound: the address is in a private network, which the server does not reach (see --allow-private)")

// Client makes requests. It is safe for concurrent use.
type Client struct {
	http    *http.Client
	allowed []netip.Prefix
}

// New returns a client. allowed are networks that are not public and may be reached all the
// same.
func New(allowed []netip.Prefix) *Client {
	c := &Client{allowed: allowed}
	dialer := &net.Dialer{Timeout: dialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		// Asked after the name was resolved, so that a name cannot lead elsewhere later.
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		if !Public(to.Addr()) && !c.Allowed(to.Addr()) {
			return ErrPrivate
		}
		return nil
	}}
	c.http = &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, MaxResponseHeaderBytes: maxHeader, MaxIdleConns: maxIdle, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: dialTimeout, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}

// everywhere are all networks.
var everywhere = prefixes("0.0.0.0/0", "::/0")

// NewTrusting returns a client for addresses that the administrator of the server configured,
// which may be in any network. Without verify it takes any certificate.
func NewTrusting(verify bool) *Client {
	c := New(everywhere)
	if !verify {
		c.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // as it was configured
	}
	return c
}

// Allowed reports whether an address is in a network that is not public and may be reached
// all the same.
func (c *Client) Allowed(a netip.Addr) bool {
	return slices.ContainsFunc(c.allowed, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

// special are networks that are not public beside those that netip knows.
var special = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10")

func prefixes(texts ...string) (out []netip.Prefix) {
	for _, text := range texts {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// Public reports whether an address belongs to the public internet.
func Public(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	// Body is the beginning of the body.
	Body []byte
}

// Accepted reports whether the answer says that all is well: 200 to 204.
func (a Answer) Accepted() bool { return a.Status >= http.StatusOK && a.Status <= http.StatusNoContent }

// Refused reports whether the answer says that one may not do this.
func (a Answer) Refused() bool { return a.Status == http.StatusForbidden }

// Gone reports whether the answer says that nothing is at the address any more.
func (a Answer) Gone() bool { return a.Status == http.StatusNotFound || a.Status == http.StatusGone }

// Ended reports whether the answer says that there will never be anything at the address again.
func (a Answer) Ended() bool { return a.Status == http.StatusGone }

// TooLarge reports whether the answer says that the body is too large.
func (a Answer) TooLarge() bool { return a.Status == http.StatusRequestEntityTooLarge }

// Post sends a body. It ends with ctx. A redirect is an answer like others.
func (c *Client) Post(ctx context.Context, url string, header map[string]string, body []byte) (Answer, error) {
	return c.do(ctx, http.MethodPost, url, header, body)
}

// Get asks for what is at an address. It ends with ctx. A redirect is an answer like others.
func (c *Client) Get(ctx context.Context, url string) (Answer, error) {
	return c.do(ctx, http.MethodGet, url, nil, nil)
}

func (c *Client) do(ctx context.Context, method, url string, header map[string]string, body []byte) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return Answer{}, errors.New("outbound: the address cannot be used")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return Answer{}, cause(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return Answer{answer.StatusCode, answer.Header, text}, cause(err)
}

// cause leaves the address out of an error: it may hold a secret.
func cause(err error) error {
	var private *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrPrivate):
		return ErrPrivate
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("outbound: no answer in time")
	case errors.As(err, &private):
		return fmt.Errorf("outbound: cannot %s: %w", private.Op, private.Err)
	}
	return errors.New("outbound: the request failed")
}
