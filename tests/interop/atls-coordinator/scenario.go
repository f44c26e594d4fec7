package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/grpc/credentials"
)

// scenario is one Coordinator to start.
type scenario struct {
	// Unique; its files are named after it.
	Name string `json:"name"`
	// What the evidence is made of: "snp", "tdx", "both" (one extension each).
	Tee string `json:"tee"`
	// For SNP: "own" (default), "google" or "google-refined".
	Chain string `json:"chain"`
	// What is wrong with the evidence; a name of snpTroubles or tdxTroubles.
	Evidence string `json:"evidence"`
	// What is wrong with the connection or the answers.
	Trouble string `json:"trouble"`
	// Nonces that are read: "both" (default), "sni" or "alpn".
	Nonce string `json:"nonce"`
	// "1.2" for the older TLS.
	Tls string `json:"tls"`
	// "both" (default), "current" or "legacy" names.
	Services string `json:"services"`
}

// running is what a scenario's line is answered with.
type running struct {
	Name       string `json:"name"`
	Address    string `json:"address"`
	Mirror     string `json:"mirror"`
	Collateral string `json:"collateral,omitempty"`
	state      *coordinator
}

var services = map[string][]string{
	"": {currentService, legacyService}, "both": {currentService, legacyService},
	"current": {currentService}, "legacy": {legacyService},
}

// start makes the evidence of a scenario and serves it on ports of its own.
func (s scenario) start(platform *platform, folder string) (*running, error) {
	result := &running{Name: s.Name, state: newCoordinator()}
	issuers, bodies, err := s.issuers(platform, folder, result)
	if err != nil {
		return nil, err
	}
	names, known := services[s.Services]
	if !known {
		return nil, fmt.Errorf("no services %q", s.Services)
	}
	server := &atlsServer{issuers: issuers, trouble: s.Trouble, nonceForm: s.Nonce}
	if s.Tls == "1.2" {
		server.maxVersion = tls.VersionTLS12
	}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	result.Address = listener.Addr().String()
	result.Mirror = serveMirror(bodies)
	if behave, found := afterHandshake[s.Trouble]; found {
		go serveAfterHandshake(listener, server.config(), behave)
		return result, nil
	}
	if spoil, found := connectionTroubles[s.Trouble]; found {
		listener = troubleListener{listener, spoil}
	}
	api := &userAPI{state: result.state, answer: callTroubles[s.Trouble]}
	grpcServer := newGrpcServer(credentials.NewTLS(server.config()), api, names)
	go func() { _ = grpcServer.Serve(listener) }()
	return result, nil
}

func (s scenario) issuers(platform *platform, folder string, result *running) ([]issuer, map[string]body, error) {
	bodies := map[string]body{}
	issuers := []issuer{}
	add := func(evidence issuer, service map[string]body) {
		issuers = append(issuers, evidence)
		for path, answer := range service {
			bodies[path] = answer
		}
	}
	if s.Tee == "snp" || s.Tee == "both" {
		change, known := snpTroubles[s.Evidence]
		if !known {
			return nil, nil, fmt.Errorf("no evidence %q of SNP", s.Evidence)
		}
		plan := snpPlanOf(s.Chain, platform)
		change(plan, platform)
		issue, service := plan.evidence()
		add(issuer{snpOid, issue}, service)
	}
	if s.Tee == "tdx" || s.Tee == "both" {
		change, known := tdxTroubles[s.Evidence]
		if !known {
			return nil, nil, fmt.Errorf("no evidence %q of TDX", s.Evidence)
		}
		plan := defaultTdxPlan(platform.intel())
		change(plan, platform)
		issue, service := plan.evidence()
		add(issuer{tdxOid, issue}, service)
		result.Collateral = filepath.Join(folder, s.Name+".collateral.json")
		must(struct{}{}, os.WriteFile(result.Collateral, plan.collateralJson(service), 0o600))
	}
	return issuers, bodies, nil
}

func snpPlanOf(chain string, platform *platform) *snpPlan {
	if strings.HasPrefix(chain, "google") {
		return googlePlan(chain == "google-refined")
	}
	return defaultSnpPlan(platform.milan())
}

// reference are the values that a manifest has to trust for all scenarios.
func reference() json.RawMessage {
	quote := defaultTdxQuote()
	rtmrs := []string{}
	for _, rtmr := range quote.rtmrs {
		rtmrs = append(rtmrs, fmt.Sprintf("%x", rtmr))
	}
	return compactJson(object{
		"policyHash": fmt.Sprintf("%x", policyHash), "measurement": fmt.Sprintf("%x", launchDigest), "minimumTcb": minimumTcb,
		"tdx": object{
			"MrTd": fmt.Sprintf("%x", quote.mrTd), "Rtrms": rtmrs, "MinimumQeSvn": 0, "MinimumPceSvn": 0,
			"MinimumTeeTcbSvn": fmt.Sprintf("%x", quote.teeTcbSvn), "MrSeam": fmt.Sprintf("%x", quote.mrSeam),
			"TdAttributes": fmt.Sprintf("%x", quote.tdAttributes), "Xfam": fmt.Sprintf("%x", quote.xfam),
		},
	})
}
