// Command coordinator-client is a client of Coordinators that was written from the specification, with grpc-go over
// crypto/tls; the libraries of Google judge the evidence of its servers.
//
// It reads commands from standard input, one JSON object a line, does all of them at once, and answers each with one line
// on standard output that has the same "id":
//
//	{"id":1,"do":"key","name":"owner","kind":"p384"}   {"id":1,"digest":"29f8…"}
//	{"id":2,"do":"call","method":"GetManifests",…}     {"id":2,"code":"FailedPrecondition","message":"…"}
//
// An answer with the member "failure" says that the command itself could not be done. The program ends with its input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

type object = map[string]any

// commands does what a line says; its members are those of the command's own type.
var commands = map[string]func(line []byte) (any, error){
	"key":        decoded(makeKey),
	"open-share": decoded(openShare),
	"trust":      decoded(addTrust),
	"call":       decoded(callUserAPI),
	"hold":       decoded(holdCall),
	"finish":     decoded(finishCall),
	"mesh":       decoded(getMeshCertificate),
	"verify":     decoded(verifyMeshCertificate),
	"mutual":     decoded(connectMutually),
	"pings":      decoded(pingOften),
}

func decoded[T any](do func(T) (any, error)) func([]byte) (any, error) {
	return func(line []byte) (any, error) {
		var command T
		if err := json.Unmarshal(line, &command); err != nil {
			return nil, err
		}
		return do(command)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 64*mebibyte)
	var running sync.WaitGroup
	for lines.Scan() {
		line := append([]byte{}, lines.Bytes()...)
		running.Go(func() { answer(line) })
	}
	running.Wait()
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

var output sync.Mutex

func answer(line []byte) {
	var command struct {
		ID int    `json:"id"`
		Do string `json:"do"`
	}
	result, err := any(nil), json.Unmarshal(line, &command)
	if do, known := commands[command.Do]; err == nil && known {
		result, err = do(line)
	} else if err == nil {
		err = fmt.Errorf("no command %q", command.Do)
	}
	if err != nil {
		result = object{"failure": err.Error()}
	}
	members := object{}
	if err := json.Unmarshal(must(json.Marshal(result)), &members); err != nil {
		panic(err)
	}
	members["id"] = command.ID
	output.Lock()
	defer output.Unlock()
	fmt.Printf("%s\n", must(json.Marshal(members)))
}

// must ends the program where only a mistake of it can be the cause.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
