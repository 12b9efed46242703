package talktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// NATSServer is a NATS server of a test on a free port of 127.0.0.1. It ends with the test.
type NATSServer struct {
	// URL is its address, with a user and a password if it asks for them.
	URL string

	program, port, log string
	options            []string
	running            *exec.Cmd
}

// NATSUser and NATSPassword are what a [NATSServer] asks for.
const (
	NATSUser     = "parley"
	NATSPassword = "secret+of/nats"
)

// natsStart is how long a NATS server may take to start.
const natsStart = 20 * time.Second

// NewNATS starts a NATS server that asks for [NATSUser]. Options are like -D. Where there
// is none on the machine the test is skipped, or fails when PARLEY_TEST_REQUIRE contains
// "nats".
func NewNATS(t testing.TB, options ...string) *NATSServer {
	t.Helper()
	program := natsProgram()
	if program == "" {
		Missing(t, "nats", "NATS server")
	}
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := &NATSServer{program: program, port: port, log: filepath.Join(t.TempDir(), "nats.log"), options: options}
	s.URL = "nats://" + NATSUser + ":secret%2Bof%2Fnats@" + s.Address()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Kill(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Address returns the host and port that the server listens on.
func (s *NATSServer) Address() string { return net.JoinHostPort("127.0.0.1", s.port) }

// Start starts the server, for once with more options, and waits until it answers.
func (s *NATSServer) Start(more ...string) error {
	arguments := append([]string{"-a", "127.0.0.1", "-p", s.port, "--user", NATSUser, "--pass", NATSPassword, "-l", s.log}, s.options...)
	s.running = exec.Command(s.program, append(arguments, more...)...)
	if err := s.running.Start(); err != nil {
		s.running = nil
		return err
	}
	for until := time.Now().Add(natsStart); time.Now().Before(until); time.Sleep(5 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.Address())
		cancel()
		if err == nil {
			return conn.Close()
		}
	}
	text, _ := os.ReadFile(s.log) // the failure is enough without it
	return errors.Join(fmt.Errorf("the NATS server does not start: %s", text), s.Kill())
}

// Kill ends the server at once, as a crash would. It may be started again.
func (s *NATSServer) Kill() error {
	if s.running == nil {
		return nil
	}
	err := s.running.Process.Kill()
	_ = s.running.Wait() // it says that it was killed
	s.running = nil
	return err
}

// natsProgram finds the server's program, "" when there is none.
func natsProgram() string {
	for _, name := range []string{"nats-server", "/usr/sbin/nats-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// freePort returns a port of 127.0.0.1 that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, errors.Join(err, l.Close())
}
