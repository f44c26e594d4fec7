// Asks a workload of the mesh for a page: client HOST:PORT NAME
package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: client HOST:PORT NAME")
	}
	address, name := os.Args[1], os.Args[2]
	dir := cmp.Or(os.Getenv("CONTRAST_TLS_DIR"), "/contrast/tls-config")

	meshCA, err := os.ReadFile(filepath.Join(dir, "mesh-ca.pem"))
	if err != nil {
		log.Fatal(err)
	}
	// A pool of our own: no authority of this machine is trusted.
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(meshCA) {
		log.Fatal("mesh-ca.pem holds no certificate")
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "certChain.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		log.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs:      authorities,
		Certificates: []tls.Certificate{own},
		// The certificate must be for this name, whatever the address is.
		ServerName: name,
	}}}

	response, err := client.Get("https://" + address + "/")
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
}
