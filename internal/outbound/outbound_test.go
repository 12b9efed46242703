package outbound_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"parley/internal/outbound"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"8.8.8.8": true, "2a00:1450:4001:80b::200e": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.2.1": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if got := outbound.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

func TestPrivateNetworksAreRefused(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer s.Close()
	for _, url := range []string{s.URL, strings.Replace(s.URL, "127.0.0.1", "localhost", 1)} {
		if _, err := outbound.New(nil).Post(t.Context(), url, nil, nil); !errors.Is(err, outbound.ErrPrivate) {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	hung := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		case "/elsewhere":
			t.Error("the redirect was followed")
		case "/huge":
			for range 100 {
				w.Write(make([]byte, 1<<20)) //nolint:errcheck // the client goes away
			}
		case "/hang":
			<-hung
		}
	}))
	defer s.Close()
	defer close(hung)
	c := outbound.New(loopback)
	if got, err := c.Post(t.Context(), s.URL+"/redirect", nil, nil); err != nil || got.Status != http.StatusFound || got.Accepted() {
		t.Errorf("a redirect: %v, %v", got.Status, err)
	}
	if got, err := c.Post(t.Context(), s.URL+"/huge", nil, nil); err != nil || len(got.Body) > 64<<10 {
		t.Errorf("a huge answer: %d bytes, %v", len(got.Body), err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Post(ctx, s.URL+"/hang?secret=xyzzy", nil, nil); err == nil || strings.Contains(err.Error(), "xyzzy") {
		t.Errorf("one that hangs: %v", err)
	}
	if _, err := c.Post(t.Context(), "http://[::1", nil, nil); err == nil {
		t.Error("a broken address")
	}
}
