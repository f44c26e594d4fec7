package main

import (
	"crypto/tls"
	"encoding/base64"
	"strings"
	"sync"

	"google.golang.org/grpc"
)

const mebibyte = 1 << 20

// peerCommand says whom a command talks to and how.
type peerCommand struct {
	Address string `json:"address"`
	// Of a channel that is opened when it is used first, and kept; a channel of its own where it is empty.
	Channel string `json:"channel"`
	Key     string `json:"key"`
	Nonce   string `json:"nonce"`
	TLS     string `json:"tls"`
	Trust   string `json:"trust"`
	// Whether the client first offers a key exchange that the server does not have.
	Retry bool `json:"retry"`
}

func (c peerCommand) client() (*atlsClient, error) {
	key, err := namedKey(c.Key)
	if err != nil {
		return nil, err
	}
	judge, err := namedTrust(c.Trust)
	if err != nil {
		return nil, err
	}
	return &atlsClient{key: key, nonceForm: c.Nonce, version: tlsVersion(c.TLS), trust: judge, retry: c.Retry}, nil
}

// tlsVersion is the only version that is spoken; 1.3 unless said otherwise.
func tlsVersion(name string) uint16 {
	if name == "1.2" {
		return tls.VersionTLS12
	}
	return tls.VersionTLS13
}

var (
	channels      = map[string]*grpc.ClientConn{}
	channelsMutex sync.Mutex
)

// open gives a channel, and what to do with it after the call.
func (c peerCommand) open() (connection *grpc.ClientConn, release func(), err error) {
	if c.Channel == "" {
		connection, err = c.dial()
		return connection, func() { _ = connection.Close() }, err
	}
	channelsMutex.Lock()
	defer channelsMutex.Unlock()
	if channels[c.Channel] == nil {
		channels[c.Channel], err = c.dial()
	}
	return channels[c.Channel], func() {}, err
}

func (c peerCommand) dial() (*grpc.ClientConn, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	return dial(c.Address, client)
}

func dial(address string, client *atlsClient) (*grpc.ClientConn, error) {
	// No part of the authority of calls may matter. Some clients send their nonce there; those of Contrast do not, which
	// is well, because Bun's HTTP/2 takes no slash in it.
	authority := strings.ReplaceAll(base64.StdEncoding.EncodeToString(randomBytes(32)), "/", "+")
	return grpc.NewClient("passthrough:///"+address, grpc.WithTransportCredentials(transport{client}), grpc.WithAuthority(authority),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(rawMessages{}), grpc.MaxCallRecvMsgSize(64*mebibyte)))
}
