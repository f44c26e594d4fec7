package main

import (
	"bytes"
	"context"
	"crypto"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// rawMessages hands the bytes of messages through; the handlers decode them.
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

// userAPI answers the calls of one scenario.
type userAPI struct {
	state *coordinator
	// Replaces the answer of every call; nil in most scenarios.
	answer func(ctx context.Context) ([]byte, error)
}

type handler = func(api *userAPI, ctx context.Context, request []byte) ([]byte, error)

var methods = map[string]handler{
	"SetManifest": func(api *userAPI, ctx context.Context, message []byte) ([]byte, error) {
		request, err := decodeSetManifestRequest(message)
		if err != nil {
			return nil, err
		}
		response, err := api.state.setManifest(request, peerKey(ctx))
		return response.encode(), err
	},
	"GetManifests": func(api *userAPI, _ context.Context, _ []byte) ([]byte, error) {
		response, err := api.state.getManifests()
		return response.encode(), err
	},
	"Recover": func(api *userAPI, ctx context.Context, message []byte) ([]byte, error) {
		request, err := decodeRecoverRequest(message)
		if err != nil {
			return nil, err
		}
		return []byte{}, api.state.recover(request, peerKey(ctx))
	},
}

// currentService is the name since version 1.4; legacyService the one before.
const (
	currentService = "edgelesssys.contrast.userapi.UserAPI"
	legacyService  = "userapi.UserAPI"
)

// newGrpcServer serves the user API under the given names.
func newGrpcServer(transport credentials.TransportCredentials, api *userAPI, services []string) *grpc.Server {
	server := grpc.NewServer(grpc.Creds(transport), grpc.ForceServerCodec(rawMessages{}))
	for _, name := range services {
		description := &grpc.ServiceDesc{ServiceName: name, HandlerType: (*any)(nil)}
		for method, handle := range methods {
			description.Methods = append(description.Methods, grpc.MethodDesc{
				MethodName: method,
				Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
					var request []byte
					if err := decode(&request); err != nil {
						return nil, err
					}
					if api.answer != nil {
						return api.answer(ctx)
					}
					return handle(api, ctx, request)
				},
			})
		}
		server.RegisterService(description, api)
	}
	return server
}

// peerKey is the public key of the client's certificate; nil without one.
func peerKey(ctx context.Context) crypto.PublicKey {
	caller, _ := peer.FromContext(ctx)
	info, ok := caller.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return nil
	}
	return info.State.PeerCertificates[0].PublicKey
}
