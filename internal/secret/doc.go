// Package secret makes and checks everything that must not be guessed: password
// hashes, random tokens, dial-in PINs, keyed digests and signed cookie values.
//
// It does no I/O besides reading the system's randomness and knows nothing of
// users, rooms or HTTP.
package secret
