// Command go-mesh-certificates reads a workload's certificates as a peer in Go does. Each line of standard input is one
// request in JSON, and each line of standard output its answer.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
)

type request struct {
	// SANs as the manifest has them.
	SANs []string
	// DER.
	Leaf, Mesh, Intermediate, Root []byte
}

type answer struct {
	Error      string
	CommonName string
	// As the certificate has them.
	DNSNames, IPAddresses, URIs []string
	// As Go sorts and writes the SANs of the request itself.
	WantDNSNames, WantIPAddresses, WantURIs []string
	KeyUsage                                int
	ExtKeyUsage                             []x509.ExtKeyUsage
	// Errors of verification; empty for none.
	MeshError, RootError string
	// Object identifier and value of the extensions that Go does not know.
	Claims []string
}

func verify(leaf, root *x509.Certificate, intermediates ...*x509.Certificate) string {
	options := x509.VerifyOptions{
		Roots:         x509.NewCertPool(),
		Intermediates: x509.NewCertPool(),
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	options.Roots.AddCert(root)
	for _, certificate := range intermediates {
		options.Intermediates.AddCert(certificate)
	}
	if _, err := leaf.Verify(options); err != nil {
		return err.Error()
	}
	options.KeyUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	if _, err := leaf.Verify(options); err != nil {
		return err.Error()
	}
	return ""
}

func sortNames(sans []string) (dnsNames, ips, uris []string) {
	for _, san := range sans {
		if ip := net.ParseIP(san); ip != nil {
			ips = append(ips, address(ip))
		} else if uri, err := url.Parse(san); err == nil && uri.Scheme != "" {
			uris = append(uris, uri.String())
		} else {
			dnsNames = append(dnsNames, san)
		}
	}
	return dnsNames, ips, uris
}

func address(ip net.IP) string {
	if short := ip.To4(); short != nil {
		ip = short
	}
	return hex.EncodeToString(ip)
}

func check(line []byte) (*answer, error) {
	var input request
	if err := json.Unmarshal(line, &input); err != nil {
		return nil, err
	}
	var certificates []*x509.Certificate
	for _, der := range [][]byte{input.Leaf, input.Mesh, input.Intermediate, input.Root} {
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, err
		}
		certificates = append(certificates, certificate)
	}
	leaf, mesh, intermediate, root := certificates[0], certificates[1], certificates[2], certificates[3]
	if len(leaf.UnhandledCriticalExtensions) > 0 {
		return nil, errors.New("unhandled critical extensions")
	}
	result := &answer{
		CommonName:  leaf.Subject.CommonName,
		DNSNames:    leaf.DNSNames,
		KeyUsage:    int(leaf.KeyUsage),
		ExtKeyUsage: leaf.ExtKeyUsage,
		MeshError:   verify(leaf, mesh) + verify(leaf, mesh, intermediate),
		RootError:   verify(leaf, root, intermediate),
	}
	for _, ip := range leaf.IPAddresses {
		result.IPAddresses = append(result.IPAddresses, address(ip))
	}
	for _, uri := range leaf.URIs {
		result.URIs = append(result.URIs, uri.String())
	}
	for _, extension := range leaf.Extensions {
		if extension.Id[0] == 1 {
			result.Claims = append(result.Claims, extension.Id.String()+" "+hex.EncodeToString(extension.Value))
		}
	}
	result.WantDNSNames, result.WantIPAddresses, result.WantURIs = sortNames(input.SANs)
	return result, nil
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for scanner.Scan() {
		result, err := check(scanner.Bytes())
		if err != nil {
			result = &answer{Error: err.Error()}
		}
		text, err := json.Marshal(result)
		if err != nil {
			panic(err)
		}
		fmt.Fprintln(out, string(text))
	}
}
