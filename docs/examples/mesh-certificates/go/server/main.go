// Serves a page to workloads of the mesh: server HOST:PORT [CLIENT]
package main

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		log.Fatal("usage: server HOST:PORT [CLIENT]")
	}
	dir := cmp.Or(os.Getenv("CONTRAST_TLS_DIR"), "/contrast/tls-config")

	meshCA, err := os.ReadFile(filepath.Join(dir, "mesh-ca.pem"))
	if err != nil {
		log.Fatal(err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(meshCA) {
		log.Fatal("mesh-ca.pem holds no certificate")
	}
	own, err := tls.LoadX509KeyPair(filepath.Join(dir, "certChain.pem"), filepath.Join(dir, "key.pem"))
	if err != nil {
		log.Fatal(err)
	}
	server := http.Server{
		ReadHeaderTimeout: 10 * time.Second,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{own},
			ClientCAs:    authorities,
			ClientAuth:   tls.RequireAndVerifyClientCert,
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			names := r.TLS.PeerCertificates[0].DNSNames
			// Every workload of the mesh gets this far; who may do what is for the application to say.
			if len(os.Args) == 3 && !slices.Contains(names, os.Args[2]) {
				http.Error(w, "not for you", http.StatusForbidden)
				return
			}
			fmt.Fprintf(w, "Hello %s\n", names[0])
		}),
	}

	listener, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("listening on %s", listener.Addr())
	// Key and certificate are in TLSConfig.
	log.Fatal(server.ServeTLS(listener, "", ""))
}
