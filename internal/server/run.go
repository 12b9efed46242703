package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"sync"
	"syscall"
	"time"

	"parley/internal/config"
)

// Listen opens the configured address, so that clients can connect, and returns it
// with the real port. [Server.Run] does it when nobody has before.
func (s *Server) Listen(ctx context.Context) (net.Addr, error) {
	if s.listener == nil {
		l, err := listen(ctx, s.cfg.Listen, "--listen")
		if err != nil {
			return nil, err
		}
		public := bounded(l, s.maxConnections())
		s.public.Store(public)
		s.listener = public
	}
	return s.listener.Addr(), nil
}

// maxConnections returns how many clients may be connected at once: as configured, but
// so that files and connections to the database can still be opened.
func (s *Server) maxConnections() int {
	most := max(descriptors()-ownDescriptors, 1)
	if s.cfg.MaxConnections > most {
		s.log.Warn("fewer connections than configured: the process may not open more files",
			"configured", s.cfg.MaxConnections, "possible", most)
		return most
	}
	return s.cfg.MaxConnections
}

// Vacant fails when an address of the configuration cannot be listened on. Asked
// before [New], it keeps a start that is in vain from making or upgrading a database.
func Vacant(ctx context.Context, cfg config.Config) error {
	addresses := [][2]string{{cfg.Listen, "--listen"}}
	if cfg.Debug != "" {
		addresses = append(addresses, [2]string{cfg.Debug, "--debug"})
	}
	for _, a := range addresses {
		l, err := listen(ctx, a[0], a[1])
		if err != nil {
			return err
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	return nil
}

// listen opens an address that was configured by the flag.
func listen(ctx context.Context, address, flag string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot listen on %s: another program uses it; stop that or choose another address with %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("cannot listen on %s: no rights; choose a port above 1023 with %s", address, flag)
	case err != nil:
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with %s", address, err, flag)
	}
	return l, nil
}

// heapFloor is what the garbage collector takes for memory in use, in bytes, though
// nobody touches it, so that the system never provides it: a small heap would be
// collected a hundred times a second under load, which took a seventh of the time.
const heapFloor = 24 << 20

// Run serves until ctx ends or serving fails, then shuts down: it takes no new
// requests, lets running ones finish, writes what is only in memory and closes the
// database. It returns nil after an orderly end. A server runs once.
func (s *Server) Run(ctx context.Context) error {
	floor := make([]byte, heapFloor)
	defer runtime.KeepAlive(floor)
	address, err := s.Listen(ctx)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	failed := make(chan error, 2)
	if err := s.startDebug(ctx, failed); err != nil {
		return errors.Join(err, s.listener.Close(), s.Close())
	}
	if err := s.Rooms.CorrectTimes(ctx); err != nil {
		s.log.WarnContext(ctx, "times in the future stay for now", "err", err.Error())
	}
	if err := s.Events.Adopt(ctx); err != nil {
		s.log.WarnContext(ctx, "events of another database hide others for now", "err", err.Error())
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	s.http.BaseContext = func(net.Listener) context.Context { return working }
	jobs := startJobs(working, s.log, s.jobs())
	jobs.Go(func() { s.Outbox.Run(working) })
	jobs.Go(func() { s.Events.Run(working) })
	jobs.Go(func() { s.hub.Run(working) })
	go func() { failed <- s.http.Serve(s.listener) }()
	s.log.InfoContext(ctx, "serving", "url", "http://"+address.String(), "database", s.cfg.Masked().DatabaseURL())

	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, s.shutdown(working, stopWork, jobs))
}

// startDebug serves metrics and profiles if they are wanted.
func (s *Server) startDebug(ctx context.Context, failed chan<- error) error {
	if s.debug == nil {
		return nil
	}
	l, err := listen(ctx, s.cfg.Debug, "--debug")
	if err != nil {
		return err
	}
	s.log.InfoContext(ctx, "serving metrics and profiles", "url", "http://"+l.Addr().String())
	go func() { failed <- s.debug.Serve(bounded(l, debugConnections)) }()
	return nil
}

// shutdown ends everything that Run started, in the order in which it depends on each
// other: requests, housekeeping, database.
func (s *Server) shutdown(working context.Context, stopWork context.CancelFunc, jobs *sync.WaitGroup) error {
	s.stopping.Store(true)
	s.log.InfoContext(working, "stopping")
	stopping, cancel := context.WithTimeout(working, shutdownTimeout)
	defer cancel()
	s.bodies.stop()
	s.Bus.StopWaiting()
	s.hub.Shutdown(stopping)
	err := s.http.Shutdown(stopping)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.WarnContext(working, "requests were cut off", "after", shutdownTimeout.String())
		err = s.http.Close()
	}
	if s.debug != nil {
		err = errors.Join(err, s.debug.Close())
	}
	stopWork()
	jobs.Wait()
	return errors.Join(err, s.lastFlush(working), s.Close())
}

// lastFlush writes the pings and log-ins that came since the last time.
func (s *Server) lastFlush(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.Rooms.FlushPings(ctx); err != nil {
		return fmt.Errorf("cannot write the last pings: %w", err)
	}
	if err := s.Auth.WriteLogins(ctx); err != nil {
		return fmt.Errorf("cannot write the last log-ins: %w", err)
	}
	return nil
}

// Close gives up a server that does not run: it closes the address and the database.
func (s *Server) Close() error {
	var err error
	if s.listener != nil {
		if err = s.listener.Close(); errors.Is(err, net.ErrClosed) {
			err = nil
		}
	}
	return errors.Join(err, s.Core.Close())
}
