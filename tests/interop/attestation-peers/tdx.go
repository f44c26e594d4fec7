package main

import (
	"crypto/x509"
	"errors"
	"net/url"
	"strings"

	"github.com/google/go-tdx-guest/abi"
	"github.com/google/go-tdx-guest/proto/tdx"
	"github.com/google/go-tdx-guest/validate"
	"github.com/google/go-tdx-guest/verify"
	"google.golang.org/protobuf/proto"
)

// tdxCase is what is special about TDX.
type tdxCase struct {
	// Whether TCB info and QE identity are asked for.
	UseCollateral bool `json:"useCollateral"`
	// Answers of Intel's services, by the part of the address that tells them apart.
	Collateral []tdxAnswer `json:"collateral"`
	Expected   *struct {
		ReportData       []byte   `json:"reportData"`
		MrConfigID       []byte   `json:"mrConfigId"`
		MrTd             []byte   `json:"mrTd"`
		MrSeam           []byte   `json:"mrSeam"`
		Rtmrs            [][]byte `json:"rtmrs"`
		TdAttributes     []byte   `json:"tdAttributes"`
		Xfam             []byte   `json:"xfam"`
		MinimumTeeTcbSvn []byte   `json:"minimumTeeTcbSvn"`
		QeVendorID       []byte   `json:"qeVendorId"`
	} `json:"expected"`
}

type tdxAnswer struct {
	// Such as "/tcb?".
	Part string `json:"part"`
	Body []byte `json:"body"`
	// Name and PEM of the issuer chain header; empty for the root's revocation list.
	Header string `json:"header"`
	Chain  string `json:"chain"`
}

// judgeTdx calls the library with the options of Contrast 1.4 (attestation.md 6.1).
func (c testCase) judgeTdx() error {
	quote, err := c.tdxQuote()
	if err != nil {
		return err
	}
	options := &verify.Options{
		CheckRevocations: c.Revocation, GetCollateral: c.Tdx.UseCollateral, Getter: answers(c.Tdx.Collateral),
		Now: &verify.TimeSet{PckCertChain: c.At, TcbInfo: c.At, QeIdentity: c.At, PckCrl: c.At, RootCaCrl: c.At},
	}
	if c.Roots != "" {
		options.TrustedRoots = x509.NewCertPool()
		options.TrustedRoots.AppendCertsFromPEM([]byte(c.Roots))
	}
	if err := verify.TdxQuote(quote, options); err != nil {
		return err
	}
	expected := c.Tdx.Expected
	if expected == nil {
		return nil
	}
	return validate.TdxQuote(quote, &validate.Options{
		HeaderOptions: validate.HeaderOptions{QeVendorID: expected.QeVendorID},
		TdQuoteBodyOptions: validate.TdQuoteBodyOptions{
			MinimumTeeTcbSvn: expected.MinimumTeeTcbSvn, MrSeam: expected.MrSeam, TdAttributes: expected.TdAttributes,
			Xfam: expected.Xfam, MrTd: expected.MrTd, MrConfigID: expected.MrConfigID, Rtmrs: expected.Rtmrs,
			ReportData: expected.ReportData,
		},
	})
}

func (c testCase) tdxQuote() (any, error) {
	if len(c.Extension) > 0 {
		quote := &tdx.QuoteV4{}
		return quote, proto.Unmarshal(c.Extension, quote)
	}
	return abi.QuoteToProto(c.Raw)
}

type answers []tdxAnswer

func (known answers) Get(address string) (map[string][]string, []byte, error) {
	for _, answer := range known {
		if !strings.Contains(address, answer.Part) {
			continue
		}
		header := map[string][]string{}
		if answer.Header != "" {
			header[answer.Header] = []string{strings.ReplaceAll(url.QueryEscape(answer.Chain), "+", "%20")}
		}
		return header, answer.Body, nil
	}
	return nil, nil, errors.New("offline: " + address)
}
