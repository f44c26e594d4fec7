package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"google.golang.org/grpc/credentials"
)

// atlsClient is the client's side of attested TLS as attestation.md 2 describes it.
type atlsClient struct {
	// nil for no certificate.
	key crypto.Signer
	// Which forms of the client's nonce are sent: "sni" as version 1.4 does, "alpn" as later ones, "none", "bad".
	nonceForm string
	version   uint16
	// Judges the evidence of the server; nil where it must have none.
	trust *trusted
	// Whether a second hello of the client is provoked.
	retry bool
	// Makes the extension of the client's certificate; nil for none.
	evidence func(key crypto.Signer, serverNonce []byte) (pkix.Extension, error)
}

// config serves one connection, because each needs a nonce of its own.
func (c *atlsClient) config() *tls.Config {
	nonce := randomBytes(32)
	config := &tls.Config{
		MinVersion: tls.VersionTLS12, MaxVersion: c.version, InsecureSkipVerify: true, NextProtos: []string{"h2"},
		ServerName:            base64.StdEncoding.EncodeToString(nonce),
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error { return c.verify(raw, nonce) },
		GetClientCertificate:  c.certificate,
		ClientSessionCache:    sessions, VerifyConnection: c.checkHandshake,
	}
	if c.retry {
		config.CurvePreferences = []tls.CurveID{tls.SecP384r1MLKEM1024, tls.CurveP256}
	}
	switch c.nonceForm {
	case "alpn":
		config.ServerName = "coordinator.example"
		config.NextProtos = []string{"atls:v1:nonce:" + hex.EncodeToString(nonce), "h2"}
	case "none":
		// An address is never sent as a server name.
		config.ServerName = "127.0.0.1"
	case "bad":
		config.ServerName = "coordinator.example"
	}
	return config
}

// sessions offers every server what an earlier one gave out: one that took it back would show no evidence.
var sessions = tls.NewLRUClientSessionCache(0)

func (c *atlsClient) checkHandshake(state tls.ConnectionState) error {
	if state.DidResume {
		return errors.New("the server resumed a session")
	}
	if c.retry != state.HelloRetryRequest {
		return fmt.Errorf("second hello of the client: %v", state.HelloRetryRequest)
	}
	return nil
}

func (c *atlsClient) verify(raw [][]byte, nonce []byte) error {
	if len(raw) != 1 {
		return fmt.Errorf("the server presents %d certificates", len(raw))
	}
	certificate, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return err
	}
	if err := checkServerCertificate(certificate); err != nil {
		return err
	}
	if c.trust == nil {
		if len(certificate.Extensions) != 0 {
			return errors.New("the server's certificate has extensions")
		}
		return nil
	}
	spki := must(x509.MarshalPKIXPublicKey(certificate.PublicKey))
	return c.trust.judge(certificate.Extensions, reportData(spki, nonce))
}

// certificate answers the server's request; the name of the only acceptable authority is the server's nonce.
func (c *atlsClient) certificate(request *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	nonce, err := serverNonce(request.AcceptableCAs)
	if err != nil || c.key == nil {
		return &tls.Certificate{}, err
	}
	extensions := []pkix.Extension{}
	if c.evidence != nil {
		extension, err := c.evidence(c.key, nonce)
		if err != nil {
			return nil, err
		}
		extensions = append(extensions, extension)
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(randomBytes(16)), Subject: pkix.Name{CommonName: "Contrast"},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(2 * time.Hour), ExtraExtensions: extensions,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, c.key.Public(), c.key)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: c.key}, err
}

func serverNonce(acceptable [][]byte) ([]byte, error) {
	if len(acceptable) != 1 {
		return nil, fmt.Errorf("unexpected acceptableCAs length: %d", len(acceptable))
	}
	var names pkix.RDNSequence
	if rest, err := asn1.Unmarshal(acceptable[0], &names); err != nil || len(rest) != 0 {
		return nil, fmt.Errorf("acceptableCAs: %w, rest of %d bytes", err, len(rest))
	}
	if len(names) != 1 || len(names[0]) != 1 || !names[0][0].Type.Equal(asn1.ObjectIdentifier{2, 5, 4, 3}) {
		return nil, errors.New("CN not found")
	}
	text, _ := names[0][0].Value.(string)
	nonce, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(nonce) != 32 {
		err = fmt.Errorf("the server's nonce has %d bytes", len(nonce))
	}
	return nonce, err
}

func reportData(spki, nonce []byte) []byte {
	digest := sha512.Sum512(append(spki, nonce...))
	return digest[:]
}

// transport makes a new configuration for every connection of a gRPC channel.
type transport struct{ client *atlsClient }

func (t transport) ClientHandshake(ctx context.Context, _ string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	config := t.client.config()
	// The name of the channel would replace that of the configuration.
	return credentials.NewTLS(config).ClientHandshake(ctx, config.ServerName, raw)
}

func (transport) ServerHandshake(net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("this is a client")
}

func (transport) Info() credentials.ProtocolInfo { return credentials.NewTLS(&tls.Config{}).Info() }

func (t transport) Clone() credentials.TransportCredentials { return t }

func (transport) OverrideServerName(string) error { return nil }
