package main

import (
	"context"
	"crypto"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	"github.com/google/go-sev-guest/kds"
	"github.com/google/go-sev-guest/proto/sevsnp"
	snpvalidate "github.com/google/go-sev-guest/validate"
	snpverify "github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
	"github.com/google/go-tdx-guest/proto/tdx"
	tdxvalidate "github.com/google/go-tdx-guest/validate"
	tdxverify "github.com/google/go-tdx-guest/verify"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/protobuf/proto"
)

// genuineClient attests a Coordinator as the original's client does: with the libraries of Google, called with the
// options of attestation.md 4.1 and 6.1. Names are those of version 1.4.
type genuineClient struct {
	trusted amdAuthorities
	intel   intelAuthorities
	mirror  string
	key     crypto.Signer
}

// dial opens a connection whose every handshake has a nonce of its own.
func (c *genuineClient) dial(address string) (*grpc.ClientConn, error) {
	nonce := randomBytes(32)
	own := must((&atlsServer{trouble: "no-extension"}).certificateOf(c.key, nil))
	config := &tls.Config{
		ServerName: base64.StdEncoding.EncodeToString(nonce), InsecureSkipVerify: true, NextProtos: []string{"h2"},
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error { return c.verify(raw, nonce) },
		GetClientCertificate: func(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if len(request.AcceptableCAs) != 1 {
				return nil, fmt.Errorf("unexpected acceptableCAs length: %d", len(request.AcceptableCAs))
			}
			return own, nil
		},
	}
	return grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(config)),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawMessages{}), grpc.MaxCallRecvMsgSize(64*mebibyte)))
}

// call makes one call on a connection of its own.
func (c *genuineClient) call(address, method string, request []byte) ([]byte, error) {
	connection, err := c.dial(address)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var response []byte
	err = connection.Invoke(ctx, "/"+currentService+"/"+method, request, &response)
	return response, err
}

func (c *genuineClient) verify(raw [][]byte, nonce []byte) error {
	if len(raw) == 0 {
		return errors.New("rawCerts is empty")
	}
	certificate, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool}); err != nil {
		return err
	}
	spki, err := x509.MarshalPKIXPublicKey(certificate.PublicKey)
	if err != nil {
		return err
	}
	expected := sha512.Sum512(append(spki, nonce...))
	failures := []error{errors.New("no valid attestation document certificate extensions found")}
	for _, extension := range certificate.Extensions {
		var err error
		switch {
		case extension.Id.Equal(snpOid):
			err = c.verifySnp(extension.Value, expected[:])
		case extension.Id.Equal(tdxOid):
			err = c.verifyTdx(extension.Value, expected[:])
		default:
			continue
		}
		if err == nil {
			return nil
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

func (c *genuineClient) verifySnp(evidence, reportData []byte) error {
	attestation := &sevsnp.Attestation{}
	if err := proto.Unmarshal(evidence, attestation); err != nil {
		return err
	}
	roots := trust.AMDRootCertsProduct("Milan")
	roots.ProductCerts = &trust.ProductCerts{Ask: c.trusted.ask.certificate, Ark: c.trusted.ark.certificate}
	if crl, err := x509.ParseRevocationList(attestation.GetCertificateChain().GetExtras()[crlGuid]); err == nil {
		roots.CRL = crl
	}
	err := snpverify.SnpAttestation(attestation, &snpverify.Options{
		CheckRevocations: true, Getter: amdMirror(c.mirror), Now: time.Now(),
		TrustedRoots: map[string][]*trust.AMDRootCerts{"Milan": {roots}},
		Product:      &sevsnp.SevProduct{Name: sevsnp.SevProduct_SEV_PRODUCT_MILAN},
	})
	if err != nil {
		return err
	}
	least := kds.TCBParts{
		BlSpl: uint8(minimumTcb.Bootloader), TeeSpl: uint8(minimumTcb.Tee), SnpSpl: uint8(minimumTcb.Snp),
		UcodeSpl: uint8(minimumTcb.Microcode),
	}
	vmpl := 0
	return snpvalidate.SnpAttestation(attestation, &snpvalidate.Options{
		Measurement: launchDigest[:], HostData: policyHash[:], ReportData: reportData, GuestPolicy: abi.SnpPolicy{SMT: true},
		VMPL: &vmpl, MinimumTCB: least, MinimumLaunchTCB: least, PermitProvisionalFirmware: true,
	})
}

func (c *genuineClient) verifyTdx(evidence, reportData []byte) error {
	quote := &tdx.QuoteV4{}
	if err := proto.Unmarshal(evidence, quote); err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AddCert(c.intel.root.certificate)
	err := tdxverify.TdxQuote(quote, &tdxverify.Options{
		CheckRevocations: true, GetCollateral: true, Getter: intelMirror(c.mirror), TrustedRoots: roots,
	})
	if err != nil {
		return err
	}
	want := defaultTdxQuote()
	return tdxvalidate.TdxQuote(quote, &tdxvalidate.Options{
		HeaderOptions: tdxvalidate.HeaderOptions{QeVendorID: want.vendor},
		TdQuoteBodyOptions: tdxvalidate.TdQuoteBodyOptions{
			MinimumTeeTcbSvn: want.teeTcbSvn, MrSeam: want.mrSeam, TdAttributes: want.tdAttributes, Xfam: want.xfam,
			MrTd: want.mrTd, MrConfigID: want.mrConfigID, Rtmrs: want.rtmrs[:], ReportData: reportData,
		},
	})
}

// amdMirror and intelMirror fetch the vendors' addresses from a mirror.
type amdMirror string

func (mirror amdMirror) Get(url string) ([]byte, error) {
	_, content, err := fetchFrom(string(mirror), url)
	return content, err
}

type intelMirror string

func (mirror intelMirror) Get(url string) (map[string][]string, []byte, error) {
	return fetchFrom(string(mirror), url)
}

func fetchFrom(mirror, url string) (map[string][]string, []byte, error) {
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
