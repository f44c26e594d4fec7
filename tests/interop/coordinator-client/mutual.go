package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
)

type mutualCommand struct {
	Server  string `json:"server"`
	Client  string `json:"client"`
	DNSName string `json:"dnsName"`
	TLS     string `json:"tls"`
	// Whether both trust the root, in place of the mesh authority.
	UnderRoot bool `json:"underRoot"`
}

type mutualAnswer struct {
	// Common names that the ends see of each other.
	SeenByServer string `json:"seenByServer"`
	SeenByClient string `json:"seenByClient"`
	Error        string `json:"error"`
}

const greeting = "hello from the client"

// connectMutually lets two workloads talk with nothing but what they got from the Coordinator.
func connectMutually(command mutualCommand) (any, error) {
	server, err := namedWorkload(command.Server)
	if err != nil {
		return nil, err
	}
	client, err := namedWorkload(command.Client)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer listener.Close()
	serverConfig := command.config(server)
	serverConfig.ClientAuth, serverConfig.ClientCAs = tls.RequireAndVerifyClientCert, serverConfig.RootCAs
	served := make(chan error, 1)
	answer := mutualAnswer{}
	go func() { served <- serveOnce(listener, serverConfig, &answer.SeenByServer) }()
	clientConfig := command.config(client)
	clientConfig.ServerName = command.DNSName
	err = errors.Join(greet(listener.Addr().String(), clientConfig, &answer.SeenByClient), <-served)
	if err != nil {
		answer.Error = err.Error()
	}
	return answer, nil
}

func (c mutualCommand) config(own workload) *tls.Config {
	trusted := own.meshCa
	if c.UnderRoot {
		trusted = own.rootCa
	}
	pool := x509.NewCertPool()
	pool.AddCert(trusted)
	return &tls.Config{
		MinVersion: tls.VersionTLS12, MaxVersion: tlsVersion(c.TLS), RootCAs: pool,
		Certificates: []tls.Certificate{{Certificate: own.chainDer, PrivateKey: own.key}},
	}
}

// serveOnce sends back what it reads.
func serveOnce(listener net.Listener, config *tls.Config, seen *string) error {
	raw, err := listener.Accept()
	if err != nil {
		return err
	}
	connection := tls.Server(raw, config)
	defer connection.Close()
	content := make([]byte, len(greeting))
	if _, err := io.ReadFull(connection, content); err != nil {
		return err
	}
	*seen = connection.ConnectionState().PeerCertificates[0].Subject.CommonName
	_, err = connection.Write(content)
	return err
}

func greet(address string, config *tls.Config, seen *string) error {
	connection, err := tls.Dial("tcp", address, config)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte(greeting)); err != nil {
		return err
	}
	*seen = connection.ConnectionState().PeerCertificates[0].Subject.CommonName
	content, err := io.ReadAll(io.LimitReader(connection, int64(len(greeting))))
	if err == nil && string(content) != greeting {
		err = errors.New("the server sent something else back")
	}
	return err
}
