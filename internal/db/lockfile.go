package db

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// LockFile takes the lock of a file, which is made if need be, and writes into
// it who holds it. The operating system releases the lock when the process ends,
// however it ends; the file stays.
func LockFile(ctx context.Context, path string, timeout time.Duration) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o640)
	if err != nil {
		return nil, lockError(path, err)
	}
	if err := awaitLock(ctx, f, timeout); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = lockedError(path)
		}
		return nil, errors.Join(err, f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = fmt.Fprintf(f, "process %d (%s)", os.Getpid(), filepath.Base(os.Args[0]))
	}
	if err != nil {
		return nil, errors.Join(lockError(path, err), f.Close())
	}
	return f, nil
}

// awaitLock tries until the lock is free or the timeout is over.
func awaitLock(ctx context.Context, f *os.File, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return err
		}
	}
}

// IsLocked reports whether another program holds a lock file.
func IsLocked(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

// lockError says why a lock file cannot be made and what to do.
func lockError(path string, err error) error {
	advice := "let this user write it and its folder"
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		advice = "free some space on the disk"
	}
	cause := err
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		cause = e.Err
	}
	return fmt.Errorf("the lock file %s cannot be written: %s (%w)", path, advice, cause)
}

// heldError says who holds a lock file and what to do.
func lockedError(path string) error {
	holder := "another program"
	if text, err := os.ReadFile(path); err == nil && len(text) > 0 {
		holder = string(text)
	}
	return fmt.Errorf("database %s is in use by %s: stop it, or name another database", strings.TrimSuffix(path, ".lock"), holder)
}
