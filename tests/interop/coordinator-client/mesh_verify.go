package main

import (
	"crypto/x509"
	"strings"
)

type verifyCommand struct {
	// A workload with its certificate.
	Name string `json:"name"`
	// Another one whose authorities are trusted in place of its own; optional.
	TrustOf string `json:"trustOf"`
	DNSName string `json:"dnsName"`
}

type verifyAnswer struct {
	// Errors; empty for none.
	UnderMesh  string   `json:"underMesh"`
	UnderRoot  string   `json:"underRoot"`
	CommonName string   `json:"commonName"`
	DNSNames   []string `json:"dnsNames"`
	Addresses  []string `json:"addresses"`
	// How many extensions tell what was proven about the workload.
	Claims int `json:"claims"`
	// Whether the intermediate and the mesh authority have one key.
	SameMeshKey bool `json:"sameMeshKey"`
}

// verifyMeshCertificate checks a workload's certificate with crypto/x509, as peers that trust one of the authorities do.
func verifyMeshCertificate(command verifyCommand) (any, error) {
	one, err := namedWorkload(command.Name)
	if err != nil {
		return nil, err
	}
	trusted := one
	if command.TrustOf != "" {
		if trusted, err = namedWorkload(command.TrustOf); err != nil {
			return nil, err
		}
	}
	leaf, intermediate := one.chain[0], one.chain[1]
	answer := verifyAnswer{
		UnderMesh:   verifyChain(leaf, trusted.meshCa, nil, command.DNSName),
		UnderRoot:   verifyChain(leaf, trusted.rootCa, intermediate, command.DNSName),
		CommonName:  leaf.Subject.CommonName,
		DNSNames:    leaf.DNSNames,
		SameMeshKey: string(intermediate.RawSubjectPublicKeyInfo) == string(trusted.meshCa.RawSubjectPublicKeyInfo),
	}
	for _, address := range leaf.IPAddresses {
		answer.Addresses = append(answer.Addresses, address.String())
	}
	for _, extension := range leaf.Extensions {
		if strings.HasPrefix(extension.Id.String(), "1.3.9901.2.") {
			answer.Claims++
		}
	}
	return answer, nil
}

func verifyChain(leaf, root, intermediate *x509.Certificate, dnsName string) string {
	options := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), DNSName: dnsName}
	options.Roots.AddCert(root)
	if intermediate != nil {
		options.Intermediates.AddCert(intermediate)
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		options.KeyUsages = []x509.ExtKeyUsage{usage}
		if _, err := leaf.Verify(options); err != nil {
			return err.Error()
		}
	}
	return ""
}
