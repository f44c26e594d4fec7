package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	"github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/validate"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
	"google.golang.org/protobuf/proto"
)

// snpCase is what is special about SEV-SNP.
type snpCase struct {
	// Product line of the reference values, such as "Milan".
	Product string `json:"product"`
	Vcek    []byte `json:"vcek"`
	Vlek    []byte `json:"vlek"`
	Crl     []byte `json:"crl"`
	// What the guest must be; nothing is expected of it where this is absent.
	Expected *struct {
		Measurement []byte    `json:"measurement"`
		ReportData  []byte    `json:"reportData"`
		HostData    []byte    `json:"hostData"`
		MinimumTcb  [4]uint8  `json:"minimumTcb"`
		GuestPolicy guestBits `json:"guestPolicy"`
	} `json:"expected"`
}

type guestBits struct {
	Smt   bool `json:"smt"`
	Debug bool `json:"debug"`
}

// judgeSnp calls the library with the options of Contrast 1.4 (attestation.md 4.1). Chains to the ASVK are trusted only
// where nothing is expected of the guest.
func (c testCase) judgeSnp() error {
	attestation, err := c.snpAttestation()
	if err != nil {
		return err
	}
	name, known := sevsnp.SevProduct_SevProductName_value["SEV_PRODUCT_"+string(bytes.ToUpper([]byte(c.Snp.Product)))]
	if !known {
		return errors.New("unknown product in the case")
	}
	roots, err := c.amdRoots()
	if err != nil {
		return err
	}
	if c.Revocation {
		// As later versions of Contrast hand over the list that came with the evidence.
		if roots.CRL, err = x509.ParseRevocationList(c.Snp.Crl); err != nil {
			return err
		}
	}
	err = verify.SnpAttestation(attestation, &verify.Options{
		CheckRevocations: c.Revocation, DisableCertFetching: true, Getter: offline{}, Now: c.At,
		TrustedRoots: map[string][]*trust.AMDRootCerts{c.Snp.Product: {roots}},
		Product:      &sevsnp.SevProduct{Name: sevsnp.SevProduct_SevProductName(name)},
	})
	if err != nil {
		return err
	}
	expected := c.Snp.Expected
	if expected == nil {
		return nil
	}
	least := kds.TCBParts{
		BlSpl: expected.MinimumTcb[0], TeeSpl: expected.MinimumTcb[1], SnpSpl: expected.MinimumTcb[2], UcodeSpl: expected.MinimumTcb[3],
	}
	vmpl := 0
	return validate.SnpAttestation(attestation, &validate.Options{
		Measurement: expected.Measurement, ReportData: expected.ReportData, HostData: expected.HostData,
		GuestPolicy: abi.SnpPolicy{SMT: expected.GuestPolicy.Smt, Debug: expected.GuestPolicy.Debug},
		VMPL:        &vmpl, MinimumTCB: least, MinimumLaunchTCB: least, PermitProvisionalFirmware: true,
	})
}

func (c testCase) snpAttestation() (*sevsnp.Attestation, error) {
	attestation := &sevsnp.Attestation{}
	if len(c.Extension) > 0 {
		if err := proto.Unmarshal(c.Extension, attestation); err != nil {
			return nil, err
		}
		if attestation.Report == nil {
			return nil, errors.New("attestation missing report")
		}
	} else {
		report, err := abi.ReportToProto(c.Raw)
		if err != nil {
			return nil, err
		}
		attestation.Report = report
	}
	if attestation.CertificateChain == nil {
		attestation.CertificateChain = &sevsnp.CertificateChain{}
	}
	if len(c.Snp.Vcek) > 0 {
		attestation.CertificateChain.VcekCert = c.Snp.Vcek
	}
	if len(c.Snp.Vlek) > 0 {
		attestation.CertificateChain.VlekCert = c.Snp.Vlek
	}
	return attestation, nil
}

func (c testCase) amdRoots() (*trust.AMDRootCerts, error) {
	product := c.Snp.Product
	text := []byte(c.Roots)
	if len(text) == 0 {
		text = append(bytes.Clone(embeddedRoots[product][0]), embeddedRoots[product][1]...)
	}
	roots := trust.AMDRootCertsProduct(product)
	roots.ProductCerts = &trust.ProductCerts{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		switch certificate.Subject.CommonName {
		case "ARK-" + product:
			roots.ProductCerts.Ark = certificate
		case "SEV-" + product:
			roots.ProductCerts.Ask = certificate
		case "SEV-VLEK-" + product:
			if c.Snp.Expected == nil {
				roots.ProductCerts.Asvk = certificate
			}
		}
	}
	return roots, nil
}

// embeddedRoots are the chains above VCEKs and VLEKs that the library contains.
var embeddedRoots = map[string][2][]byte{
	"Milan": {trust.AskArkMilanVcekBytes, trust.AskArkMilanVlekBytes},
	"Genoa": {trust.AskArkGenoaVcekBytes, trust.AskArkGenoaVlekBytes},
}

// offline fetches nothing.
type offline struct{}

func (offline) Get(url string) ([]byte, error) { return nil, errors.New("offline: " + url) }
