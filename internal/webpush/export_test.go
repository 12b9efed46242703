package webpush

import "crypto/ecdh"

// Limits of bodies.
const Overhead = headerSize + overhead

// EncryptBy is Encrypt with what it takes from chance.
func (r Receiver) EncryptBy(text []byte, sender *ecdh.PrivateKey, salt [saltSize]byte) ([]byte, error) {
	return r.encrypt(text, sender, salt)
}
