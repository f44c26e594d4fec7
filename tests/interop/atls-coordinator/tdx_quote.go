package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/google/go-tdx-guest/proto/tdx"
	"google.golang.org/protobuf/proto"
)

// tdxQuote are the fields of a quote of version 4 and of the report of its quoting enclave that scenarios set.
type tdxQuote struct {
	version, keyType, teeType uint32
	vendor                    []byte
	teeTcbSvn                 []byte
	mrSeam, mrSignerSeam      []byte
	seamAttributes            []byte
	tdAttributes, xfam        []byte
	mrTd, mrConfigID          []byte
	rtmrs                     [4][]byte
	reportData                []byte
	qeMiscSelect              uint32
	qeAttributes              []byte
	qeMrSigner                []byte
	qeProduct, qeSvn          uint32
}

var qeMrSigner = fromHex("dc9e2a7c6f948f17474e34a7fc43ed030f7c1563f1babddf6340c82e0e54a8c5")

func fromHex(text string) []byte { return must(hex.DecodeString(text)) }

func defaultTdxQuote() tdxQuote {
	measured := func(seed string) []byte {
		digest := sha256.Sum256([]byte(seed))
		return append(digest[:], digest[:16]...)
	}
	return tdxQuote{
		version: 4, keyType: 2, teeType: 0x81, vendor: fromHex("939a7233f79c4ca9940a0db3957f0607"),
		teeTcbSvn: fromHex("05010600000000000000000000000000"), mrSeam: measured("module"),
		mrSignerSeam: make([]byte, 48), seamAttributes: make([]byte, 8),
		tdAttributes: fromHex("0000001000000000"), xfam: fromHex("e702060000000000"),
		mrTd: measured("td"), mrConfigID: append(append([]byte{}, policyHash[:]...), make([]byte, 16)...),
		rtmrs:        [4][]byte{measured("rtmr 0"), measured("rtmr 1"), measured("rtmr 2"), measured("rtmr 3")},
		qeAttributes: fromHex("1100000000000000e700000000000000"), qeMrSigner: qeMrSigner, qeProduct: 2, qeSvn: 6,
	}
}

// header is the 48 bytes that stand in front of a quote (Intel TDX DCAP quoting library API, A.3.1).
func (q tdxQuote) header() []byte {
	header := make([]byte, 48)
	binary.LittleEndian.PutUint16(header[0:], uint16(q.version))
	binary.LittleEndian.PutUint16(header[2:], uint16(q.keyType))
	binary.LittleEndian.PutUint32(header[4:], q.teeType)
	copy(header[12:], q.vendor)
	return header
}

// body is the 584 bytes of a report of TDX 1.0 (A.3.2).
func (q tdxQuote) body() []byte {
	body := make([]byte, 584)
	copy(body[0x000:], q.teeTcbSvn)
	copy(body[0x010:], q.mrSeam)
	copy(body[0x040:], q.mrSignerSeam)
	copy(body[0x070:], q.seamAttributes)
	copy(body[0x078:], q.tdAttributes)
	copy(body[0x080:], q.xfam)
	copy(body[0x088:], q.mrTd)
	copy(body[0x0b8:], q.mrConfigID)
	for index, rtmr := range q.rtmrs {
		copy(body[0x148+48*index:], rtmr)
	}
	copy(body[0x208:], q.reportData)
	return body
}

// qeReport is the 384 bytes that the machine's certified key signs (A.3.10).
func (q tdxQuote) qeReport(reportData []byte) []byte {
	report := make([]byte, 384)
	binary.LittleEndian.PutUint32(report[0x010:], q.qeMiscSelect)
	copy(report[0x030:], q.qeAttributes)
	copy(report[0x080:], q.qeMrSigner)
	binary.LittleEndian.PutUint16(report[0x100:], uint16(q.qeProduct))
	binary.LittleEndian.PutUint16(report[0x102:], uint16(q.qeSvn))
	copy(report[0x140:], reportData)
	return report
}

// rawSignature is r then s, 32 bytes each, over the SHA-256 of a message.
func rawSignature(key *ecdsa.PrivateKey, message []byte) []byte {
	digest := sha256.Sum256(message)
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		panic(err)
	}
	return append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
}

// message signs a quote and returns it in the form of the certificate extension, before any change.
func (q tdxQuote) message(pckKey *ecdsa.PrivateKey, chainPem []byte) *tdx.QuoteV4 {
	attestationKey := newP256()
	point := must(attestationKey.PublicKey.Bytes())[1:]
	authData := make([]byte, 32)
	for index := range authData {
		authData[index] = byte(index)
	}
	binding := sha256.Sum256(append(append([]byte{}, point...), authData...))
	report := q.qeReport(append(binding[:], make([]byte, 32)...))
	header, body := q.header(), q.body()
	inner := 384 + 64 + 2 + len(authData) + 2 + 4 + len(chainPem)
	return &tdx.QuoteV4{
		Header: &tdx.Header{
			Version: q.version, AttestationKeyType: q.keyType, TeeType: q.teeType,
			PceSvn: header[8:10], QeSvn: header[10:12], QeVendorId: header[12:28], UserData: header[28:48],
		},
		TdQuoteBody: &tdx.TDQuoteBody{
			TeeTcbSvn: body[:0x10], MrSeam: body[0x10:0x40], MrSignerSeam: body[0x40:0x70], SeamAttributes: body[0x70:0x78],
			TdAttributes: body[0x78:0x80], Xfam: body[0x80:0x88], MrTd: body[0x88:0xb8], MrConfigId: body[0xb8:0xe8],
			MrOwner: body[0xe8:0x118], MrOwnerConfig: body[0x118:0x148],
			Rtmrs:      [][]byte{body[0x148:0x178], body[0x178:0x1a8], body[0x1a8:0x1d8], body[0x1d8:0x208]},
			ReportData: body[0x208:0x248],
		},
		SignedDataSize: uint32(64 + 64 + 2 + 4 + inner),
		SignedData: &tdx.Ecdsa256BitQuoteV4AuthData{
			Signature: rawSignature(attestationKey, append(header, body...)), EcdsaAttestationKey: point,
			CertificationData: &tdx.CertificationData{
				CertificateDataType: 6, Size: uint32(inner),
				QeReportCertificationData: &tdx.QEReportCertificationData{
					QeReport: &tdx.EnclaveReport{
						CpuSvn: report[:0x10], MiscSelect: q.qeMiscSelect, Reserved1: report[0x14:0x30],
						Attributes: report[0x30:0x40], MrEnclave: report[0x40:0x60], Reserved2: report[0x60:0x80],
						MrSigner: report[0x80:0xa0], Reserved3: report[0xa0:0x100], IsvProdId: q.qeProduct, IsvSvn: q.qeSvn,
						Reserved4: report[0x104:0x140], ReportData: report[0x140:],
					},
					QeReportSignature:       rawSignature(pckKey, report),
					QeAuthData:              &tdx.QeAuthData{ParsedDataSize: uint32(len(authData)), Data: authData},
					PckCertificateChainData: &tdx.PCKCertificateChainData{CertificateDataType: 5, Size: uint32(len(chainPem)), PckCertChain: chainPem},
				},
			},
		},
	}
}

func encoded(quote *tdx.QuoteV4) []byte { return must(proto.Marshal(quote)) }
