package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Extensions of the certificate that carry evidence (attestation.md 2.8).
var (
	snpOid     = asn1.ObjectIdentifier{1, 3, 9901, 2, 1}
	tdxOid     = asn1.ObjectIdentifier{1, 3, 9901, 2, 2}
	unknownOid = asn1.ObjectIdentifier{1, 3, 9901, 2, 9}
	claimOid   = asn1.ObjectIdentifier{1, 3, 9901, 2, 1, 1}
)

const noncePrefix = "atls:v1:nonce:"

// issuer makes the content of one evidence extension.
type issuer struct {
	oid   asn1.ObjectIdentifier
	issue func(reportData []byte) []byte
}

// atlsServer is the server's side of aTLS as attestation.md 2 describes it, with the faults of 9.3.
type atlsServer struct {
	issuers []issuer
	trouble string
	// Of which nonces it reads: "both", "sni" as version 1.4 does, or "alpn".
	nonceForm  string
	maxVersion uint16
	// What a replaying server showed to its first client.
	replayed *tls.Certificate
}

func (s *atlsServer) config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}, GetConfigForClient: s.configFor}
}

func (s *atlsServer) configFor(hello *tls.ClientHelloInfo) (*tls.Config, error) {
	nonce, err := s.clientNonce(hello)
	if err != nil {
		return nil, err
	}
	certificate, err := s.certificate(nonce)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, MaxVersion: s.maxVersion, NextProtos: []string{"h2"},
		Certificates: []tls.Certificate{*certificate}, ClientAuth: tls.RequestClientCert,
		ClientCAs: x509.NewCertPool(), SessionTicketsDisabled: true,
	}
	config.ClientCAs.AddCert(nonceCertificate(randomBytes(32)))
	if s.trouble == "no-http2" {
		config.NextProtos = nil
	}
	return config, nil
}

func (s *atlsServer) clientNonce(hello *tls.ClientHelloInfo) ([]byte, error) {
	if s.nonceForm != "sni" {
		index := slices.IndexFunc(hello.SupportedProtos, func(name string) bool { return strings.HasPrefix(name, "atls") })
		if index >= 0 {
			text, known := strings.CutPrefix(hello.SupportedProtos[index], noncePrefix)
			if !known {
				return nil, errors.New("unknown version of aTLS: " + hello.SupportedProtos[index])
			}
			return hex.DecodeString(text)
		}
	}
	if s.nonceForm == "alpn" {
		return nil, errors.New("no nonce in ALPN")
	}
	return base64.StdEncoding.DecodeString(hello.ServerName)
}

// certificate makes the certificate of one connection, which shows evidence for its own key and the client's nonce.
func (s *atlsServer) certificate(nonce []byte) (*tls.Certificate, error) {
	if s.trouble == "replay" && s.replayed != nil {
		return s.replayed, nil
	}
	key := newP256()
	bound := key
	switch s.trouble {
	case "other-key":
		bound = newP256()
	case "wrong-nonce":
		nonce = randomBytes(32)
	}
	certificate, err := s.certificateOf(key, s.extensions(reportData(bound, nonce)))
	s.replayed = certificate
	return certificate, err
}

// certificateOf makes the self-signed certificate of attestation.md 2.3.
func (s *atlsServer) certificateOf(key crypto.Signer, extensions []pkix.Extension) (*tls.Certificate, error) {
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(randomBytes(16)), Subject: pkix.Name{CommonName: "Contrast"},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(2 * time.Hour), ExtraExtensions: extensions,
	}
	switch s.trouble {
	case "certificate-expired":
		template.NotAfter = time.Now().Add(-time.Minute)
	case "certificate-not-yet-valid":
		template.NotBefore = time.Now().Add(time.Minute)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if s.trouble == "self-signature" {
		der[len(der)-1] ^= 1
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func reportData(key *ecdsa.PrivateKey, nonce []byte) []byte {
	spki := must(x509.MarshalPKIXPublicKey(key.Public()))
	digest := sha512.Sum512(append(spki, nonce...))
	return digest[:]
}

func (s *atlsServer) extensions(reportData []byte) []pkix.Extension {
	extensions := []pkix.Extension{}
	for _, issuer := range s.issuers {
		extensions = append(extensions, pkix.Extension{Id: issuer.oid, Value: issuer.issue(reportData)})
	}
	switch s.trouble {
	case "no-extension":
		return nil
	case "unknown-oid":
		extensions[0].Id = unknownOid
	case "claim-oid":
		extensions[0].Id = claimOid
	case "evidence-twice":
		extensions = append(extensions, extensions[0])
	case "critical-extension":
		extensions = append(extensions, pkix.Extension{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}})
	case "empty-evidence":
		extensions[0].Value = nil
	case "garbage-evidence":
		extensions[0].Value = randomBytes(4000)
	}
	return extensions
}

// nonceCertificate has the server's nonce as its name, which thereby becomes the only acceptable authority.
func nonceCertificate(nonce []byte) *x509.Certificate {
	key := newP256()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0), Subject: pkix.Name{CommonName: base64.StdEncoding.EncodeToString(nonce)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	return certify(template, template, key.Public(), key)
}
