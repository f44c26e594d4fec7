package main

import (
	"crypto/x509/pkix"
	"encoding/asn1"

	"github.com/google/go-sev-guest/kds"
	sev "github.com/google/go-sev-guest/testing"
)

// googlePlan takes chain and keys from go-sev-guest's own test data.
//
// As that library makes them, every name carries a serial number beside AMD's attributes, the chip has all zeros for
// identity and versions, and its certificate is valid since year 1. With `refined`, names, identity and versions are
// overridden by those of real chains; the year cannot be.
func googlePlan(refined bool) *snpPlan {
	builder := &sev.AmdSignerBuilder{
		Keys: sev.DefaultAmdKeys(), ProductName: "Milan-B1", CSPID: "go-sev-guest",
		ArkCreationTime: now().AddDate(-1, 0, 0), AskCreationTime: now().AddDate(-1, 0, 0),
		AsvkCreationTime: now().AddDate(-1, 0, 0), VcekCreationTime: now().AddDate(-1, 0, 0),
		VlekCreationTime: now().AddDate(-1, 0, 0),
	}
	version, hardwareID := tcb{}, make([]byte, 64)
	if refined {
		version, hardwareID = minimumTcb, chipID[:]
		builder.ArkCustom = refinedSubject("ARK-Milan")
		builder.AskCustom = refinedSubject("SEV-Milan")
		builder.AsvkCustom = refinedSubject("SEV-VLEK-Milan")
		builder.VcekCustom = refinedSubject("SEV-VCEK")
		builder.VcekCustom.Extensions = sev.CustomExtensions(kds.TCBParts{
			BlSpl: uint8(version.Bootloader), TeeSpl: uint8(version.Tee), SnpSpl: uint8(version.Snp),
			UcodeSpl: uint8(version.Microcode),
		}, hardwareID, "", "Milan-B1")
	}
	signer := must(builder.TestOnlyCertChain())
	authorities := amdAuthorities{
		product: "Milan",
		ark:     authority{signer.Keys.Ark, signer.Ark},
		ask:     authority{signer.Keys.Ask, signer.Ask},
		asvk:    authority{signer.Keys.Asvk, signer.Asvk},
	}
	plan := defaultSnpPlan(authorities)
	plan.vcek, plan.vcekKey = signer.Vcek.Raw, signer.Keys.Vcek
	plan.at(version)
	plan.report.committed, plan.report.launch, plan.report.chipID = version, version, hardwareID
	return plan
}

func refinedSubject(commonName string) sev.CertOverride {
	var names pkix.RDNSequence
	must(asn1.Unmarshal(amdName(commonName), &names))
	var subject pkix.Name
	subject.FillFromRDNSequence(&names)
	subject.Names = nil
	return sev.CertOverride{Subject: &subject}
}
