package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"time"
)

// checkServerCertificate compares a certificate with the form of attestation.md 2.3, but for the extension with evidence.
func checkServerCertificate(certificate *x509.Certificate) error {
	failures := []error{}
	require := func(holds bool, rule string) {
		if !holds {
			failures = append(failures, errors.New("the server's certificate: "+rule))
		}
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	_, err := certificate.Verify(x509.VerifyOptions{Roots: pool})
	require(err == nil, "not valid under itself")
	require(certificate.CheckSignatureFrom(&x509.Certificate{
		PublicKey: certificate.PublicKey, PublicKeyAlgorithm: certificate.PublicKeyAlgorithm, Version: 1,
	}) == nil, "not signed by itself")
	require(certificate.Version == 3, "version is not 3")
	require(certificate.SerialNumber.Sign() >= 0 && certificate.SerialNumber.BitLen() <= 128, "serial number")
	require(certificate.Subject.String() == "CN=Contrast" && certificate.Issuer.String() == "CN=Contrast", "names")
	key, isEcdsa := certificate.PublicKey.(*ecdsa.PublicKey)
	require(isEcdsa && key.Curve == elliptic.P256(), "key is not P-256")
	require(certificate.SignatureAlgorithm == x509.ECDSAWithSHA256, "signature is not ECDSA with SHA-256")
	require(isAbout(time.Until(certificate.NotAfter), 2*time.Hour), "ends not in 2 h")
	require(isAbout(time.Since(certificate.NotBefore), 2*time.Hour), "began not 2 h ago")
	for _, extension := range certificate.Extensions {
		require(extension.Id.Equal(snpOid) || extension.Id.Equal(tdxOid), "extension "+extension.Id.String())
		require(!extension.Critical, "critical extension")
	}
	require(len(certificate.Extensions) <= 1, "several extensions")
	return errors.Join(failures...)
}

func isAbout(actual, wanted time.Duration) bool { return (actual - wanted).Abs() < 5*time.Minute }
