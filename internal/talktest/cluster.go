package talktest

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Cluster is a PostgreSQL server that belongs to this process. It listens on a
// Unix socket in a temporary folder.
type Cluster struct {
	bin, dir string
	settings []string
	user     *syscall.Credential // nil for the user of this process
	// lease is a pipe to a guard, which stops the server and removes the folder
	// when the pipe closes: at the end of this process, however it comes.
	lease   io.Closer
	guarded *exec.Cmd
}

// NewCluster starts a server of its own for a test that stops or crashes it.
// Settings are like fsync=on. Without PostgreSQL the test is skipped, or fails
// like in [Database].
func NewCluster(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c, err := StartCluster(settings...)
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		Missing(t, "postgres", "PostgreSQL")
	}
	t.Cleanup(func() {
		if err := c.Remove(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// StartCluster is NewCluster for programs that are no tests. It returns nil when
// there is no PostgreSQL on the machine. Without [Cluster.Remove] the server goes
// with this process, however that ends.
func StartCluster(settings ...string) (*Cluster, error) {
	bin := postgresFolder()
	if bin == "" {
		return nil, nil
	}
	c := &Cluster{bin: bin, settings: settings}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	if err := c.guard(); err != nil {
		return nil, err
	}
	data := filepath.Join(c.dir, "data")
	err := c.run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		return nil, errors.Join(err, c.Remove())
	}
	return c, nil
}

// Remove stops the server and removes all that it has.
func (c *Cluster) Remove() error {
	return errors.Join(c.lease.Close(), c.guarded.Wait())
}

// postgresFolder finds the newest server's programs, "" when there are none.
func postgresFolder() string {
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(real)
		}
	}
	newest, number := "", -1
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_ctl") // the pattern is well formed
	for _, path := range found {
		version := filepath.Base(filepath.Dir(filepath.Dir(path)))
		if n, err := strconv.Atoi(version); err == nil && n > number {
			newest, number = filepath.Dir(path), n
		}
	}
	return newest
}

// prepare makes the folder. The server refuses to run as root, so that root
// hands it to the user postgres.
func (c *Cluster) prepare() error {
	dir, err := os.MkdirTemp("", "parley-postgres-")
	if err != nil {
		return err
	}
	c.dir = dir
	if os.Geteuid() != 0 {
		return nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return err
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return err
	}
	c.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(dir, int(uid), int(gid))
}

// guard starts the process that cleans up after this one.
func (c *Cluster) guard() error {
	const script = `read -r _; "$0/pg_ctl" stop -D "$1/data" -m immediate; rm -rf "$1"`
	cmd := c.command("/bin/sh", "-c", script, c.bin, c.dir)
	cmd.SysProcAttr.Setsid = true // interrupting the tests must not interrupt it
	lease, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	c.lease, c.guarded = lease, cmd
	return cmd.Start()
}

func (c *Cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.user}
	return cmd
}

// run runs one of PostgreSQL's programs.
func (c *Cluster) run(name string, args ...string) error {
	output := filepath.Join(c.dir, name+".out")
	file, err := os.Create(output)
	if err != nil {
		return err
	}
	defer file.Close()
	cmd := c.command(filepath.Join(c.bin, name), args...)
	// A file, because a server that goes on would keep a pipe open.
	cmd.Stdout, cmd.Stderr = file, file
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(output) // the program's error is enough without it
		return fmt.Errorf("%s: %w: %s", name, err, text)
	}
	return nil
}

// Start starts the server and waits until it answers.
func (c *Cluster) Start() error {
	options := []string{"-k " + c.dir, "-c listen_addresses=", "-c max_connections=300"}
	for _, s := range c.settings {
		options = append(options, "-c "+s)
	}
	return c.run("pg_ctl", "start", "-w", "-D", filepath.Join(c.dir, "data"), "-l", filepath.Join(c.dir, "log"),
		"-o", strings.Join(options, " "))
}

// Crash ends the server like a failure of the machine's power, as far as it can
// be had: nothing is finished or written any more.
func (c *Cluster) Crash() error {
	return c.run("pg_ctl", "stop", "-D", filepath.Join(c.dir, "data"), "-m", "immediate")
}

// URL returns the URL of the superuser's database.
func (c *Cluster) URL() string {
	return "postgres://postgres@/postgres?" + url.Values{"host": {c.dir}}.Encode()
}

// Folder returns where the server keeps everything that it has.
func (c *Cluster) Folder() string { return c.dir }
