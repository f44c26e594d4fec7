// Command go-manifest decodes manifests with Go's encoding/json into the structures of version 1.4 and encodes them
// again. It reads one base64 text a line and answers each with one line: base64 of the result, or "error".
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
)

type hexString string

type svn uint8

func (s svn) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(int(s))), nil }

func (s *svn) UnmarshalJSON(data []byte) error {
	var value float64
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	if value < 0 || value > 255 {
		return errors.New("value out of range for uint8")
	}
	*s = svn(value)
	return nil
}

type snpTCB struct {
	BootloaderVersion *svn
	TEEVersion        *svn
	SNPVersion        *svn
	MicrocodeVersion  *svn
}

type snpReferenceValues struct {
	MinimumTCB         snpTCB
	ProductName        string
	TrustedMeasurement hexString
}

type tdxReferenceValues struct {
	MrTd             hexString
	Rtrms            [4]hexString
	MinimumQeSvn     *uint16
	MinimumPceSvn    *uint16
	MinimumTeeTcbSvn hexString
	MrSeam           hexString
	TdAttributes     hexString
	Xfam             hexString
}

type referenceValues struct {
	SNP []snpReferenceValues `json:"snp,omitempty"`
	TDX []tdxReferenceValues `json:"tdx,omitempty"`
}

type policyEntry struct {
	SANs             []string
	WorkloadSecretID string `json:",omitempty"`
}

type manifest struct {
	Policies                map[hexString]policyEntry
	ReferenceValues         referenceValues
	WorkloadOwnerKeyDigests []hexString
	SeedshareOwnerPubKeys   []hexString
}

func convert(line []byte) (string, error) {
	input, err := base64.StdEncoding.DecodeString(string(line))
	if err != nil {
		return "", err
	}
	var value manifest
	if err := json.Unmarshal(input, &value); err != nil {
		return "", err
	}
	// generate always writes an object here.
	if value.Policies == nil {
		value.Policies = map[hexString]policyEntry{}
	}
	output, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(append(output, '\n')), nil
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for scanner.Scan() {
		result, err := convert(scanner.Bytes())
		if err != nil {
			result = "error"
		}
		fmt.Fprintln(out, result)
	}
}
