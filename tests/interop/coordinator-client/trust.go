package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
)

// Extensions of certificates that carry evidence (attestation.md 2.8).
var (
	snpOid = asn1.ObjectIdentifier{1, 3, 9901, 2, 1}
	tdxOid = asn1.ObjectIdentifier{1, 3, 9901, 2, 2}
)

// hexBytes are hexadecimal digits in JSON.
type hexBytes []byte

func (b *hexBytes) UnmarshalText(text []byte) (err error) {
	*b, err = hex.DecodeString(string(text))
	return err
}

// trusted is what a server is judged by.
type trusted struct {
	Name string `json:"name"`
	// Certificates of the vendor's authorities.
	Roots string `json:"roots"`
	// Serves what the vendors serve.
	Mirror     string   `json:"mirror"`
	PolicyHash hexBytes `json:"policyHash"`
	// As in manifests; one entry.
	ReferenceValues struct {
		Snp []snpReference `json:"snp"`
		Tdx []tdxReference `json:"tdx"`
	} `json:"referenceValues"`

	fetched sync.Map
}

var trusts sync.Map

func addTrust(added *trusted) (any, error) {
	trusts.Store(added.Name, added)
	return object{}, nil
}

func namedTrust(name string) (*trusted, error) {
	if name == "" {
		return nil, nil
	}
	found, known := trusts.Load(name)
	if !known {
		return nil, fmt.Errorf("no trust %q", name)
	}
	return found.(*trusted), nil
}

// judge wants exactly one piece of evidence, which the libraries of Google accept.
func (t *trusted) judge(extensions []pkix.Extension, reportData []byte) error {
	if len(extensions) != 1 {
		return errors.New("no valid attestation document certificate extensions found")
	}
	switch evidence := extensions[0]; {
	case evidence.Id.Equal(snpOid) && len(t.ReferenceValues.Snp) == 1:
		return t.judgeSnp(evidence.Value, reportData)
	case evidence.Id.Equal(tdxOid) && len(t.ReferenceValues.Tdx) == 1:
		return t.judgeTdx(evidence.Value, reportData)
	}
	return errors.New("no matching validators found")
}

func (t *trusted) certificates() ([]*x509.Certificate, error) {
	return parseCertificates([]byte(t.Roots))
}

type download struct {
	header  http.Header
	content []byte
}

// fetch gets an address of a vendor from the mirror, once.
func (t *trusted) fetch(url string) (map[string][]string, []byte, error) {
	if known, found := t.fetched.Load(url); found {
		return known.(download).header, known.(download).content, nil
	}
	_, path, _ := strings.Cut(strings.TrimPrefix(url, "https://"), "/")
	response, err := http.Get(t.Mirror + "/" + path)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	content, err := io.ReadAll(response.Body)
	if err == nil {
		t.fetched.Store(url, download{response.Header, content})
	}
	return response.Header, content, err
}
