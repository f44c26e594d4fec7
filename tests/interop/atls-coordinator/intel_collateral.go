package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// object is a JSON object; its members are written in alphabetical order.
type object = map[string]any

type tcbLevel struct {
	sgx, pceSvn, seamMinor, loader int
	status                         string
}

// tcbInfo says what a TCB info document states.
type tcbInfo struct {
	id                    string
	version               int
	fmspc, pceID          string
	issueDate, nextUpdate time.Time
	levels                []tcbLevel
	modules               []object
}

func defaultTcbInfo(machine pck) tcbInfo {
	return tcbInfo{
		id: "TDX", version: 3, fmspc: hex.EncodeToString(machine.fmspc), pceID: hex.EncodeToString(machine.pceID),
		issueDate: now().AddDate(0, 0, -5), nextUpdate: now().AddDate(0, 0, 25),
		levels:  []tcbLevel{{4, 13, 4, 6, "UpToDate"}, {2, 11, 2, 2, "OutOfDate"}},
		modules: []object{seamModule("TDX_01", "UpToDate"), seamModule("TDX_03", "UpToDate")},
	}
}

func seamModule(id, status string) object {
	return object{
		"id": id, "mrsigner": hexZeros(48), "attributes": hexZeros(8), "attributesMask": "FFFFFFFFFFFFFFFF",
		"tcbLevels": []object{svnLevel(4, status), svnLevel(2, "OutOfDate")},
	}
}

func svnLevel(svn int, status string) object {
	return object{"tcb": object{"isvsvn": svn}, "tcbDate": "2026-02-13T00:00:00Z", "tcbStatus": status}
}

func hexZeros(bytes int) string { return hex.EncodeToString(make([]byte, bytes)) }

func (info tcbInfo) document() object {
	levels := []object{}
	for _, level := range info.levels {
		sgx, seam := make([]object, 16), make([]object, 16)
		for index := range sgx {
			sgx[index], seam[index] = object{"svn": level.sgx}, object{"svn": 0}
		}
		seam[0]["svn"], seam[2]["svn"] = level.seamMinor, level.loader
		levels = append(levels, object{
			"tcb":     object{"sgxtcbcomponents": sgx, "pcesvn": level.pceSvn, "tdxtcbcomponents": seam},
			"tcbDate": "2026-02-13T00:00:00Z", "tcbStatus": level.status,
		})
	}
	return object{
		"id": info.id, "version": info.version, "issueDate": stamp(info.issueDate), "nextUpdate": stamp(info.nextUpdate),
		"fmspc": info.fmspc, "pceId": info.pceID, "tcbType": 0, "tcbEvaluationDataNumber": 18,
		"tdxModule":           object{"mrsigner": hexZeros(48), "attributes": hexZeros(8), "attributesMask": "FFFFFFFFFFFFFFFF"},
		"tdxModuleIdentities": info.modules, "tcbLevels": levels,
	}
}

// defaultQeIdentity is the document about the quoting enclave; scenarios replace members.
func defaultQeIdentity() object {
	return object{
		"id": "TD_QE", "version": 2, "issueDate": stamp(now().AddDate(0, 0, -5)),
		"nextUpdate": stamp(now().AddDate(0, 0, 25)), "tcbEvaluationDataNumber": 18,
		"miscselect": "00000000", "miscselectMask": "FFFFFFFF",
		"attributes": "11000000000000000000000000000000", "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
		"mrsigner": hex.EncodeToString(qeMrSigner), "isvprodid": 2,
		"tcbLevels": []object{svnLevel(4, "UpToDate"), svnLevel(2, "OutOfDate")},
	}
}

func stamp(at time.Time) string { return at.Format(time.RFC3339) }

// signedBody is a document as Intel's service sends it: the signature is over the bytes of the inner object.
func signedBody(member string, document object, signer authority) []byte {
	inner := compactJson(document)
	signature := rawSignature(p256Of(signer), inner)
	return fmt.Appendf(nil, `{"%s":%s,"signature":"%s"}`, member, inner, hex.EncodeToString(signature))
}

func compactJson(value any) []byte {
	text := must(json.Marshal(value))
	return bytes.TrimSpace(text)
}
