package db

import (
	"errors"
	"os"
)

// Only here, and for the lock beside the database, does this package open files
// itself. None of them may be a file of a database that this process has open:
// when any descriptor of a file is closed, POSIX takes away all locks that the
// process has on it, also those of SQLite. Other programs then believe that nobody
// uses the database, and truncate what the server works with.

// NewFile makes a file that only its owner may read. It fails when there is one.
func NewFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
}

// SyncFolder flushes the names in a folder to the disk.
func SyncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
