package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"time"
)

// authority holds the certificates of coordinator.md 7; PEM.
type authority struct {
	meshKey                           *ecdsa.PrivateKey
	mesh                              *x509.Certificate
	rootPem, intermediatePem, meshPem []byte
}

func newAuthority() *authority {
	rootKey := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	meshKey := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	root := authorityTemplate("system:coordinator:root")
	mesh := authorityTemplate("system:coordinator:intermediate")
	rootCertificate := sign(root, root, rootKey.Public(), rootKey)
	meshCertificate := sign(mesh, mesh, meshKey.Public(), meshKey)
	return &authority{
		meshKey: meshKey, mesh: meshCertificate, rootPem: pemOf(rootCertificate), meshPem: pemOf(meshCertificate),
		intermediatePem: pemOf(sign(mesh, rootCertificate, meshKey.Public(), rootKey)),
	}
}

func (a *authority) leafFor(key crypto.PublicKey) []byte {
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "web"}, DNSNames: []string{"web", "*"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	return pemOf(sign(template, a.mesh, key, a.meshKey))
}

func authorityTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
}

func serial() *big.Int { return must(rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))) }

func sign(template, issuer *x509.Certificate, key crypto.PublicKey, issuerKey crypto.Signer) *x509.Certificate {
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, issuer, key, issuerKey))))
}

func pemOf(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}
