package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"sync"
)

// keys by name. A name that is used before its key is there is a mistake of the test.
var keys sync.Map

type keyCommand struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	// An RSA key that is there already; PKCS #1 DER.
	RSA []byte `json:"rsa"`
}

type keyAnswer struct {
	// What a manifest calls a workload owner.
	Digest string `json:"digest"`
	// What it calls a seed share owner; empty for a key that is not RSA.
	PublicKey string `json:"publicKey"`
}

// makeKey makes a key and keeps it under its name.
func makeKey(command keyCommand) (any, error) {
	key, err := command.key()
	if err != nil {
		return nil, err
	}
	keys.Store(command.Name, key)
	if key, isRsa := key.(*rsa.PrivateKey); isRsa {
		der := x509.MarshalPKCS1PublicKey(&key.PublicKey)
		return keyAnswer{digestHex(der), hex.EncodeToString(der)}, nil
	}
	return keyAnswer{Digest: digestHex(must(x509.MarshalPKIXPublicKey(key.Public())))}, nil
}

func (c keyCommand) key() (crypto.Signer, error) {
	if c.RSA != nil {
		return x509.ParsePKCS1PrivateKey(c.RSA)
	}
	return newKey(c.Kind)
}

func newKey(kind string) (crypto.Signer, error) {
	switch kind {
	case "p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "p521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "rsa2048":
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("no kind of key %q", kind)
}

// namedKey is nil for the name "none", and a fresh one for the empty name, as the original's client has it.
func namedKey(name string) (crypto.Signer, error) {
	switch name {
	case "none":
		return nil, nil
	case "":
		return newKey("p256")
	}
	key, known := keys.Load(name)
	if !known {
		return nil, fmt.Errorf("no key %q", name)
	}
	return key.(crypto.Signer), nil
}

type shareCommand struct {
	Key   string `json:"key"`
	Share []byte `json:"share"`
}

// openShare decrypts a seed.
func openShare(command shareCommand) (any, error) {
	key, err := namedKey(command.Key)
	if err != nil {
		return nil, err
	}
	seed, err := rsa.DecryptOAEP(sha256.New(), nil, key.(*rsa.PrivateKey), command.Share, []byte("seedshare"))
	return object{"seed": seed}, err
}

func digestHex(content []byte) string {
	digest := sha256.Sum256(content)
	return hex.EncodeToString(digest[:])
}

func randomBytes(size int) []byte {
	content := make([]byte, size)
	must(rand.Read(content))
	return content
}
