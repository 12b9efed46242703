package store

import (
	"fmt"
	"os"
	"syscall"
)

// walHeaderSize is the size in bytes of the header of SQLite's WAL index, of
// which the shared memory file begins with two copies (the file format is
// documented at sqlite.org/walformat.html, section 2.1). Every commit of every
// process writes a new header there before it counts: with a counter, the
// number of frames and a checksum over all of them.
const walHeaderSize = 48

// walIndex watches that header. SQLite's own PRAGMA data_version answers the
// same question with a read transaction, two system calls and thirty
// allocations; the header is a look at memory.
type walIndex struct{ memory []byte }

// openWALIndex maps the shared memory of a database that is open in WAL mode.
func openWALIndex(path string) (*walIndex, error) {
	f, err := os.Open(path + "-shm")
	if err != nil {
		return nil, fmt.Errorf("shared memory of the database: %w", err)
	}
	defer f.Close()
	memory, err := syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("shared memory of the database: %w", err)
	}
	return &walIndex{memory}, nil
}

// header returns the bytes of the first copy, which SQLite writes last. Reading
// it in the middle of a commit gives the old header or one that equals no other.
func (w *walIndex) header() (h [walHeaderSize]byte) {
	copy(h[:], w.memory)
	return h
}

func (w *walIndex) close() error { return syscall.Munmap(w.memory) }
