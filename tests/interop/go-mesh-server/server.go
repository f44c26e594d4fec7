package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// meshServer asks each client for evidence over a nonce of its own.
type meshServer struct {
	judge     *judge
	authority *authority
	policies  []string
	tell      func(map[string]string)
}

// tlsConfig makes a configuration for each connection: the server's nonce is the name of the only authority it accepts.
func (s *meshServer) tlsConfig(maxVersion uint16) *tls.Config {
	forClient := func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		if _, err := base64.StdEncoding.DecodeString(hello.ServerName); err != nil || len(hello.ServerName) != 44 {
			return nil, fmt.Errorf("server name %q is no nonce", hello.ServerName)
		}
		nonce := make([]byte, 32)
		must(rand.Read(nonce))
		pool := x509.NewCertPool()
		pool.AddCert(selfSigned(base64.StdEncoding.EncodeToString(nonce), big.NewInt(0)).Leaf)
		return &tls.Config{
			MinVersion: tls.VersionTLS12, MaxVersion: maxVersion, NextProtos: []string{"h2"},
			Certificates: []tls.Certificate{selfSigned("Contrast", big.NewInt(1))},
			ClientAuth:   tls.RequireAnyClientCert, ClientCAs: pool, SessionTicketsDisabled: true,
			VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
				err := s.verify(raw, nonce)
				if err != nil {
					s.tell(map[string]string{"refused": err.Error()})
				}
				return err
			},
		}, nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2"}, GetConfigForClient: forClient}
}

// verify is attestation.md 2.6.
func (s *meshServer) verify(raw [][]byte, nonce []byte) error {
	if len(raw) == 0 {
		return errors.New("rawCerts is empty")
	}
	certificate, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: pool, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		return err
	}
	spki, err := x509.MarshalPKIXPublicKey(certificate.PublicKey)
	if err != nil {
		return err
	}
	if err := certificate.CheckSignature(certificate.SignatureAlgorithm, certificate.RawTBSCertificate, certificate.Signature); err != nil {
		return err
	}
	reportData := sha512.Sum512(append(spki, nonce...))
	_, err = s.judge.policyHash(certificate, reportData[:])
	return err
}

// newMeshCert is coordinator.md 8.2; the evidence was judged in the handshake.
func (s *meshServer) newMeshCert(ctx context.Context) ([]byte, error) {
	caller, _ := peer.FromContext(ctx)
	info, ok := caller.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return nil, errors.New("no peer certificates found")
	}
	certificate := info.State.PeerCertificates[0]
	policy, err := s.judge.policyHash(certificate, nil)
	if err != nil {
		return nil, err
	}
	s.tell(map[string]string{"policy": policy, "suite": tls.CipherSuiteName(info.State.CipherSuite), "tls": tls.VersionName(info.State.Version)})
	if !slices.Contains(s.policies, policy) {
		return nil, status.Errorf(codes.PermissionDenied, "policy hash %s not found in manifest", policy)
	}
	message := field(nil, 1, s.authority.meshPem)
	message = field(message, 2, append(s.authority.leafFor(certificate.PublicKey), s.authority.intermediatePem...))
	message = field(message, 3, s.authority.rootPem)
	return field(message, 4, bytes.Repeat([]byte{0x5e}, 64)), nil
}

func field(message []byte, number protowire.Number, value []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(message, number, protowire.BytesType), value)
}

// rawMessages hands the bytes of messages through.
type rawMessages struct{}

func (rawMessages) Name() string { return "proto" }

func (rawMessages) Marshal(message any) ([]byte, error) { return message.([]byte), nil }

func (rawMessages) Unmarshal(content []byte, message any) error {
	*message.(*[]byte) = bytes.Clone(content)
	return nil
}

func (s *meshServer) grpcServer(transport credentials.TransportCredentials) *grpc.Server {
	server := grpc.NewServer(grpc.Creds(transport), grpc.ForceServerCodec(rawMessages{}))
	handle := func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		return s.newMeshCert(ctx)
	}
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "meshapi.MeshAPI", HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "NewMeshCert", Handler: handle}},
	}, s)
	return server
}

// selfSigned is the certificate of attestation.md 2.3 and 2.4, without evidence.
func selfSigned(name string, serial *big.Int) tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(2 * time.Hour),
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: must(x509.ParseCertificate(der))}
}
