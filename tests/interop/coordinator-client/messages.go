package main

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of both APIs (coordinator.md 2.3, 2.4), encoded and decoded field by field. Bytes are base64 in JSON.

type request struct {
	Manifest []byte   `json:"manifest"`
	Policies [][]byte `json:"policies"`
	Seed     []byte   `json:"seed"`
	Salt     []byte   `json:"salt"`
	// Hash of the transition that the manifest shall follow; 32 bytes.
	Previous []byte `json:"previous"`
	// Name of the key that signs the next transition; none where it is empty.
	SignedBy  string `json:"signedBy"`
	signature []byte
}

type response struct {
	RootCa     []byte      `json:"rootCa,omitempty"`
	MeshCa     []byte      `json:"meshCa,omitempty"`
	SeedShares []seedShare `json:"seedShares,omitempty"`
	Salt       []byte      `json:"salt,omitempty"`
	Manifests  [][]byte    `json:"manifests,omitempty"`
	Policies   [][]byte    `json:"policies,omitempty"`
	Transition []byte      `json:"transition,omitempty"`
}

type seedShare struct {
	PublicKey     string `json:"publicKey"`
	EncryptedSeed []byte `json:"encryptedSeed"`
}

// encode makes the request of a method.
func (m request) encode(method string) []byte {
	switch method {
	case "SetManifest":
		message := appendBytes(nil, 1, m.Manifest)
		for _, policy := range m.Policies {
			message = appendBytes(message, 2, policy)
		}
		return appendBytes(appendBytes(message, 3, m.Previous), 4, m.signature)
	case "Recover":
		return appendBytes(appendBytes(nil, 1, m.Seed), 2, m.Salt)
	}
	return []byte{}
}

// decode reads the response of a method.
func (m *response) decode(method string, message []byte) error {
	fields, err := lengthDelimited(message)
	if err != nil {
		return err
	}
	switch method {
	case "SetManifest":
		m.RootCa, m.MeshCa = last(fields[1]), last(fields[2])
		document, err := lengthDelimited(last(fields[3]))
		if err != nil {
			return err
		}
		m.Salt = last(document[2])
		for _, one := range document[1] {
			share, err := lengthDelimited(one)
			if err != nil {
				return err
			}
			m.SeedShares = append(m.SeedShares, seedShare{string(last(share[1])), last(share[2])})
		}
	case "GetManifests":
		m.Manifests, m.Policies, m.RootCa, m.MeshCa = fields[1], fields[2], last(fields[3]), last(fields[4])
		latest, err := lengthDelimited(last(fields[5]))
		if err != nil {
			return err
		}
		m.Transition = last(latest[1])
	case "Recover":
		if len(message) != 0 {
			return fmt.Errorf("the answer to Recover has %d bytes", len(message))
		}
	}
	return nil
}

func appendBytes(message []byte, field protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return message
	}
	return protowire.AppendBytes(protowire.AppendTag(message, field, protowire.BytesType), value)
}

// lengthDelimited collects the fields of a message, all of which hold bytes.
func lengthDelimited(message []byte) (map[protowire.Number][][]byte, error) {
	fields := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 || kind != protowire.BytesType {
			return nil, errors.New("malformed message")
		}
		value, valueSize := protowire.ConsumeBytes(message[size:])
		if valueSize < 0 {
			return nil, errors.New("malformed message")
		}
		fields[number] = append(fields[number], bytes.Clone(value))
		message = message[size+valueSize:]
	}
	return fields, nil
}

func last(values [][]byte) []byte {
	if len(values) == 0 {
		return nil
	}
	return values[len(values)-1]
}

func pemBlocks(text []byte) [][]byte {
	blocks := [][]byte{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		blocks = append(blocks, block.Bytes)
	}
	return blocks
}

// rawMessages hands the bytes of messages through.
type rawMessages struct{}

func (rawMessages) Name() string { return "proto" }

func (rawMessages) Marshal(message any) ([]byte, error) {
	content, ok := message.([]byte)
	if !ok {
		return nil, fmt.Errorf("cannot marshal %T", message)
	}
	return content, nil
}

func (rawMessages) Unmarshal(content []byte, message any) error {
	target, ok := message.(*[]byte)
	if !ok {
		return fmt.Errorf("cannot unmarshal into %T", message)
	}
	*target = bytes.Clone(content)
	return nil
}
