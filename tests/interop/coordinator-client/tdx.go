package main

import (
	"crypto/x509"

	"github.com/google/go-tdx-guest/proto/tdx"
	"github.com/google/go-tdx-guest/validate"
	"github.com/google/go-tdx-guest/verify"
	"google.golang.org/protobuf/proto"
)

// tdxReference is an entry of a manifest.
type tdxReference struct {
	MrTd             hexBytes
	Rtrms            []hexBytes
	MinimumTeeTcbSvn hexBytes
	MrSeam           hexBytes
	TdAttributes     hexBytes
	Xfam             hexBytes
}

// intelVendor identifies Intel's quoting enclave.
var intelVendor = []byte{0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07}

const mrConfigIDBytes = 48

// judgeTdx calls the library with the options of Contrast 1.4 (attestation.md 6.1).
func (t *trusted) judgeTdx(evidence, reportData []byte) error {
	quote := &tdx.QuoteV4{}
	if err := proto.Unmarshal(evidence, quote); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(t.Roots))
	err := verify.TdxQuote(quote, &verify.Options{
		CheckRevocations: true, GetCollateral: true, Getter: intelGetter{t}, TrustedRoots: roots,
	})
	if err != nil {
		return err
	}
	reference := t.ReferenceValues.Tdx[0]
	rtmrs := [][]byte{}
	for _, rtmr := range reference.Rtrms {
		rtmrs = append(rtmrs, rtmr)
	}
	mrConfigID := make([]byte, mrConfigIDBytes)
	copy(mrConfigID, t.PolicyHash)
	return validate.TdxQuote(quote, &validate.Options{
		HeaderOptions: validate.HeaderOptions{QeVendorID: intelVendor},
		TdQuoteBodyOptions: validate.TdQuoteBodyOptions{
			MinimumTeeTcbSvn: reference.MinimumTeeTcbSvn, MrSeam: reference.MrSeam, TdAttributes: reference.TdAttributes,
			Xfam: reference.Xfam, MrTd: reference.MrTd, MrConfigID: mrConfigID, Rtmrs: rtmrs, ReportData: reportData,
		},
	})
}

type intelGetter struct{ trusted *trusted }

func (getter intelGetter) Get(url string) (map[string][]string, []byte, error) {
	return getter.trusted.fetch(url)
}
