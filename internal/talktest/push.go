package talktest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
)

// OpenPush reads what was pushed as the app does that has the private key and the secret, by
// RFC 8291 and RFC 8188. It shares nothing with package webpush, so that neither hides a fault
// of the other.
func OpenPush(own *ecdh.PrivateKey, auth, body []byte) ([]byte, error) {
	const salt, key = 16, 65
	const header = salt + 4 + 1 + key
	if len(body) < header || body[salt+4] != key {
		return nil, errors.New("the body is not complete")
	}
	sender, err := ecdh.P256().NewPublicKey(body[salt+5 : header])
	if err != nil {
		return nil, err
	}
	shared, err := own.ECDH(sender)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(own.PublicKey().Bytes()) + string(sender.Bytes()) + "\x01"
	secret := mac(body[:salt], mac(mac(auth, shared), []byte(info)))
	block, err := aes.NewCipher(mac(secret, []byte("Content-Encoding: aes128gcm\x00\x01"))[:16])
	if err != nil {
		return nil, err
	}
	open, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := open.Open(nil, mac(secret, []byte("Content-Encoding: nonce\x00\x01"))[:12], body[header:], nil)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 || text[len(text)-1] != 2 {
		return nil, errors.New("the body has no end")
	}
	return text[:len(text)-1], nil
}

func mac(key, text []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write(text)
	return m.Sum(nil)
}
