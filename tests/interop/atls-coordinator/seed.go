package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
)

// seedKeys are the keys that the secret seed of a Coordinator determines.
type seedKeys struct {
	root, transaction *ecdsa.PrivateKey
}

// deriveKeys makes the keys of a seed of at least 32 bytes and a salt of 32.
func deriveKeys(seed, salt []byte) (*seedKeys, error) {
	if len(salt) != 32 || len(seed) < 32 {
		return nil, errors.New("seed or salt has the wrong length")
	}
	derive := func(label string) *ecdsa.PrivateKey {
		secret := must(hkdf.Key(sha256.New, seed, salt, label, len(seed)))
		return deterministicP384(secret)
	}
	return &seedKeys{derive("ROOT CA SEED"), derive("TRANSACTION SIGNING SECRET")}, nil
}

// deterministicP384 is c2sp.org/det-keygen for P-384.
func deterministicP384(seed []byte) *ecdsa.PrivateKey {
	label := []byte("det ECDSA key gen P-384")
	key, value := make([]byte, 32), make([]byte, 32)
	for index := range value {
		value[index] = 1
	}
	mac := func(parts ...[]byte) []byte {
		hash := hmac.New(sha256.New, key)
		for _, part := range parts {
			hash.Write(part)
		}
		return hash.Sum(nil)
	}
	for round := range 2 {
		key = mac(value, []byte{byte(round)}, seed, label)
		value = mac(value)
	}
	first := mac(value)
	second := mac(first)
	scalar := append(append([]byte{}, first...), second...)[:48]
	return must(ecdsa.ParseRawPrivateKey(elliptic.P384(), scalar))
}

// encryptSeed gives one seed share owner the whole seed.
func encryptSeed(ownerHex string, seed []byte) ([]byte, error) {
	der, err := hex.DecodeString(ownerHex)
	if err != nil {
		return nil, err
	}
	owner, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return nil, err
	}
	return rsa.EncryptOAEP(sha256.New(), rand.Reader, owner, seed, []byte("seedshare"))
}

func randomBytes(size int) []byte {
	bytes := make([]byte, size)
	_, _ = rand.Read(bytes)
	return bytes
}
