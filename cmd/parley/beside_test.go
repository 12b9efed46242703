package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parley/internal/talktest"
)

// readVariable makes the test program one that opens the SQLite database of that
// path, reads, does what its arguments say, and closes it.
const readVariable = "PARLEY_TEST_READ"

// readBeside is the program. It says "reading" and stays until its input ends if it
// is told to stay.
func readBeside(path string) int {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		return exitFailure
	}
	defer db.Close()
	c, err := db.Conn(context.Background())
	if err != nil {
		return exitFailure
	}
	defer c.Close()
	for _, text := range append([]string{"BEGIN", "SELECT COUNT(*) FROM rooms"}, os.Args[1:]...) {
		if text == "stay" {
			fmt.Println("reading")
			_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the test
			continue
		}
		if _, err := c.ExecContext(context.Background(), text); err != nil {
			fmt.Fprintln(os.Stderr, text, err)
			return exitFailure
		}
	}
	return exitOK
}

// beside is other programs at work on the database of a server.
type beside struct {
	*crashTest
	path   string
	folder string
	count  atomic.Int64 // of files and groups
}

// program returns a command of parley that is about to run, its words separated by
// blanks. FILE is a new one.
func (b *beside) program(line string) *exec.Cmd {
	line = strings.ReplaceAll(line, "FILE", filepath.Join(b.folder, fmt.Sprint(b.count.Add(1))))
	cmd := exec.Command(os.Args[0], append(strings.Fields(line), "--data="+b.shell.data, "--database="+b.database)...)
	cmd.Env = append(os.Environ(), fmt.Sprint(serveVariable, "=", time.Now().Unix()))
	return cmd
}

// reader returns the program that reads.
func (b *beside) reader(texts ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], texts...)
	cmd.Env = append(os.Environ(), readVariable+"="+b.path)
	return cmd
}

// run runs programs at the same time, which all have to succeed. Their input stays
// open as long as they run.
func (b *beside) run(programs ...*exec.Cmd) {
	b.t.Helper()
	var all sync.WaitGroup
	for _, cmd := range programs {
		all.Go(func() {
			in, err := cmd.StdinPipe()
			if err != nil {
				b.t.Error(err)
				return
			}
			defer in.Close()
			if out, err := cmd.CombinedOutput(); err != nil {
				b.t.Errorf("%s: %v: %s", cmd.Args[1:], err, out)
			}
		})
	}
	all.Wait()
}

// killed starts a program and kills it while it works.
func (b *beside) killed(cmd *exec.Cmd, after time.Duration) {
	b.t.Helper()
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.t.Error(err)
		return
	}
	defer in.Close()
	time.Sleep(after) // anywhere in its work will do
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it may have ended by itself
}

// stays starts a reader that keeps its transaction open until the returned function
// is called.
func (b *beside) stays() (leave func()) {
	b.t.Helper()
	cmd := b.reader("stay", "COMMIT")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("reading"))); err != nil {
		b.t.Error(err)
	}
	return sync.OnceFunc(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			b.t.Errorf("the reader: %v", err)
		}
	})
}

// during lets all writers write as long as f works. Everything they ask for has to be
// done.
func (b *beside) during(f func()) {
	b.t.Helper()
	var over atomic.Bool
	var writing sync.WaitGroup
	for _, w := range b.writers {
		writing.Go(func() {
			for n := 0; !over.Load(); n++ {
				// What is said in shared conversations has to fit into one page.
				if n < 30 && !w.step() || n >= 30 && !w.createOrRename(w.sure, n%4 == 0) {
					return
				}
				b.acked.Add(1)
			}
		})
	}
	f()
	over.Store(true)
	writing.Wait()
	for file, offset := range map[string]int64{b.path: talktest.DatabaseLock, b.path + "-shm": talktest.WALIndexLock} {
		if talktest.HoldsLock(b.t, b.pid, file, offset) == talktest.LockMissing {
			b.t.Errorf("the server has lost its lock of %s", filepath.Base(file))
		}
	}
	b.check()
}

// Other programs that open the database, or die in the middle of their work, neither
// harm a server under load nor each other.
func TestProgramsBesideServer(t *testing.T) {
	url := talktest.Databases()[0].URL(t)
	b := &beside{crashTest: newCrashTest(t, url), path: strings.TrimPrefix(url, "sqlite:"), folder: t.TempDir()}
	t.Run("one after another", func(*testing.T) {
		b.during(func() {
			for _, line := range []string{"backup FILE", "doctor", "user list", "group list", "group add added", "room list"} {
				b.run(b.program(line))
				b.run(b.reader("COMMIT"))
			}
			b.run(b.reader("COMMIT", "PRAGMA wal_checkpoint(PASSIVE)"), b.reader("COMMIT", "PRAGMA wal_checkpoint(TRUNCATE)"))
			b.run(b.reader("COMMIT", "VACUUM INTO '"+filepath.Join(b.folder, "vacuumed")+"'"))
		})
	})
	t.Run("at once", func(*testing.T) {
		b.during(func() {
			b.run(b.program("backup FILE"), b.program("doctor"), b.program("user list"), b.reader("COMMIT"))
			b.run(b.program("backup FILE"), b.program("backup FILE"), b.program("group add another"), b.reader("COMMIT"))
		})
	})
	t.Run("killed", func(*testing.T) {
		b.during(func() {
			for i, line := range []string{"backup FILE", "doctor", "user list", "group add killed"} {
				b.killed(b.program(line), time.Duration(20*(i+1))*time.Millisecond)
				b.killed(b.reader("stay"), 20*time.Millisecond)
				b.run(b.reader("COMMIT"))
			}
		})
	})
	t.Run("restart", func(*testing.T) {
		leave := b.stays()
		b.kill()
		b.serve()
		b.during(func() {
			b.run(b.program("user list"), b.reader("COMMIT"))
			leave()
			b.run(b.program("doctor"), b.reader("COMMIT"))
		})
	})
}
