// Command attestation-peers judges evidence with go-sev-guest and go-tdx-guest.
//
// It reads cases from standard input, one JSON object a line, and answers each with one line: `answer accepted`, or
// `answer` with the reason of the refusal as a JSON string; the libraries write their log between them. Nothing is
// fetched: what a case does not bring is not there.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// testCase is one piece of evidence with everything that the judgement depends on. Bytes are base64 in JSON.
type testCase struct {
	Tee string    `json:"tee"`
	At  time.Time `json:"at"`
	// PEM of the trusted certificates; the libraries' own where it is empty.
	Roots string `json:"roots"`
	// Whether revocation lists are asked for.
	Revocation bool `json:"revocation"`
	// The content of a certificate extension; else raw evidence.
	Extension []byte `json:"extension"`
	Raw       []byte `json:"raw"`

	Snp snpCase `json:"snp"`
	Tdx tdxCase `json:"tdx"`
}

func main() {
	input := bufio.NewReader(os.Stdin)
	for {
		line, err := input.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		var next testCase
		if err := json.Unmarshal(line, &next); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := next.judge(); err != nil {
			reason, _ := json.Marshal(err.Error())
			fmt.Printf("answer %s\n", reason)
			continue
		}
		fmt.Println("answer accepted")
	}
}

// judge turns a panic of a library into a refusal that says so.
func (c testCase) judge() (err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("panic: %v", reason)
		}
	}()
	if c.Tee == "snp" {
		return c.judgeSnp()
	}
	return c.judgeTdx()
}
