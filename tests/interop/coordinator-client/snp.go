package main

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	"github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/validate"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
	"google.golang.org/protobuf/proto"
)

// snpReference is an entry of a manifest.
type snpReference struct {
	MinimumTCB struct {
		BootloaderVersion, TEEVersion, SNPVersion, MicrocodeVersion uint8
	}
	ProductName        string
	TrustedMeasurement hexBytes
}

// judgeSnp calls the library with the options of Contrast 1.4 (attestation.md 4.1).
func (t *trusted) judgeSnp(evidence, reportData []byte) error {
	attestation := &sevsnp.Attestation{}
	if err := proto.Unmarshal(evidence, attestation); err != nil {
		return err
	}
	reference := t.ReferenceValues.Snp[0]
	roots, err := t.amdRoots(reference.ProductName)
	if err != nil {
		return err
	}
	name := sevsnp.SevProduct_SevProductName_value["SEV_PRODUCT_"+strings.ToUpper(reference.ProductName)]
	err = verify.SnpAttestation(attestation, &verify.Options{
		CheckRevocations: true, Getter: amdGetter{t}, Now: time.Now(),
		TrustedRoots: map[string][]*trust.AMDRootCerts{reference.ProductName: {roots}},
		Product:      &sevsnp.SevProduct{Name: sevsnp.SevProduct_SevProductName(name)},
	})
	if err != nil {
		return err
	}
	minimum := reference.MinimumTCB
	least := kds.TCBParts{
		BlSpl: minimum.BootloaderVersion, TeeSpl: minimum.TEEVersion,
		SnpSpl: minimum.SNPVersion, UcodeSpl: minimum.MicrocodeVersion,
	}
	vmpl := 0
	return validate.SnpAttestation(attestation, &validate.Options{
		Measurement: reference.TrustedMeasurement, HostData: t.PolicyHash, ReportData: reportData,
		GuestPolicy: abi.SnpPolicy{SMT: true}, VMPL: &vmpl, MinimumTCB: least, MinimumLaunchTCB: least,
		PermitProvisionalFirmware: true,
	})
}

func (t *trusted) amdRoots(product string) (*trust.AMDRootCerts, error) {
	certificates, err := t.certificates()
	if err != nil {
		return nil, err
	}
	roots := trust.AMDRootCertsProduct(product)
	roots.ProductCerts = &trust.ProductCerts{}
	for _, certificate := range certificates {
		switch certificate.Subject.CommonName {
		case "ARK-" + product:
			roots.ProductCerts.Ark = certificate
		case "SEV-" + product:
			roots.ProductCerts.Ask = certificate
		}
	}
	return roots, nil
}

type amdGetter struct{ trusted *trusted }

func (getter amdGetter) Get(url string) ([]byte, error) {
	_, content, err := getter.trusted.fetch(url)
	return content, err
}

func parseCertificates(pemText []byte) ([]*x509.Certificate, error) {
	certificates := []*x509.Certificate{}
	for _, der := range pemBlocks(pemText) {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	return certificates, nil
}
