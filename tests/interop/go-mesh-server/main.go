// Command go-mesh-server is the mesh API of a Coordinator, written from the specification (attestation.md 2, coordinator.md
// 2.4 and 8) with grpc-go over crypto/tls; the evidence of clients is judged by the libraries of Google.
//
// Its first line on standard output is its address, each further one an answered or refused client as JSON.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc/credentials"
)

func main() {
	roots := flag.String("roots", "", "PEM file of the vendor's certificates")
	mirror := flag.String("mirror", "", "address that serves what the vendors serve")
	policies := flag.String("policies", "", "policy hashes of the manifest, separated by commas")
	maxVersion := flag.String("tls", "1.3", "newest version of TLS")
	flag.Parse()
	judge := newJudge(must(os.ReadFile(*roots)), *mirror)
	server := &meshServer{judge: judge, authority: newAuthority(), policies: strings.Split(*policies, ","), tell: tell}
	version := uint16(tls.VersionTLS13)
	if *maxVersion == "1.2" {
		version = tls.VersionTLS12
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println(listener.Addr().String())
	grpcServer := server.grpcServer(credentials.NewTLS(server.tlsConfig(version)))
	must(0, grpcServer.Serve(listener))
}

func tell(event map[string]string) { fmt.Println(string(must(json.Marshal(event)))) }

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return value
}
