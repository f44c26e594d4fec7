package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/google/go-sev-guest/proto/sevsnp"
)

// coordinatorPolicy is the policy of the Coordinator of all scenarios.
const coordinatorPolicy = "package agent_policy\n# coordinator\n"

// What scenarios measure, and the manifest of the test therefore trusts.
var (
	launchDigest = sha512.Sum384([]byte("launch digest"))
	policyHash   = sha256.Sum256([]byte(coordinatorPolicy))
	chipID       = sha512.Sum512([]byte("chip"))
	minimumTcb   = tcb{Bootloader: 3, Tee: 1, Snp: 8, Microcode: 115}
	currentTcb   = tcb{Bootloader: 3, Tee: 2, Snp: 9, Microcode: 209}
)

// crlGuid is the key under which later versions put the revocation list into the evidence.
const crlGuid = "00569ee4-e480-4fba-bbf4-45b629901180"

// snpPlan is everything that one scenario of SEV-SNP is made of, before anything is signed.
type snpPlan struct {
	authorities amdAuthorities
	endorsement endorsement
	// Ready-made instead of one by `endorsement`.
	vcek    []byte
	vcekKey *ecdsa.PrivateKey
	report  snpReport
	// Changes bytes that are signed already.
	spoil func(report []byte)
	// Nil where the service does not answer.
	crl *amdCrl
	// Whether the evidence carries the chip's certificate; else the service does.
	carriesVcek bool
	// Whether it carries ASK, ARK and the revocation list too, as later versions do.
	carriesAll bool
	// Report data of the evidence, of that which the handshake asks for.
	bind func(reportData []byte) []byte
}

func defaultSnpPlan(authorities amdAuthorities) *snpPlan {
	crl := authorities.defaultCrl()
	return &snpPlan{
		authorities: authorities,
		endorsement: defaultEndorsement(authorities.product, minimumTcb, chipID[:]),
		report: snpReport{
			version: 3, policy: policySmt | policyReserved, algorithm: 1, platformInfo: 0x25, cpuidModel: 0x01,
			measurement: launchDigest[:], hostData: policyHash[:], chipID: chipID[:],
			current: currentTcb, reported: minimumTcb, committed: minimumTcb, launch: minimumTcb,
		},
		crl: &crl, carriesVcek: true, bind: func(reportData []byte) []byte { return reportData },
	}
}

// evidence makes what signs reports, and what the certificate service has to answer.
func (plan *snpPlan) evidence() (issue func(reportData []byte) []byte, service map[string]body) {
	certificate, key := plan.vcek, plan.vcekKey
	if certificate == nil {
		certificate, key = plan.authorities.newEndorsement(plan.endorsement)
	}
	product := plan.authorities.product
	chainOf := func(intermediate authority) body {
		return body{content: []byte(pemOf(intermediate.certificate.Raw, plan.authorities.ark.certificate.Raw))}
	}
	service = map[string]body{
		"/vcek/v1/" + product + "/cert_chain": chainOf(plan.authorities.ask),
		"/vlek/v1/" + product + "/cert_chain": chainOf(plan.authorities.asvk),
	}
	var crl []byte
	if plan.crl != nil {
		crl = plan.authorities.newCrl(*plan.crl)
		service["/vcek/v1/"+product+"/crl"] = body{content: crl}
	}
	chain := &sevsnp.CertificateChain{}
	switch {
	case plan.endorsement.vlek:
		chain.VlekCert = certificate
	case plan.carriesVcek:
		chain.VcekCert = certificate
	default:
		service[plan.vcekPath()] = body{content: certificate}
	}
	if plan.carriesAll {
		chain.AskCert, chain.ArkCert = plan.authorities.ask.certificate.Raw, plan.authorities.ark.certificate.Raw
		chain.Extras = map[string][]byte{crlGuid: crl}
		delete(service, "/vcek/v1/"+product+"/crl")
	}
	name := sevsnp.SevProduct_SevProductName(sevsnp.SevProduct_SevProductName_value["SEV_PRODUCT_"+upper(product)])
	return func(reportData []byte) []byte {
		fields := plan.report
		fields.reportData = plan.bind(reportData)
		report := fields.encode()
		signReport(report, key)
		if plan.spoil != nil {
			plan.spoil(report)
		}
		return snpMessage(report, chain, name)
	}, service
}

func (plan *snpPlan) vcekPath() string {
	version := plan.report.reported
	return fmt.Sprintf("/vcek/v1/%s/%s?blSPL=%d&teeSPL=%d&snpSPL=%d&ucodeSPL=%d", plan.authorities.product,
		hex.EncodeToString(plan.report.chipID), version.Bootloader, version.Tee, version.Snp, version.Microcode)
}

// at lets all of a chip's security version numbers but the current ones be the same.
func (plan *snpPlan) at(version tcb) {
	plan.endorsement.tcb, plan.report.reported = version, version
}

// snpTroubles change one thing each (attestation.md 9.1). Those whose names begin with "fine-" must pass.
var snpTroubles = map[string]func(plan *snpPlan, platform *platform){
	"":                         func(*snpPlan, *platform) {},
	"fine-version-2":           func(p *snpPlan, _ *platform) { p.report.version = 2 },
	"fine-masked-chip":         func(p *snpPlan, _ *platform) { p.report.chipID = make([]byte, 64) },
	"fine-wrapped-hardware-id": func(p *snpPlan, _ *platform) { p.endorsement.wrapID = true },
	"fine-fetched-vcek":        func(p *snpPlan, _ *platform) { p.carriesVcek = false },
	"fine-all-in-evidence":     func(p *snpPlan, _ *platform) { p.carriesAll = true },

	"debug-policy":        func(p *snpPlan, _ *platform) { p.report.policy |= policyDebug },
	"policy-bit-17-clear": func(p *snpPlan, _ *platform) { p.report.policy = policySmt },
	"vmpl-1":              func(p *snpPlan, _ *platform) { p.report.vmpl = 1 },
	"low-bootloader":      func(p *snpPlan, _ *platform) { p.at(tcb{2, 1, 8, 115}) },
	"low-tee":             func(p *snpPlan, _ *platform) { p.at(tcb{3, 0, 8, 115}) },
	"low-snp":             func(p *snpPlan, _ *platform) { p.at(tcb{3, 1, 7, 115}) },
	"low-microcode":       func(p *snpPlan, _ *platform) { p.at(tcb{3, 1, 8, 114}) },
	"committed-above":     func(p *snpPlan, _ *platform) { p.report.committed.Microcode = 210 },
	"reported-differs":    func(p *snpPlan, _ *platform) { p.report.reported.Microcode = 116 },
	"certificate-above":   func(p *snpPlan, _ *platform) { p.report.current = minimumTcb; p.at(tcb{3, 1, 8, 116}) },
	"low-launch":          func(p *snpPlan, _ *platform) { p.report.launch.Snp = 7 },
	"wrong-measurement":   func(p *snpPlan, _ *platform) { p.report.measurement = make([]byte, 48) },
	"wrong-host-data":     func(p *snpPlan, _ *platform) { p.report.hostData = make([]byte, 32) },
	"wrong-report-data":   func(p *snpPlan, _ *platform) { p.bind = func([]byte) []byte { return make([]byte, 64) } },
	"other-chip":          func(p *snpPlan, _ *platform) { p.report.chipID = make([]byte, 64); p.report.chipID[9] = 1 },
	"wrong-product":       func(p *snpPlan, platform *platform) { *p = *genoaPlan(platform) },
	"vcek-expired":        func(p *snpPlan, _ *platform) { p.endorsement.notAfter = now().Add(-time.Hour) },
	"vcek-not-yet-valid":  func(p *snpPlan, _ *platform) { p.endorsement.notBefore = now().Add(time.Hour) },
	"vcek-pkcs1":          func(p *snpPlan, _ *platform) { p.endorsement.algorithm = x509.SHA384WithRSA },
	"vcek-p256":           func(p *snpPlan, _ *platform) { p.endorsement.curve = elliptic.P256() },
	"extension-missing":   func(p *snpPlan, _ *platform) { p.endorsement.withoutOid = amdMicrocode },
	"extension-twice":     func(p *snpPlan, _ *platform) { p.endorsement.repeatedOid = amdMicrocode },
	"spl-256":             func(p *snpPlan, _ *platform) { p.endorsement.tcb.Microcode = 256 },
	"ask-revoked":         func(p *snpPlan, _ *platform) { p.crl.revoked = p.authorities.ask.certificate.SerialNumber },
	"crl-unavailable":     func(p *snpPlan, _ *platform) { p.crl = nil },
	"crl-expired":         func(p *snpPlan, _ *platform) { p.crl.nextUpdate = now().Add(-time.Hour) },
	"crl-not-yet-valid":   func(p *snpPlan, _ *platform) { p.crl.thisUpdate = now().Add(24 * time.Hour) },
	"crl-by-ask":          func(p *snpPlan, _ *platform) { p.crl.signer = p.authorities.ask },
	"other-ark":           func(p *snpPlan, platform *platform) { *p = *defaultSnpPlan(platform.otherMilan()) },
	"vlek":                func(p *snpPlan, _ *platform) { p.endorsement.vlek = true; p.report.signerInfo = 1 << 2 },
	"signed-by-none":      func(p *snpPlan, _ *platform) { p.report.signerInfo = 7 << 2 },
	"algorithm-2":         func(p *snpPlan, _ *platform) { p.report.algorithm = 2 },
	"report-version-1":    func(p *snpPlan, _ *platform) { p.report.version = 1 },
	"measurement-changed": func(p *snpPlan, _ *platform) {
		p.report.measurement = zeroed(launchDigest[:])
		p.spoil = restoreMeasurement
	},
	"signature-r-changed":  func(p *snpPlan, _ *platform) { p.spoil = func(report []byte) { report[0x2a0] ^= 1 } },
	"signature-r-too-long": func(p *snpPlan, _ *platform) { p.spoil = func(report []byte) { report[0x2a0+48] = 1 } },
}

func zeroed(bytes []byte) []byte { return make([]byte, len(bytes)) }

// restoreMeasurement writes the trusted measurement over the one that was signed.
func restoreMeasurement(report []byte) { copy(report[0x90:], launchDigest[:]) }

// genoaPlan is flawless, but of another product line than the manifest of the test trusts.
func genoaPlan(platform *platform) *snpPlan {
	plan := defaultSnpPlan(platform.genoa())
	plan.report.cpuidModel = 0x11
	return plan
}
