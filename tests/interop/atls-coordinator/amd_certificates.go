package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"
)

// Object identifiers of AMD's certificates (AMD 57230, section 3).
var (
	amdArc           = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 3704, 1}
	amdStructVersion = amdOid(1)
	amdProductName   = amdOid(2)
	amdBootloader    = amdOid(3, 1)
	amdTee           = amdOid(3, 2)
	amdSnp           = amdOid(3, 3)
	amdMicrocode     = amdOid(3, 8)
	amdHardwareID    = amdOid(4)
	amdProvider      = amdOid(5)
)

func amdOid(suffix ...int) asn1.ObjectIdentifier {
	return append(append(asn1.ObjectIdentifier{}, amdArc...), suffix...)
}

// amdName is a name with exactly the attributes that AMD writes, in AMD's order.
func amdName(commonName string) []byte {
	attribute := func(last int, value string) pkix.RelativeDistinguishedNameSET {
		return pkix.RelativeDistinguishedNameSET{{Type: asn1.ObjectIdentifier{2, 5, 4, last}, Value: value}}
	}
	return must(asn1.Marshal(pkix.RDNSequence{
		attribute(11, "Engineering"), attribute(6, "US"), attribute(7, "Santa Clara"), attribute(8, "CA"),
		attribute(10, "Advanced Micro Devices"), attribute(3, commonName),
	}))
}

// authority is a key with its certificate.
type authority struct {
	key         crypto.Signer
	certificate *x509.Certificate
}

// amdAuthorities are the certificates of one product line: ARK, ASK and ASVK.
type amdAuthorities struct {
	product        string
	ark, ask, asvk authority
}

// amdSerials are the serial numbers of ARK, ASK and ASVK.
var amdSerials = map[string][3]int64{
	"Milan": {0x010000, 0x010001, 0x010101},
	"Genoa": {0x020000, 0x020002, 0x020101},
}

// newAmdAuthorities makes the upper half of a chain. Keys have 2048 bits, which is quick; AMD's have 4096.
func newAmdAuthorities(product string) amdAuthorities {
	template := func(commonName string, serial int64, keyType string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), RawSubject: amdName(commonName),
			NotBefore: now().AddDate(-3, 0, 0), NotAfter: now().AddDate(22, 0, 0),
			IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
			SignatureAlgorithm:    x509.SHA384WithRSAPSS,
			CRLDistributionPoints: []string{"https://kdsintf.amd.com/" + keyType + "/v1/" + product + "/crl"},
		}
	}
	serials := amdSerials[product]
	root := template("ARK-"+product, serials[0], "vcek")
	root.KeyUsage |= x509.KeyUsageCRLSign
	ask := template("SEV-"+product, serials[1], "vcek")
	asvk := template("SEV-VLEK-"+product, serials[2], "vlek")
	ask.MaxPathLenZero, asvk.MaxPathLenZero = true, true

	ark := authority{key: must(rsa.GenerateKey(rand.Reader, 2048))}
	ark.certificate = certify(root, root, ark.key.Public(), ark.key)
	signed := func(template *x509.Certificate) authority {
		key := must(rsa.GenerateKey(rand.Reader, 2048))
		return authority{key, certify(template, ark.certificate, key.Public(), ark.key)}
	}
	return amdAuthorities{product, ark, signed(ask), signed(asvk)}
}

func certify(template, parent *x509.Certificate, key crypto.PublicKey, signer crypto.Signer) *x509.Certificate {
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, parent, key, signer))))
}

// tcb are the four security version numbers of Milan and Genoa.
type tcb struct {
	Bootloader int `json:"bootloader"`
	Tee        int `json:"tee"`
	Snp        int `json:"snp"`
	Microcode  int `json:"microcode"`
}

// bits is the number in a report.
func (t tcb) bits() uint64 {
	return uint64(t.Bootloader) | uint64(t.Tee)<<8 | uint64(t.Snp)<<48 | uint64(t.Microcode)<<56
}

// endorsement says what the certificate of a chip looks like; the zero value of `change` changes nothing.
type endorsement struct {
	product     string
	tcb         tcb
	hardwareID  []byte
	wrapID      bool
	vlek        bool
	curve       elliptic.Curve
	algorithm   x509.SignatureAlgorithm
	notBefore   time.Time
	notAfter    time.Time
	withoutOid  asn1.ObjectIdentifier
	repeatedOid asn1.ObjectIdentifier
}

func defaultEndorsement(product string, version tcb, hardwareID []byte) endorsement {
	return endorsement{
		product: product, tcb: version, hardwareID: hardwareID, curve: elliptic.P384(),
		algorithm: x509.SHA384WithRSAPSS, notBefore: now().AddDate(-1, 0, 0), notAfter: now().AddDate(6, 0, 0),
	}
}

// newEndorsement makes a VCEK or VLEK certificate and its key.
func (authorities amdAuthorities) newEndorsement(want endorsement) ([]byte, *ecdsa.PrivateKey) {
	issuer, commonName := authorities.ask, "SEV-VCEK"
	if want.vlek {
		issuer, commonName = authorities.asvk, "SEV-VLEK"
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(0), RawSubject: amdName(commonName), SignatureAlgorithm: want.algorithm,
		NotBefore: want.notBefore, NotAfter: want.notAfter, ExtraExtensions: want.extensions(),
	}
	key := must(ecdsa.GenerateKey(want.curve, rand.Reader))
	return must(x509.CreateCertificate(rand.Reader, template, issuer.certificate, key.Public(), issuer.key)), key
}

func (want endorsement) extensions() []pkix.Extension {
	integer := func(value int) []byte { return must(asn1.Marshal(value)) }
	text := func(value string) []byte { return must(asn1.MarshalWithParams(value, "ia5")) }
	all := []pkix.Extension{
		{Id: amdStructVersion, Value: integer(0)}, {Id: amdProductName, Value: text(want.product + "-B0")},
		{Id: amdBootloader, Value: integer(want.tcb.Bootloader)}, {Id: amdTee, Value: integer(want.tcb.Tee)},
		{Id: amdSnp, Value: integer(want.tcb.Snp)},
		{Id: amdOid(3, 4), Value: integer(0)}, {Id: amdOid(3, 5), Value: integer(0)},
		{Id: amdOid(3, 6), Value: integer(0)}, {Id: amdOid(3, 7), Value: integer(0)},
		{Id: amdMicrocode, Value: integer(want.tcb.Microcode)},
	}
	switch {
	case want.vlek:
		all[1].Value = text(want.product)
		all = append(all, pkix.Extension{Id: amdProvider, Value: text("CN=cc.example.com")})
	case want.wrapID:
		all = append(all, pkix.Extension{Id: amdHardwareID, Value: must(asn1.Marshal(want.hardwareID))})
	default:
		all = append(all, pkix.Extension{Id: amdHardwareID, Value: want.hardwareID})
	}
	kept := []pkix.Extension{}
	for _, extension := range all {
		if extension.Id.Equal(want.withoutOid) {
			continue
		}
		kept = append(kept, extension)
		if extension.Id.Equal(want.repeatedOid) {
			kept = append(kept, extension)
		}
	}
	return kept
}

// amdCrl says what a revocation list looks like.
type amdCrl struct {
	signer     authority
	thisUpdate time.Time
	nextUpdate time.Time
	revoked    *big.Int
}

func (authorities amdAuthorities) defaultCrl() amdCrl {
	return amdCrl{signer: authorities.ark, thisUpdate: now().AddDate(0, -1, 0), nextUpdate: now().AddDate(0, 1, 0)}
}

// newCrl makes a revocation list in the name of the ARK, whoever signs it.
func (authorities amdAuthorities) newCrl(want amdCrl) []byte {
	template := &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: want.thisUpdate, NextUpdate: want.nextUpdate,
		SignatureAlgorithm: x509.SHA384WithRSAPSS,
	}
	if want.revoked != nil {
		entry := x509.RevocationListEntry{SerialNumber: want.revoked, RevocationTime: want.thisUpdate}
		template.RevokedCertificateEntries = []x509.RevocationListEntry{entry}
	}
	return must(x509.CreateRevocationList(rand.Reader, template, authorities.ark.certificate, want.signer.key))
}
