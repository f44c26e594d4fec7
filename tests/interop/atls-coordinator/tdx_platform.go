package main

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"time"

	"github.com/google/go-tdx-guest/proto/tdx"
)

func p256Of(owner authority) *ecdsa.PrivateKey { return owner.key.(*ecdsa.PrivateKey) }

// tdxPlan is everything that one scenario of TDX is made of, before anything is signed.
type tdxPlan struct {
	authorities intelAuthorities
	pck         pck
	quote       tdxQuote
	tcbInfo     tcbInfo
	qeIdentity  object
	rootCrl     intelCrl
	pckCrl      intelCrl
	// Changes what is signed already.
	spoil       func(quote *tdx.QuoteV4)
	spoilBodies func(service map[string]body)
	bind        func(reportData []byte) []byte
}

func defaultTdxPlan(authorities intelAuthorities) *tdxPlan {
	machine := authorities.defaultPck()
	return &tdxPlan{
		authorities: authorities, pck: machine, quote: defaultTdxQuote(), tcbInfo: defaultTcbInfo(machine),
		qeIdentity: defaultQeIdentity(), rootCrl: defaultIntelCrl(authorities.root),
		pckCrl: defaultIntelCrl(authorities.platformCa),
		bind:   func(reportData []byte) []byte { return reportData },
	}
}

const (
	tcbPath      = "/tdx/certification/v4/tcb?fmspc="
	identityPath = "/tdx/certification/v4/qe/identity"
	pckCrlPath   = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der"
	rootCrlPath  = "/IntelSGXRootCA.der"
)

// evidence makes what signs quotes, and what Intel's services have to answer.
func (plan *tdxPlan) evidence() (issue func(reportData []byte) []byte, service map[string]body) {
	leaf, key := plan.pck.create()
	root := plan.authorities.root.certificate.Raw
	chain := []byte(pemOf(leaf, plan.pck.issuer.certificate.Raw, root))
	signers := pemOf(plan.authorities.tcbSigning.certificate.Raw, root)
	answer := func(content []byte, header, chainPem string) body {
		return body{content: content, header: map[string]string{header: percentEncoded(chainPem)}, chainPem: chainPem}
	}
	signing := plan.authorities.tcbSigning
	service = map[string]body{
		tcbPath + hex.EncodeToString(plan.pck.fmspc): answer(
			signedBody("tcbInfo", plan.tcbInfo.document(), signing), "TCB-Info-Issuer-Chain", signers),
		identityPath: answer(
			signedBody("enclaveIdentity", plan.qeIdentity, signing), "SGX-Enclave-Identity-Issuer-Chain", signers),
		pckCrlPath: answer(plan.pckCrl.create(), "SGX-PCK-CRL-Issuer-Chain",
			pemOf(plan.authorities.platformCa.certificate.Raw, root)),
		rootCrlPath: {content: plan.rootCrl.create()},
	}
	if plan.spoilBodies != nil {
		plan.spoilBodies(service)
	}
	return func(reportData []byte) []byte {
		fields := plan.quote
		fields.reportData = plan.bind(reportData)
		quote := fields.message(key, chain)
		if plan.spoil != nil {
			plan.spoil(quote)
		}
		return encoded(quote)
	}, service
}

// collateralJson is all collateral of a machine in one JSON object, in the form of the shared vectors.
func (plan *tdxPlan) collateralJson(service map[string]body) []byte {
	document := func(path, member string) (text, signature string) {
		var parts map[string]json.RawMessage
		if err := json.Unmarshal(service[path].content, &parts); err != nil {
			panic(err)
		}
		return string(parts[member]), string(bytes.Trim(parts["signature"], `"`))
	}
	tcbPath := tcbPath + hex.EncodeToString(plan.pck.fmspc)
	info, infoSignature := document(tcbPath, "tcbInfo")
	identity, identitySignature := document(identityPath, "enclaveIdentity")
	return compactJson(object{
		"pck_crl_issuer_chain": service[pckCrlPath].chainPem, "tcb_info_issuer_chain": service[tcbPath].chainPem,
		"qe_identity_issuer_chain": service[identityPath].chainPem,
		"root_ca_crl":              hex.EncodeToString(service[rootCrlPath].content),
		"pck_crl":                  hex.EncodeToString(service[pckCrlPath].content),
		"tcb_info":                 info, "tcb_info_signature": infoSignature,
		"qe_identity": identity, "qe_identity_signature": identitySignature,
	})
}

func certificationOf(quote *tdx.QuoteV4) *tdx.QEReportCertificationData {
	return quote.SignedData.CertificationData.QeReportCertificationData
}

func withStatus(status string) func(*tdxPlan, *platform) {
	return func(p *tdxPlan, _ *platform) { p.tcbInfo.levels[0].status = status }
}

// edited replaces a text inside a signed document, without signing it again.
func edited(path, old, replacement string) func(*tdxPlan, *platform) {
	return func(p *tdxPlan, _ *platform) {
		p.spoilBodies = func(service map[string]body) {
			answer := service[path]
			answer.content = bytes.Replace(answer.content, []byte(old), []byte(replacement), 1)
			service[path] = answer
		}
	}
}

// tdxTroubles change one thing each (attestation.md 9.2). Those whose names begin with "fine-" must pass.
var tdxTroubles = map[string]func(plan *tdxPlan, platform *platform){
	"":                  func(*tdxPlan, *platform) {},
	"fine-fmspc-case":   func(p *tdxPlan, _ *platform) { p.tcbInfo.fmspc = upper(p.tcbInfo.fmspc) },
	"fine-trailing-nul": func(p *tdxPlan, _ *platform) { p.spoil = appendNul },
	"fine-extra-bytes":  func(p *tdxPlan, _ *platform) { p.spoil = func(q *tdx.QuoteV4) { q.ExtraBytes = make([]byte, 70) } },
	"fine-shuffled-levels": func(p *tdxPlan, _ *platform) {
		p.tcbInfo.levels = []tcbLevel{p.tcbInfo.levels[1], p.tcbInfo.levels[0]}
	},

	"quote-signature": func(p *tdxPlan, _ *platform) { p.spoil = func(q *tdx.QuoteV4) { q.SignedData.Signature[40] ^= 1 } },
	"qe-report-signature": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { certificationOf(q).QeReportSignature[40] ^= 1 }
	},
	"qe-binding": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { certificationOf(q).QeAuthData.Data[0] ^= 1 }
	},
	"pck-signature": func(p *tdxPlan, _ *platform) { p.pck.issuer.key = newP256() },
	"other-root": func(p *tdxPlan, platform *platform) {
		*p = *defaultTdxPlan(platform.otherIntel())
	},
	"processor-ca":         func(p *tdxPlan, _ *platform) { p.pck.issuer = p.authorities.processorCa() },
	"pck-expired":          func(p *tdxPlan, _ *platform) { p.pck.notAfter = now().Add(-time.Hour) },
	"pck-not-yet-valid":    func(p *tdxPlan, _ *platform) { p.pck.notBefore = now().Add(time.Hour) },
	"pck-revoked":          func(p *tdxPlan, _ *platform) { p.pckCrl.revoked = big.NewInt(pckSerial) },
	"intermediate-revoked": func(p *tdxPlan, _ *platform) { p.rootCrl.revoked = p.authorities.platformCa.certificate.SerialNumber },
	"tcb-signing-revoked":  func(p *tdxPlan, _ *platform) { p.rootCrl.revoked = p.authorities.tcbSigning.certificate.SerialNumber },
	"root-crl-signature":   func(p *tdxPlan, _ *platform) { p.rootCrl.signer = newP256() },
	"pck-crl-signature":    func(p *tdxPlan, _ *platform) { p.pckCrl.signer = newP256() },
	"root-crl-expired":     func(p *tdxPlan, _ *platform) { p.rootCrl.nextUpdate = now().Add(-time.Hour) },
	"pck-crl-expired":      func(p *tdxPlan, _ *platform) { p.pckCrl.nextUpdate = now().Add(-time.Hour) },
	"tcb-info-signature": edited(tcbPath+"c0806f000000", `"tcbEvaluationDataNumber":18`,
		`"tcbEvaluationDataNumber":19`),
	"qe-identity-signature": edited(identityPath, `"tcbEvaluationDataNumber":18`,
		`"tcbEvaluationDataNumber":19`),
	"tcb-info-expired":       func(p *tdxPlan, _ *platform) { p.tcbInfo.nextUpdate = now().Add(-time.Hour) },
	"tcb-info-future":        func(p *tdxPlan, _ *platform) { p.tcbInfo.issueDate = now().Add(48 * time.Hour) },
	"tcb-info-other-fmspc":   func(p *tdxPlan, _ *platform) { p.tcbInfo.fmspc = "00806f050000" },
	"tcb-info-other-pce":     func(p *tdxPlan, _ *platform) { p.tcbInfo.pceID = "0001" },
	"tcb-info-sgx":           func(p *tdxPlan, _ *platform) { p.tcbInfo.id = "SGX" },
	"tcb-info-version-2":     func(p *tdxPlan, _ *platform) { p.tcbInfo.version = 2 },
	"tcb-info-no-levels":     func(p *tdxPlan, _ *platform) { p.tcbInfo.levels = nil },
	"qe-identity-expired":    func(p *tdxPlan, _ *platform) { p.qeIdentity["nextUpdate"] = stamp(now().Add(-time.Hour)) },
	"qe-identity-other-id":   func(p *tdxPlan, _ *platform) { p.qeIdentity["id"] = "QE" },
	"status-sw-hardening":    withStatus("SWHardeningNeeded"),
	"status-configuration":   withStatus("ConfigurationNeeded"),
	"status-both":            withStatus("ConfigurationAndSWHardeningNeeded"),
	"status-out-of-date":     withStatus("OutOfDate"),
	"status-out-of-date-too": withStatus("OutOfDateConfigurationNeeded"),
	"status-revoked":         withStatus("Revoked"),
	"status-unknown":         withStatus("Splendid"),
	"platform-too-old":       func(p *tdxPlan, _ *platform) { p.pck.components[3] = 1 },
	"module-missing":         func(p *tdxPlan, _ *platform) { p.tcbInfo.modules = p.tcbInfo.modules[1:] },
	"module-out-of-date":     func(p *tdxPlan, _ *platform) { p.tcbInfo.modules[0] = seamModule("TDX_01", "OutOfDate") },
	"qe-too-old":             func(p *tdxPlan, _ *platform) { p.quote.qeSvn = 1 },
	"qe-out-of-date":         func(p *tdxPlan, _ *platform) { p.quote.qeSvn = 3 },
	"qe-other-signer":        func(p *tdxPlan, _ *platform) { p.quote.qeMrSigner = make([]byte, 32) },
	"qe-other-product":       func(p *tdxPlan, _ *platform) { p.quote.qeProduct = 1 },
	"qe-misc-select":         func(p *tdxPlan, _ *platform) { p.quote.qeMiscSelect = 1 },
	"qe-debug":               func(p *tdxPlan, _ *platform) { p.quote.qeAttributes[0] |= 2 },
	"debug-td":               func(p *tdxPlan, _ *platform) { p.quote.tdAttributes[0] = 1 },
	"config-id-tail":         func(p *tdxPlan, _ *platform) { p.quote.mrConfigID[47] = 1 },
	"wrong-config-id":        func(p *tdxPlan, _ *platform) { p.quote.mrConfigID[0] ^= 1 },
	"wrong-report-data":      func(p *tdxPlan, _ *platform) { p.bind = func([]byte) []byte { return make([]byte, 64) } },
	"wrong-mr-td":            func(p *tdxPlan, _ *platform) { p.quote.mrTd[0] ^= 1 },
	"wrong-mr-seam":          func(p *tdxPlan, _ *platform) { p.quote.mrSeam[0] ^= 1 },
	"wrong-rtmr-0":           func(p *tdxPlan, _ *platform) { p.quote.rtmrs[0][0] ^= 1 },
	"wrong-rtmr-3":           func(p *tdxPlan, _ *platform) { p.quote.rtmrs[3][0] ^= 1 },
	"wrong-xfam":             func(p *tdxPlan, _ *platform) { p.quote.xfam[1] = 0 },
	"low-tee-tcb-svn":        func(p *tdxPlan, _ *platform) { p.quote.teeTcbSvn[0] = 4 },
	"other-vendor":           func(p *tdxPlan, _ *platform) { p.quote.vendor[0] ^= 1 },
	"signer-seam":            func(p *tdxPlan, _ *platform) { p.quote.mrSignerSeam[0] = 1 },
	"seam-attributes":        func(p *tdxPlan, _ *platform) { p.quote.seamAttributes[0] = 1 },
	"quote-version-3":        func(p *tdxPlan, _ *platform) { p.quote.version = 3 },
	"sgx-quote":              func(p *tdxPlan, _ *platform) { p.quote.teeType = 0 },
	"key-type-3":             func(p *tdxPlan, _ *platform) { p.quote.keyType = 3 },
	"outer-type-5": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { q.SignedData.CertificationData.CertificateDataType = 5 }
	},
	"outer-size": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { q.SignedData.CertificationData.Size += 4096 }
	},
	"signed-data-size": func(p *tdxPlan, _ *platform) { p.spoil = func(q *tdx.QuoteV4) { q.SignedDataSize += 4096 } },
	"chain-size": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { certificationOf(q).PckCertificateChainData.Size += 4096 }
	},
	"auth-data-size": func(p *tdxPlan, _ *platform) {
		p.spoil = func(q *tdx.QuoteV4) { certificationOf(q).QeAuthData.ParsedDataSize += 4096 }
	},
	"chain-of-two": func(p *tdxPlan, _ *platform) { p.spoil = dropLastCertificate },
}

// appendNul ends the chain as some quote providers do.
func appendNul(quote *tdx.QuoteV4) {
	chain := certificationOf(quote).PckCertificateChainData
	chain.PckCertChain = append(chain.PckCertChain, 0)
	resized(quote)
}

func dropLastCertificate(quote *tdx.QuoteV4) {
	chain := certificationOf(quote).PckCertificateChainData
	chain.PckCertChain = chain.PckCertChain[:bytes.LastIndex(chain.PckCertChain, []byte("-----BEGIN"))]
	resized(quote)
}

// resized makes all sizes of a quote fit its chain.
func resized(quote *tdx.QuoteV4) {
	chain := certificationOf(quote).PckCertificateChainData
	difference := uint32(len(chain.PckCertChain)) - chain.Size
	chain.Size += difference
	quote.SignedData.CertificationData.Size += difference
	quote.SignedDataSize += difference
}
