package talktest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Bytes that SQLite has locked in its files as long as a connection in WAL mode is
// open, see sqlite.org/walformat.html and sqlite.org/lockingv3.html.
const (
	DatabaseLock = 0x40000002 // of the database: the first byte of SHARED
	WALIndexLock = 128        // of the file that ends with -shm
)

// Lock is whether a process holds the lock of a byte of a file.
type Lock int

// Locks.
const (
	LockUnknown Lock = iota // on systems that do not show locks
	LockMissing
	LockHeld
)

// HoldsLock looks for the POSIX lock that a process has on a byte of a file.
func HoldsLock(t testing.TB, pid int, file string, offset int64) Lock {
	t.Helper()
	text, err := os.ReadFile("/proc/locks")
	if errors.Is(err, fs.ErrNotExist) {
		return LockUnknown
	}
	info, failed := os.Stat(file)
	if err = errors.Join(err, failed); err != nil {
		t.Fatal(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return LockUnknown
	}
	inode := fmt.Sprint(":", stat.Ino)
	for line := range strings.Lines(string(text)) {
		// such as: 1: POSIX ADVISORY READ 4711 08:01:12345 128 128
		w := strings.Fields(line)
		if len(w) < 8 || w[1] != "POSIX" || w[4] != strconv.Itoa(pid) || !strings.HasSuffix(w[5], inode) {
			continue
		}
		first, err := strconv.ParseInt(w[6], 10, 64)
		last, failed := strconv.ParseInt(w[7], 10, 64)
		if err == nil && first <= offset && (w[7] == "EOF" || failed == nil && offset <= last) {
			return LockHeld
		}
	}
	return LockMissing
}
