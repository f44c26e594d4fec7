// Command atls-coordinator is a Coordinator that was written from the specification, with grpc-go over crypto/tls.
//
// It reads commands from standard input, one JSON object a line, and answers each with one line on standard output:
//
//	{"do":"start","name":"a","tee":"snp",…}   {"name":"a","address":"127.0.0.1:40001","mirror":"http://127.0.0.1:40002"}
//	{"do":"restart","name":"a"}               {"name":"a"}
//
// The first line of the answers tells what a manifest has to trust, where the roots are, and which faults evidence can
// have. The program ends with its input. With -selftest it attests itself with a client in Go and ends.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

type command struct {
	Do string `json:"do"`
	scenario
}

func main() {
	folder := flag.String("folder", ".", "where roots and collateral are written")
	selftest := flag.Bool("selftest", false, "attest with a client in Go, then end")
	flag.Parse()
	platform := newPlatform()
	if *selftest {
		fail(runSelftest(platform, *folder))
		return
	}
	roots := map[string]string{}
	for _, chain := range []string{"own", "google", "google-refined"} {
		roots[chain] = filepath.Join(*folder, chain+"-roots.pem")
		fail(os.WriteFile(roots[chain], []byte(platform.rootsPem(chain)), 0o600))
	}
	evidence := object{"snp": sortedKeys(snpTroubles), "tdx": sortedKeys(tdxTroubles)}
	answer(object{"reference": reference(), "roots": roots, "evidence": evidence})

	started := map[string]*running{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var next command
		fail(json.Unmarshal(lines.Bytes(), &next))
		switch next.Do {
		case "start":
			result, err := next.start(platform, *folder)
			fail(err)
			started[next.Name] = result
			answer(result)
		case "restart":
			started[next.Name].state.restart()
			answer(object{"name": next.Name})
		default:
			fail(fmt.Errorf("no command %q", next.Do))
		}
	}
}

func answer(value any) { fmt.Println(string(compactJson(value))) }

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
