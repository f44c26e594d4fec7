package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"time"
)

const intelRootCrlURL = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der"

var sgxExtensionOid = asn1.ObjectIdentifier{1, 2, 840, 113741, 1, 13, 1}

func intelName(commonName string) pkix.Name {
	return pkix.Name{
		CommonName: commonName, Organization: []string{"Intel Corporation"}, Locality: []string{"Santa Clara"},
		Province: []string{"CA"}, Country: []string{"US"},
	}
}

// intelAuthorities are the certificates that do not belong to one machine.
type intelAuthorities struct {
	root, platformCa, tcbSigning authority
}

func newIntelAuthorities() intelAuthorities {
	template := func(commonName string, serial int64, pathLength int) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: intelName(commonName), SubjectKeyId: []byte{byte(serial)},
			NotBefore: now().AddDate(-2, 0, 0), NotAfter: now().AddDate(10, 0, 0), BasicConstraintsValid: true,
			IsCA: pathLength >= 0, MaxPathLen: pathLength, MaxPathLenZero: pathLength == 0,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SignatureAlgorithm: x509.ECDSAWithSHA256,
			CRLDistributionPoints: []string{intelRootCrlURL},
		}
	}
	root := authority{key: newP256()}
	rootTemplate := template("Intel SGX Root CA", 101, 1)
	root.certificate = certify(rootTemplate, rootTemplate, root.key.Public(), root.key)
	signed := func(template *x509.Certificate) authority {
		key := newP256()
		return authority{key, certify(template, root.certificate, key.Public(), root.key)}
	}
	signing := template("Intel SGX TCB Signing", 103, -1)
	signing.KeyUsage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	return intelAuthorities{root, signed(template("Intel SGX PCK Platform CA", 102, 0)), signed(signing)}
}

// processorCa is the intermediate of client parts, which no TDX machine has.
func (authorities intelAuthorities) processorCa() authority {
	key := newP256()
	template := *authorities.platformCa.certificate
	template.RawSubject, template.Subject = nil, intelName("Intel SGX PCK Processor CA")
	return authority{key, certify(&template, authorities.root.certificate, key.Public(), authorities.root.key)}
}

// bySigner is the certificate as if its key were the signer's, which lets a stranger sign in its name.
func (a authority) bySigner() *x509.Certificate {
	certificate := *a.certificate
	certificate.PublicKey = a.key.Public()
	return &certificate
}

func newP256() *ecdsa.PrivateKey { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// pck says what the certificate of a machine looks like.
type pck struct {
	issuer     authority
	fmspc      []byte
	pceID      []byte
	components [16]int
	pceSvn     int
	notBefore  time.Time
	notAfter   time.Time
}

func (authorities intelAuthorities) defaultPck() pck {
	return pck{
		issuer: authorities.platformCa, fmspc: []byte{0xc0, 0x80, 0x6f, 0, 0, 0}, pceID: []byte{0, 0},
		components: [16]int{5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5}, pceSvn: 13,
		notBefore: now().AddDate(-1, 0, 0), notAfter: now().AddDate(6, 0, 0),
	}
}

const pckSerial = 7001

func (want pck) create() ([]byte, *ecdsa.PrivateKey) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(pckSerial), Subject: intelName("Intel SGX PCK Certificate"), SubjectKeyId: []byte{7},
		NotBefore: want.notBefore, NotAfter: want.notAfter, BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		SignatureAlgorithm:    x509.ECDSAWithSHA256,
		CRLDistributionPoints: []string{"https://api.trustedservices.intel.com/sgx/certification/v4/pckcrl?ca=platform&encoding=der"},
		ExtraExtensions:       []pkix.Extension{{Id: sgxExtensionOid, Value: want.sgxExtension()}},
	}
	key := newP256()
	issuer := want.issuer.bySigner()
	return must(x509.CreateCertificate(rand.Reader, template, issuer, key.Public(), want.issuer.key)), key
}

// sgxExtension is SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, value } (Intel, PCK certificate profile).
func (want pck) sgxExtension() []byte {
	type pair struct {
		Oid   asn1.ObjectIdentifier
		Value any
	}
	oid := func(suffix ...int) asn1.ObjectIdentifier {
		return append(append(asn1.ObjectIdentifier{}, sgxExtensionOid...), suffix...)
	}
	versions := []pair{}
	cpuSvn := make([]byte, 16)
	for index, version := range want.components {
		versions = append(versions, pair{oid(2, index+1), version})
		cpuSvn[index] = byte(version)
	}
	versions = append(versions, pair{oid(2, 17), want.pceSvn}, pair{oid(2, 18), cpuSvn})
	return must(asn1.Marshal([]pair{
		{oid(1), make([]byte, 16)}, {oid(2), versions}, {oid(3), want.pceID}, {oid(4), want.fmspc},
		{oid(5), asn1.Enumerated(1)},
	}))
}

// intelCrl says what a revocation list looks like.
type intelCrl struct {
	issuer     authority
	signer     crypto.Signer
	thisUpdate time.Time
	nextUpdate time.Time
	revoked    *big.Int
}

func defaultIntelCrl(issuer authority) intelCrl {
	return intelCrl{issuer, issuer.key, now().AddDate(0, 0, -5), now().AddDate(0, 0, 25), nil}
}

func (want intelCrl) create() []byte {
	template := &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: want.thisUpdate, NextUpdate: want.nextUpdate,
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}
	if want.revoked != nil {
		entry := x509.RevocationListEntry{SerialNumber: want.revoked, RevocationTime: want.thisUpdate}
		template.RevokedCertificateEntries = []x509.RevocationListEntry{entry}
	}
	issuer := authority{want.signer, want.issuer.certificate}.bySigner()
	return must(x509.CreateRevocationList(rand.Reader, template, issuer, want.signer))
}

func pemOf(certificates ...[]byte) string {
	text := strings.Builder{}
	for _, certificate := range certificates {
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
	}
	return text.String()
}

// percentEncoded is the form of issuer chains in the headers of Intel's service.
func percentEncoded(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
