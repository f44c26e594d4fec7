package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// laxer are faults that the libraries of Google accept with the original's options, and why. Nothing without fault is
// refused by them.
var laxer = map[string]string{
	"snp/crl-expired":            "the dates of a revocation list that was fetched are not looked at",
	"snp/crl-not-yet-valid":      "the dates of a revocation list that was fetched are not looked at",
	"tdx/outer-size":             "this size is not looked at in the message",
	"tdx/signed-data-size":       "this size is not looked at in the message",
	"tdx/tcb-info-future":        "only nextUpdate is compared",
	"tdx/status-sw-hardening":    platformIgnored,
	"tdx/status-configuration":   platformIgnored,
	"tdx/status-both":            platformIgnored,
	"tdx/status-out-of-date":     platformIgnored,
	"tdx/status-out-of-date-too": platformIgnored,
	"tdx/status-revoked":         platformIgnored,
}

const platformIgnored = "the status of the TDX module replaces that of the platform"

// runSelftest judges all evidence with the libraries of Google and calls every method once, so that what the other
// client is tested against is known to be right.
func runSelftest(platform *platform, folder string) error {
	failures := []error{}
	judge := func(tee, name string) {
		one := scenario{Name: tee + "-" + name, Tee: tee, Evidence: name}
		started, err := one.start(platform, folder)
		if err != nil {
			failures = append(failures, err)
			return
		}
		client := clientOf(platform, started, must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)))
		_, err = client.call(started.Address, "GetManifests", nil)
		accepted := err != nil && strings.Contains(err.Error(), "no manifest configured")
		key := tee + "/" + name
		want := name == "" || strings.HasPrefix(name, "fine-")
		if laxer[key] != "" {
			want = true
		}
		if accepted != want {
			failures = append(failures, fmt.Errorf("%s: accepted %v, want %v: %w", key, accepted, want, err))
		}
	}
	for _, name := range sortedKeys(snpTroubles) {
		judge("snp", name)
	}
	for _, name := range sortedKeys(tdxTroubles) {
		judge("tdx", name)
	}
	failures = append(failures, callAll(platform, folder), judgeGoogleChain(platform, folder))
	return errors.Join(failures...)
}

func clientOf(platform *platform, started *running, key crypto.Signer) *genuineClient {
	return &genuineClient{platform.milan(), platform.intel(), started.Mirror, key}
}

// judgeGoogleChain lets go-sev-guest judge evidence that its own test keys signed.
func judgeGoogleChain(platform *platform, folder string) error {
	started, err := scenario{Name: "google", Tee: "snp", Chain: "google-refined"}.start(platform, folder)
	if err != nil {
		return err
	}
	client := clientOf(platform, started, newP256())
	client.trusted = googlePlan(true).authorities
	if _, err := client.call(started.Address, "GetManifests", nil); !strings.Contains(err.Error(), "no manifest configured") {
		return err
	}
	return nil
}

func sortedKeys[V any](table map[string]V) []string {
	keys := []string{}
	for key := range table {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// callAll sets two manifests, reads them, restarts and recovers.
func callAll(platform *platform, folder string) error {
	started, err := scenario{Name: "calls", Tee: "snp"}.start(platform, folder)
	if err != nil {
		return err
	}
	owner := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	ownerDigest := sha256.Sum256(must(x509.MarshalPKIXPublicKey(owner.Public())))
	seedOwner := must(rsa.GenerateKey(rand.Reader, 2048))
	document := compactJson(object{
		"Policies": object{}, "WorkloadOwnerKeyDigests": []string{hex.EncodeToString(ownerDigest[:])},
		"SeedshareOwnerPubKeys": []string{hex.EncodeToString(x509.MarshalPKCS1PublicKey(&seedOwner.PublicKey))},
	})
	request := appendBytes(nil, 1, document)
	asOwner := clientOf(platform, started, owner)
	asStranger := clientOf(platform, started, newP256())
	asSeedOwner := clientOf(platform, started, seedOwner)

	first, err := asOwner.call(started.Address, "SetManifest", request)
	if err != nil {
		return err
	}
	if _, err := asStranger.call(started.Address, "SetManifest", request); err == nil {
		return errors.New("a stranger set a manifest")
	}
	if _, err := asOwner.call(started.Address, "SetManifest", request); err != nil {
		return err
	}
	history, err := asStranger.call(started.Address, "GetManifests", nil)
	if err != nil {
		return err
	}
	fields := must(lengthDelimited(history))
	if len(fields[1]) != 2 || len(fields[3]) != 1 {
		return errors.New("the history is incomplete")
	}
	started.state.restart()
	seed, salt := openShare(first, seedOwner)
	recovery := appendBytes(appendBytes(nil, 1, seed), 2, salt)
	if _, err := asOwner.call(started.Address, "Recover", recovery); err == nil {
		return errors.New("a stranger recovered the Coordinator")
	}
	_, err = asSeedOwner.call(started.Address, "Recover", recovery)
	return err
}

func openShare(response []byte, key *rsa.PrivateKey) (seed, salt []byte) {
	document := must(lengthDelimited(last(must(lengthDelimited(response))[protowire.Number(3)])))
	share := must(lengthDelimited(last(document[1])))
	return must(rsa.DecryptOAEP(sha256.New(), nil, key, last(share[2]), []byte("seedshare"))), last(document[2])
}
