package secret

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// ErrMalformedHash is returned for a stored string that is not an argon2id PHC
// string, or whose cost is outside of what this server is willing to compute.
var ErrMalformedHash = errors.New("secret: malformed or unacceptable password hash")

// Bounds of what Verify computes. A hash comes from the database or from an
// import, so its parameters are input: without bounds one row could ask for
// gigabytes of memory or for hours.
const (
	maxMemory    = 256 * 1024 // KiB, 256 MiB
	maxPasses    = 16
	maxLanes     = 16
	minSaltBytes = 8
	maxSaltBytes = 64
	minHashBytes = 16
	maxHashBytes = 64
	maxPHCBytes  = 256
)

// cost is how expensive a hash is to compute.
type cost struct {
	memory, passes uint32 // memory in KiB
	lanes          uint8
}

// check returns an error when c is outside of the bounds of this package.
func (c cost) check() error {
	switch {
	case c.lanes < 1 || c.lanes > maxLanes:
		return fmt.Errorf("%w: lanes %d", ErrMalformedHash, c.lanes)
	case c.passes < 1 || c.passes > maxPasses:
		return fmt.Errorf("%w: passes %d", ErrMalformedHash, c.passes)
	case c.memory < 8*uint32(c.lanes) || c.memory > maxMemory:
		return fmt.Errorf("%w: memory %d KiB", ErrMalformedHash, c.memory)
	}
	return nil
}

// phc is a parsed hash string.
type phc struct {
	cost
	salt, hash []byte
}

// String returns the PHC form of p.
func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.passes, p.lanes, b64.EncodeToString(p.salt), b64.EncodeToString(p.hash))
}

// parsePHC reads the one spelling that String writes. The error never shows any
// part of the string besides its cost.
func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	// The decoder of base64 skips line ends, which are no part of the format.
	if len(s) > maxPHCBytes || strings.ContainsAny(s, "\r\n") || len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" ||
		parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return phc{}, ErrMalformedHash
	}
	c, err := parseCost(parts[3])
	if err != nil {
		return phc{}, err
	}
	salt, err := decode(parts[4], minSaltBytes, maxSaltBytes)
	if err != nil {
		return phc{}, err
	}
	hash, err := decode(parts[5], minHashBytes, maxHashBytes)
	if err != nil {
		return phc{}, err
	}
	return phc{cost: c, salt: salt, hash: hash}, nil
}

// parseCost reads "m=…,t=…,p=…" and checks the bounds.
func parseCost(s string) (cost, error) {
	fields := strings.Split(s, ",")
	if len(fields) != 3 {
		return cost{}, ErrMalformedHash
	}
	var values [3]uint32
	for i, name := range [3]string{"m=", "t=", "p="} {
		digits, ok := strings.CutPrefix(fields[i], name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || strconv.FormatUint(n, 10) != digits {
			return cost{}, ErrMalformedHash
		}
		values[i] = uint32(n)
	}
	if values[2] > maxLanes {
		return cost{}, fmt.Errorf("%w: lanes %d", ErrMalformedHash, values[2])
	}
	c := cost{memory: values[0], passes: values[1], lanes: uint8(values[2])}
	return c, c.check()
}

// decode reads unpadded standard base64 of between least and most bytes.
func decode(s string, least, most int) ([]byte, error) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) < least || len(b) > most {
		return nil, ErrMalformedHash
	}
	return b, nil
}
