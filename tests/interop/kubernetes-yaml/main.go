// Reads one request for each line of standard input and answers each with one line of JSON, so that the tests can
// compare our reading of YAML and quantities with that of the Kubernetes libraries.
//
//	{"yaml": "…"}      → {"json": "…"} or {"error": "…"}: sigs.k8s.io/yaml, not strict
//	{"strict": "…"}    → the same with duplicate keys refused
//	{"quantity": "…"}  → {"json": "\"canonical\""} or {"error": "…"}: apimachinery resource.ParseQuantity
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"
)

type request struct {
	Yaml     *string `json:"yaml"`
	Strict   *string `json:"strict"`
	Quantity *string `json:"quantity"`
}

type answer struct {
	JSON  string `json:"json,omitempty"`
	Error string `json:"error,omitempty"`
}

func respond(r request) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{Error: fmt.Sprint(p)}
		}
	}()
	var text []byte
	var err error
	switch {
	case r.Yaml != nil:
		text, err = yaml.YAMLToJSON([]byte(*r.Yaml))
	case r.Strict != nil:
		text, err = yaml.YAMLToJSONStrict([]byte(*r.Strict))
	case r.Quantity != nil:
		var q resource.Quantity
		q, err = resource.ParseQuantity(*r.Quantity)
		if err == nil {
			number, suffix := q.CanonicalizeBytes(nil)
			text, err = json.Marshal(string(number) + string(suffix))
		}
	default:
		err = fmt.Errorf("unknown request")
	}
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{JSON: string(text)}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := encoder.Encode(respond(r)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
