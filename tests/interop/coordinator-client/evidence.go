package main

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// evidenceSource says what a workload shows.
type evidenceSource struct {
	// The compiled product, whose simulated chips sign.
	Program string `json:"program"`
	// File of a simulated guest.
	Guest string `json:"guest"`
	Tee   string `json:"tee"`
	// What is wrong with it: "wrong-nonce", "other-key", "garbage", "no-extension"; nothing where it is empty.
	Fault string `json:"fault"`
}

// issue makes the extension of a client's certificate, bound to its key and the server's nonce.
func (source evidenceSource) issue(key crypto.Signer, serverNonce []byte) (pkix.Extension, error) {
	bound := key.Public()
	extension := pkix.Extension{Id: snpOid}
	if source.Tee == "tdx" {
		extension.Id = tdxOid
	}
	switch source.Fault {
	case "wrong-nonce":
		serverNonce = randomBytes(len(serverNonce))
	case "other-key":
		bound = must(newKey("p256")).Public()
	case "garbage":
		extension.Value = randomBytes(2000)
		return extension, nil
	}
	spki, err := x509.MarshalPKIXPublicKey(bound)
	if err != nil {
		return extension, err
	}
	extension.Value, err = source.ask(reportData(spki, serverNonce))
	return extension, err
}

// ask lets the chip sign.
func (source evidenceSource) ask(reportData []byte) ([]byte, error) {
	directory, err := os.MkdirTemp(filepath.Dir(source.Guest), "evidence-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(directory)
	path := filepath.Join(directory, "evidence.bin")
	command := exec.Command(source.Program, "evidence", "issue", "--insecure-simulated-guest", source.Guest,
		"--report-data", hex.EncodeToString(reportData), path)
	command.Env = []string{"HOME=" + directory}
	if told, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, told)
	}
	return os.ReadFile(path)
}

// workload is the client that a pod's Initializer is.
func (source evidenceSource) workload(kind, version string) (*atlsClient, error) {
	client := &atlsClient{version: tlsVersion(version)}
	if source.Fault == "no-certificate" {
		return client, nil
	}
	if kind == "" {
		kind = "p256"
	}
	key, err := newKey(kind)
	client.key = key
	if source.Fault != "no-extension" {
		client.evidence = source.issue
	}
	return client, err
}
