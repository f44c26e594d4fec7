package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"
	"math/big"

	"github.com/google/go-sev-guest/proto/sevsnp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Guest policy bits (AMD 56860, GUEST_POLICY).
const (
	policySmt      = 1 << 16
	policyReserved = 1 << 17
	policyDebug    = 1 << 19
)

// snpReport are the fields of a report that scenarios set; the others are zero.
type snpReport struct {
	version      uint32
	policy       uint64
	vmpl         uint32
	algorithm    uint32
	platformInfo uint64
	signerInfo   uint32
	reportData   []byte
	measurement  []byte
	hostData     []byte
	chipID       []byte
	cpuidModel   byte
	current      tcb
	reported     tcb
	committed    tcb
	launch       tcb
}

// encode writes the signed part of a report of 1184 bytes (AMD 56860, ATTESTATION_REPORT).
func (r snpReport) encode() []byte {
	report := make([]byte, 0x4a0)
	little := binary.LittleEndian
	little.PutUint32(report[0x00:], r.version)
	little.PutUint64(report[0x08:], r.policy)
	little.PutUint32(report[0x30:], r.vmpl)
	little.PutUint32(report[0x34:], r.algorithm)
	little.PutUint64(report[0x38:], r.current.bits())
	little.PutUint64(report[0x40:], r.platformInfo)
	little.PutUint32(report[0x48:], r.signerInfo)
	copy(report[0x50:], r.reportData)
	copy(report[0x90:], r.measurement)
	copy(report[0xc0:], r.hostData)
	for index := 0x160; index < 0x180; index++ {
		report[index] = 0xff
	}
	little.PutUint64(report[0x180:], r.reported.bits())
	if r.version >= 3 {
		copy(report[0x188:], []byte{0x19, r.cpuidModel, 0x01})
	}
	copy(report[0x1a0:], r.chipID)
	little.PutUint64(report[0x1e0:], r.committed.bits())
	copy(report[0x1e8:], []byte{21, 55, 1, 0, 21, 55, 1})
	little.PutUint64(report[0x1f0:], r.launch.bits())
	return report
}

// signReport puts R and S into the signature area, each as a little-endian number of 72 bytes.
func signReport(report []byte, key *ecdsa.PrivateKey) {
	digest := sha512.Sum384(report[:0x2a0])
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		panic(err)
	}
	put := func(area []byte, number *big.Int) {
		big := number.Bytes()
		for index := range big {
			area[index] = big[len(big)-1-index]
		}
	}
	put(report[0x2a0:0x2e8], r)
	put(report[0x2e8:0x330], s)
}

// snpMessage is the report in the form of the certificate extension, of any bytes: also of those that the library
// would refuse.
func snpMessage(report []byte, chain *sevsnp.CertificateChain, product sevsnp.SevProduct_SevProductName) []byte {
	little := binary.LittleEndian
	message := &sevsnp.Report{
		Version: little.Uint32(report[0x00:]), GuestSvn: little.Uint32(report[0x04:]), Policy: little.Uint64(report[0x08:]),
		FamilyId: report[0x10:0x20], ImageId: report[0x20:0x30], Vmpl: little.Uint32(report[0x30:]),
		SignatureAlgo: little.Uint32(report[0x34:]), CurrentTcb: little.Uint64(report[0x38:]),
		PlatformInfo: little.Uint64(report[0x40:]), SignerInfo: little.Uint32(report[0x48:]),
		ReportData: report[0x50:0x90], Measurement: report[0x90:0xc0], HostData: report[0xc0:0xe0],
		IdKeyDigest: report[0xe0:0x110], AuthorKeyDigest: report[0x110:0x140], ReportId: report[0x140:0x160],
		ReportIdMa: report[0x160:0x180], ReportedTcb: little.Uint64(report[0x180:]), ChipId: report[0x1a0:0x1e0],
		CommittedTcb: little.Uint64(report[0x1e0:]),
		CurrentBuild: uint32(report[0x1e8]), CurrentMinor: uint32(report[0x1e9]), CurrentMajor: uint32(report[0x1ea]),
		CommittedBuild: uint32(report[0x1ec]), CommittedMinor: uint32(report[0x1ed]), CommittedMajor: uint32(report[0x1ee]),
		LaunchTcb: little.Uint64(report[0x1f0:]), Signature: report[0x2a0:0x4a0],
	}
	if family := uint32(report[0x188]); family != 0 {
		model, stepping := uint32(report[0x189]), uint32(report[0x18a])
		message.Cpuid1EaxFms = (family-15)<<20 | (model>>4)<<16 | 15<<8 | (model&15)<<4 | stepping
	}
	return must(proto.Marshal(&sevsnp.Attestation{
		Report: message, CertificateChain: chain,
		Product: &sevsnp.SevProduct{Name: product, MachineStepping: wrapperspb.UInt32(0)},
	}))
}
