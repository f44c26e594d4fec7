package main

import (
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/proto/sevsnp"
	snpvalidate "github.com/google/go-sev-guest/validate"
	snpverify "github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
	"github.com/google/go-tdx-guest/proto/tdx"
	tdxvalidate "github.com/google/go-tdx-guest/validate"
	tdxverify "github.com/google/go-tdx-guest/verify"
	"google.golang.org/protobuf/proto"
)

var (
	snpOid = asn1.ObjectIdentifier{1, 3, 9901, 2, 1}
	tdxOid = asn1.ObjectIdentifier{1, 3, 9901, 2, 2}
)

// judge verifies evidence with the options of attestation.md 4.1 and 6.1.
type judge struct {
	vendors []*x509.Certificate
	mirror  string
}

func newJudge(roots []byte, mirror string) *judge {
	result := &judge{mirror: mirror}
	for block, rest := pem.Decode(roots); block != nil; block, rest = pem.Decode(rest) {
		result.vendors = append(result.vendors, must(x509.ParseCertificate(block.Bytes)))
	}
	return result
}

// policyHash is the policy of the client's machine. With report data, the evidence is judged; without, only read.
func (j *judge) policyHash(certificate *x509.Certificate, reportData []byte) (string, error) {
	failures := []error{errors.New("no valid attestation document certificate extensions found")}
	for _, extension := range certificate.Extensions {
		var hash []byte
		var err error
		switch {
		case extension.Id.Equal(snpOid):
			hash, err = j.snp(extension.Value, reportData)
		case extension.Id.Equal(tdxOid):
			hash, err = j.tdx(extension.Value, reportData)
		default:
			continue
		}
		if err == nil {
			return hex.EncodeToString(hash), nil
		}
		failures = append(failures, err)
	}
	return "", errors.Join(failures...)
}

func (j *judge) snp(evidence, reportData []byte) ([]byte, error) {
	attestation := &sevsnp.Attestation{}
	if err := proto.Unmarshal(evidence, attestation); err != nil {
		return nil, err
	}
	hostData := attestation.GetReport().GetHostData()
	if reportData == nil {
		return hostData, nil
	}
	roots := trust.AMDRootCertsProduct("Milan")
	roots.ProductCerts = &trust.ProductCerts{Ark: j.vendor("ARK-Milan"), Ask: j.vendor("SEV-Milan")}
	if err := snpverify.SnpAttestation(attestation, &snpverify.Options{
		CheckRevocations: true, Getter: snpMirror(j.mirror), Now: time.Now(),
		TrustedRoots: map[string][]*trust.AMDRootCerts{"Milan": {roots}},
		Product:      &sevsnp.SevProduct{Name: sevsnp.SevProduct_SEV_PRODUCT_MILAN},
	}); err != nil {
		return nil, err
	}
	vmpl := 0
	return hostData, snpvalidate.SnpAttestation(attestation, &snpvalidate.Options{
		ReportData: reportData, GuestPolicy: abi.SnpPolicy{SMT: true}, VMPL: &vmpl, PermitProvisionalFirmware: true,
	})
}

func (j *judge) tdx(evidence, reportData []byte) ([]byte, error) {
	quote := &tdx.QuoteV4{}
	if err := proto.Unmarshal(evidence, quote); err != nil {
		return nil, err
	}
	configID := quote.GetTdQuoteBody().GetMrConfigId()
	if len(configID) != 48 {
		return nil, errors.New("no MRCONFIGID")
	}
	if reportData == nil {
		return configID[:32], nil
	}
	pool := x509.NewCertPool()
	for _, vendor := range j.vendors {
		pool.AddCert(vendor)
	}
	if err := tdxverify.TdxQuote(quote, &tdxverify.Options{
		CheckRevocations: true, GetCollateral: true, Getter: tdxMirror(j.mirror), TrustedRoots: pool,
	}); err != nil {
		return nil, err
	}
	return configID[:32], tdxvalidate.TdxQuote(quote, &tdxvalidate.Options{
		TdQuoteBodyOptions: tdxvalidate.TdQuoteBodyOptions{ReportData: reportData},
	})
}

func (j *judge) vendor(name string) *x509.Certificate {
	for _, one := range j.vendors {
		if one.Subject.CommonName == name {
			return one
		}
	}
	return nil
}

// snpMirror and tdxMirror fetch the vendors' addresses from a mirror.
type snpMirror string

func (mirror snpMirror) Get(url string) ([]byte, error) {
	_, content, err := fetch(string(mirror), url)
	return content, err
}

type tdxMirror string

func (mirror tdxMirror) Get(url string) (map[string][]string, []byte, error) {
	return fetch(string(mirror), url)
}

func fetch(mirror, url string) (map[string][]string, []byte, error) {
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	response, err := http.Get(mirror + "/" + path)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	content, err := io.ReadAll(response.Body)
	return response.Header, content, err
}
