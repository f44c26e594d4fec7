package main

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
)

// seal signs the transition that the request would lead to (coordinator.md 14.3): with the key, over the hexadecimal
// digits of its hash.
func (m *request) seal() error {
	if m.SignedBy == "" {
		return nil
	}
	key, err := namedKey(m.SignedBy)
	if err != nil {
		return err
	}
	manifest := sha256.Sum256(m.Manifest)
	digits := sha256.Sum256([]byte(digestHex(append(manifest[:], m.Previous...))))
	m.signature, err = key.Sign(rand.Reader, digits[:], crypto.SHA256)
	return err
}
