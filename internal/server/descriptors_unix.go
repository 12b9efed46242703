//go:build unix

package server

import (
	"math"
	"syscall"
)

// descriptors returns how many files and connections the process may have open. Go
// raises the soft limit to the hard one at the start.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt
	}
	return int(min(uint64(limit.Cur), math.MaxInt32))
}
