package main

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serveFloor serves the given bodies by path from a bare net/http handler: the
// fastest answer that Go's own server can give. It returns the address.
func serveFloor(ctx context.Context, bodies map[string][]byte) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := bodies[r.URL.Path]
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body) //nolint:errcheck // a client that went away ends its own measurement
	})}
	go server.Serve(listener) //nolint:errcheck // it ends with Close below
	context.AfterFunc(ctx, func() { server.Close() })
	return listener.Addr().String(), nil
}
