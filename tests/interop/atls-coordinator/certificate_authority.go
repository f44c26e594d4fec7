package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"time"
)

// coordinatorCa are the certificates that a Coordinator hands out; PEM.
type coordinatorCa struct {
	rootPem, meshPem []byte
}

// newCoordinatorCa makes a root certificate of the derived key and a mesh certificate of a new one.
func newCoordinatorCa(rootKey *ecdsa.PrivateKey) coordinatorCa {
	selfSigned := func(commonName string, key *ecdsa.PrivateKey) []byte {
		template := &x509.Certificate{
			Subject: pkix.Name{CommonName: commonName}, NotBefore: now().Add(-time.Hour), NotAfter: now().AddDate(10, 0, 0),
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
		}
		return []byte(pemOf(certify(template, template, key.Public(), key).Raw))
	}
	mesh := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	return coordinatorCa{
		rootPem: selfSigned("system:coordinator:root", rootKey),
		meshPem: selfSigned("system:coordinator:intermediate", mesh),
	}
}
