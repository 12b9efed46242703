package secret_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parley/internal/secret"
	"parley/internal/talk"
)

func TestHashAndVerify(t *testing.T) {
	h := secret.NewHasher(secret.TestOptions())
	long := strings.Repeat("x", secret.MaxPasswordBytes)
	for _, password := range []string{"", "correct horse", "pässwörd ✔", "a\x00b", long} {
		encoded, err := h.Hash(t.Context(), password)
		if err != nil {
			t.Fatalf("Hash(%.20q): %v", password, err)
		}
		for _, try := range []struct {
			password string
			want     bool
		}{{password, true}, {"wrong", false}, {strings.ToUpper(password) + "1", false}} {
			if len(try.password) > secret.MaxPasswordBytes {
				continue
			}
			got, err := h.Verify(t.Context(), encoded, try.password)
			if err != nil || got != try.want {
				t.Errorf("hash of %.20q, Verify(%.20q) = %v, %v, want %v", password, try.password, got, err, try.want)
			}
		}
	}
}

func TestHashIsSalted(t *testing.T) {
	h := secret.NewHasher(secret.TestOptions())
	first, err := h.Hash(t.Context(), "same")
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.Hash(t.Context(), "same")
	if err != nil {
		t.Fatal(err)
	}
	if first == second {
		t.Error("two hashes of one password are equal")
	}
}

func TestDefaultCost(t *testing.T) {
	encoded, err := secret.NewHasher(secret.Options{}).Hash(t.Context(), "pw")
	if err != nil {
		t.Fatal(err)
	}
	if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(encoded, want) {
		t.Errorf("hash starts with %.40q, want %q", encoded, want)
	}
	if !secret.NewHasher(secret.TestOptions()).NeedsRehash(encoded) {
		t.Error("a hash of another cost needs no rehash")
	}
	if secret.NewHasher(secret.Options{}).NeedsRehash(encoded) {
		t.Error("a hash of the same cost needs a rehash")
	}
}

// The vector is one of those that the reference implementation of argon2 tests
// itself with: hashes of other programs can be imported.
func TestVerifyReferenceVector(t *testing.T) {
	const vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	ok, err := secret.NewHasher(secret.TestOptions()).Verify(t.Context(), vector, "password")
	if err != nil || !ok {
		t.Errorf("Verify = %v, %v", ok, err)
	}
}

func TestPasswordTooLong(t *testing.T) {
	h := secret.NewHasher(secret.TestOptions())
	long := strings.Repeat("x", secret.MaxPasswordBytes+1)
	if _, err := h.Hash(t.Context(), long); !errors.Is(err, secret.ErrPasswordTooLong) {
		t.Errorf("Hash: %v", err)
	}
	encoded, err := h.Hash(t.Context(), "short")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Verify(t.Context(), encoded, long); !errors.Is(err, secret.ErrPasswordTooLong) {
		t.Errorf("Verify: %v", err)
	}
}

func TestVerifyRefusesHostileStrings(t *testing.T) {
	const salt, hash = "c29tZXNhbHQ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	h := secret.NewHasher(secret.TestOptions())
	for name, encoded := range map[string]string{
		"empty":              "",
		"plain text":         "password",
		"bcrypt":             "$2y$10$abcdefghijklmnopqrstuv",
		"argon2i":            "$argon2i$v=19$m=8,t=1,p=1$" + salt + "$" + hash,
		"old version":        "$argon2id$v=16$m=8,t=1,p=1$" + salt + "$" + hash,
		"four terabytes":     "$argon2id$v=19$m=4294967295,t=1,p=1$" + salt + "$" + hash,
		"over the bound":     "$argon2id$v=19$m=262145,t=1,p=1$" + salt + "$" + hash,
		"memory overflow":    "$argon2id$v=19$m=99999999999999999999,t=1,p=1$" + salt + "$" + hash,
		"endless passes":     "$argon2id$v=19$m=8,t=4294967295,p=1$" + salt + "$" + hash,
		"no passes":          "$argon2id$v=19$m=8,t=0,p=1$" + salt + "$" + hash,
		"no lanes":           "$argon2id$v=19$m=8,t=1,p=0$" + salt + "$" + hash,
		"lanes wrap to 1":    "$argon2id$v=19$m=8,t=1,p=257$" + salt + "$" + hash,
		"too little memory":  "$argon2id$v=19$m=8,t=1,p=2$" + salt + "$" + hash,
		"sign":               "$argon2id$v=19$m=+8,t=1,p=1$" + salt + "$" + hash,
		"leading zero":       "$argon2id$v=19$m=08,t=1,p=1$" + salt + "$" + hash,
		"order":              "$argon2id$v=19$t=1,m=8,p=1$" + salt + "$" + hash,
		"missing":            "$argon2id$v=19$m=8,t=1$" + salt + "$" + hash,
		"short salt":         "$argon2id$v=19$m=8,t=1,p=1$YQ$" + hash,
		"empty hash":         "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$",
		"long hash":          "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat("A", 88),
		"very long":          "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + strings.Repeat("A", 1<<20),
		"padded":             "$argon2id$v=19$m=8,t=1,p=1$" + salt + "=$" + hash,
		"one part too many":  "$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash + "$",
		"something in front": "x$argon2id$v=19$m=8,t=1,p=1$" + salt + "$" + hash,
	} {
		ok, err := h.Verify(t.Context(), encoded, "password")
		if ok || !errors.Is(err, secret.ErrMalformedHash) {
			t.Errorf("%s: Verify = %v, %v, want false and ErrMalformedHash", name, ok, err)
		}
	}
}

func TestNewHasherRefusesCostThatCannotBeVerified(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	secret.NewHasher(secret.Options{Memory: 1 << 30})
}

func TestCancelledContext(t *testing.T) {
	h := secret.NewHasher(secret.TestOptions())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "pw"); !errors.Is(err, context.Canceled) {
		t.Errorf("Hash: %v, want context.Canceled", err)
	}
}

func TestWaitingEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := secret.NewHasher(secret.Options{Memory: 8, Passes: 1, Concurrent: 1})
		release := secret.Occupy(h)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := h.Hash(ctx, "pw"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Hash while all places are taken: %v, want DeadlineExceeded", err)
		}
		release()
		if _, err := h.Hash(t.Context(), "pw"); err != nil {
			t.Errorf("Hash after a place became free: %v", err)
		}
	})
}

func TestQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := secret.NewHasher(secret.Options{Memory: 8, Passes: 1, Concurrent: 1})
		release := secret.Occupy(h)
		var hashed, busy atomic.Int64
		for range 1000 {
			go func() {
				switch _, err := h.Hash(t.Context(), "pw"); {
				case err == nil:
					hashed.Add(1)
				case errors.Is(err, secret.ErrBusy) && talk.IsKind(err, talk.Unavailable):
					busy.Add(1)
				default:
					t.Error(err)
				}
			}()
		}
		synctest.Wait()
		if want := int64(1000 - secret.Places); busy.Load() != want {
			t.Errorf("%d found no place, want %d", busy.Load(), want)
		}
		release()
		synctest.Wait()
		if hashed.Load() != secret.Places {
			t.Errorf("%d were hashed, want %d", hashed.Load(), secret.Places)
		}
	})
}

func FuzzParsePHC(f *testing.F) {
	h := secret.NewHasher(secret.TestOptions())
	valid, err := h.Hash(f.Context(), "pw")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{valid, "", "$$$$$", "$argon2id$v=19$m=8,t=1,p=1$$", "$argon2id$v=19$m=8,t=1,p=1$00000000000$0000000000000000000\n0000"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		again, ok := secret.Reparse(encoded)
		if ok && again != encoded {
			t.Errorf("%q parses, but is written as %q", encoded, again)
		}
	})
}
