package main

import (
	"context"
	"crypto/tls"
	"net"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// afterHandshake are servers that finish the handshake and then do not speak HTTP/2.
var afterHandshake = map[string]func(connection *tls.Conn){
	"stall-http2":   func(*tls.Conn) {},
	"no-http2":      func(*tls.Conn) {},
	"reset-http2":   func(connection *tls.Conn) { reset(connection.NetConn()) },
	"close-http2":   func(connection *tls.Conn) { _ = connection.Close() },
	"garbage-http2": func(connection *tls.Conn) { _, _ = connection.Write([]byte(strings.Repeat("garbage ", 64))) },
}

// serveAfterHandshake accepts connections until the listener is closed.
func serveAfterHandshake(listener net.Listener, config *tls.Config, behave func(*tls.Conn)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			secured := tls.Server(connection, config)
			if secured.Handshake() == nil {
				behave(secured)
			}
		}()
	}
}

const mebibyte = 1 << 20

// callTroubles answer every call in their own way.
var callTroubles = map[string]func(ctx context.Context) ([]byte, error){
	"stall-call":       func(ctx context.Context) ([]byte, error) { <-ctx.Done(); return nil, ctx.Err() },
	"internal-error":   func(context.Context) ([]byte, error) { return nil, status.Error(codes.Internal, "disk on fire") },
	"unavailable":      func(context.Context) ([]byte, error) { return nil, status.Error(codes.Unavailable, "come back later") },
	"garbage-answer":   func(context.Context) ([]byte, error) { return []byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f}, nil },
	"answer-too-large": func(context.Context) ([]byte, error) { return largeAnswer(514 * mebibyte), nil },
	"recovery-1.4": func(context.Context) ([]byte, error) {
		return nil, status.Error(codes.Internal, "syncing: coordinator is in recovery mode")
	},
}

// largeAnswer is a well-formed list of manifests with one large policy.
func largeAnswer(size int) []byte {
	return getManifestsResponse{policies: [][]byte{make([]byte, size)}}.encode()
}
