package main

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// The messages of the user API (coordinator.md 2.3), encoded and decoded field by field.

type setManifestRequest struct {
	manifest []byte
	policies [][]byte
}

type setManifestResponse struct {
	rootCa, meshCa []byte
	seedShares     *seedShareDocument
}

type seedShareDocument struct {
	shares []seedShare
	salt   []byte
}

type seedShare struct {
	publicKey     string
	encryptedSeed []byte
}

type getManifestsResponse struct {
	manifests, policies [][]byte
	rootCa, meshCa      []byte
}

type recoverRequest struct{ seed, salt []byte }

func (m setManifestResponse) encode() []byte {
	message := appendBytes(appendBytes(nil, 1, m.rootCa), 2, m.meshCa)
	if m.seedShares == nil {
		return message
	}
	return appendBytes(message, 3, m.seedShares.encode())
}

func (m seedShareDocument) encode() []byte {
	var message []byte
	for _, share := range m.shares {
		one := appendBytes(appendBytes(nil, 1, []byte(share.publicKey)), 2, share.encryptedSeed)
		message = appendBytes(message, 1, one)
	}
	return appendBytes(message, 2, m.salt)
}

func (m getManifestsResponse) encode() []byte {
	var message []byte
	for _, manifest := range m.manifests {
		message = appendBytes(message, 1, manifest)
	}
	for _, policy := range m.policies {
		message = appendBytes(message, 2, policy)
	}
	return appendBytes(appendBytes(message, 3, m.rootCa), 4, m.meshCa)
}

func decodeSetManifestRequest(message []byte) (setManifestRequest, error) {
	fields, err := lengthDelimited(message)
	if err != nil {
		return setManifestRequest{}, err
	}
	return setManifestRequest{last(fields[1]), fields[2]}, nil
}

func decodeRecoverRequest(message []byte) (recoverRequest, error) {
	fields, err := lengthDelimited(message)
	if err != nil {
		return recoverRequest{}, err
	}
	return recoverRequest{last(fields[1]), last(fields[2])}, nil
}

func appendBytes(message []byte, field protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return message
	}
	return protowire.AppendBytes(protowire.AppendTag(message, field, protowire.BytesType), value)
}

// lengthDelimited collects the fields that hold bytes and skips the others.
func lengthDelimited(message []byte) (map[protowire.Number][][]byte, error) {
	fields := map[protowire.Number][][]byte{}
	for len(message) > 0 {
		number, kind, size := protowire.ConsumeTag(message)
		if size < 0 {
			return nil, errors.New("malformed message")
		}
		message = message[size:]
		size = protowire.ConsumeFieldValue(number, kind, message)
		if size < 0 {
			return nil, errors.New("malformed message")
		}
		if kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			fields[number] = append(fields[number], append([]byte{}, value...))
		}
		message = message[size:]
	}
	return fields, nil
}

func last(values [][]byte) []byte {
	if len(values) == 0 {
		return nil
	}
	return values[len(values)-1]
}
