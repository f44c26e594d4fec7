package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
)

type meshCommand struct {
	Address  string         `json:"address"`
	Evidence evidenceSource `json:"evidence"`
	// Of the workload's key; "p256" where it is empty.
	KeyKind string `json:"keyKind"`
	TLS     string `json:"tls"`
	// The request, which has no fields any more.
	Raw []byte `json:"raw"`
	// Of a channel that is opened when it is used first, and kept with its key; one of its own where it is empty.
	Channel string `json:"channel"`
	// What the certificate is kept as.
	Name string `json:"name"`
}

type meshChannel struct {
	client     *atlsClient
	connection *grpc.ClientConn
}

var meshChannels sync.Map

func (c meshCommand) open() (meshChannel, error) {
	if known, found := meshChannels.Load(c.Channel); found {
		return known.(meshChannel), nil
	}
	client, err := c.Evidence.workload(c.KeyKind, c.TLS)
	if err != nil {
		return meshChannel{}, err
	}
	connection, err := dial(c.Address, client)
	opened := meshChannel{client, connection}
	if err == nil && c.Channel != "" {
		meshChannels.Store(c.Channel, opened)
	}
	return opened, err
}

// workload is what a pod has after its start.
type workload struct {
	key            crypto.Signer
	chain          []*x509.Certificate
	meshCa, rootCa *x509.Certificate
	chainDer       [][]byte
	workloadSecret []byte
}

var workloads sync.Map

func namedWorkload(name string) (workload, error) {
	found, known := workloads.Load(name)
	if !known {
		return workload{}, fmt.Errorf("no workload %q", name)
	}
	return found.(workload), nil
}

type meshAnswer struct {
	Code           string `json:"code"`
	Message        string `json:"message"`
	MeshCa         string `json:"meshCa"`
	RootCa         string `json:"rootCa"`
	WorkloadSecret []byte `json:"workloadSecret"`
}

// getMeshCertificate does what an Initializer does: shows evidence that is bound to the server's nonce and asks for a
// certificate for its key.
func getMeshCertificate(command meshCommand) (any, error) {
	opened, err := command.open()
	if err != nil {
		return nil, err
	}
	client, connection := opened.client, opened.connection
	if command.Channel == "" {
		defer connection.Close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var message []byte
	if err := connection.Invoke(ctx, "/meshapi.MeshAPI/NewMeshCert", command.Raw, &message); err != nil {
		return meshAnswer{Code: status.Code(err).String(), Message: status.Convert(err).Message()}, nil
	}
	fields, err := lengthDelimited(message)
	if err != nil {
		return nil, err
	}
	got := workload{key: client.key, workloadSecret: last(fields[4]), chainDer: pemBlocks(last(fields[2]))}
	if err := got.parse(last(fields[1]), last(fields[2]), last(fields[3])); err != nil {
		return nil, err
	}
	workloads.Store(command.Name, got)
	return meshAnswer{
		Code: "OK", MeshCa: string(last(fields[1])), RootCa: string(last(fields[3])), WorkloadSecret: got.workloadSecret,
	}, nil
}

func (w *workload) parse(meshCa, chain, rootCa []byte) error {
	for _, part := range []struct {
		text  []byte
		count int
	}{{meshCa, 1}, {chain, 2}, {rootCa, 1}} {
		if count := len(pemBlocks(part.text)); count != part.count {
			return fmt.Errorf("%d certificates, want %d", count, part.count)
		}
	}
	var err error
	if w.chain, err = parseCertificates(chain); err != nil {
		return err
	}
	for target, text := range map[**x509.Certificate][]byte{&w.meshCa: meshCa, &w.rootCa: rootCa} {
		parsed, err := parseCertificates(text)
		if err != nil {
			return err
		}
		*target = parsed[0]
	}
	certified, comparable := w.chain[0].PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !comparable || !certified.Equal(w.key.Public()) {
		return errors.New("the certificate is for another key")
	}
	return nil
}
