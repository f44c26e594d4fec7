package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/status"
)

type callCommand struct {
	peerCommand
	// The current name of the user API where it is empty.
	Service string  `json:"service"`
	Method  string  `json:"method"`
	Request request `json:"request"`
	// Sent in place of the request.
	Raw []byte `json:"raw"`
	// As many bytes more of policies as this, for large requests.
	ExtraBytes int  `json:"extraBytes"`
	TimeoutMs  int  `json:"timeoutMs"`
	Gzip       bool `json:"gzip"`
}

type callAnswer struct {
	// Name of the status code; "OK" with a response.
	Code    string `json:"code"`
	Message string `json:"message"`
	// How many details the status has.
	Details  int      `json:"details"`
	Response response `json:"response"`
}

func (c callCommand) path() string {
	service := c.Service
	if service == "" {
		service = "edgelesssys.contrast.userapi.UserAPI"
	}
	return "/" + service + "/" + c.Method
}

func (c callCommand) message() []byte {
	if c.Raw != nil {
		return c.Raw
	}
	message := c.Request.encode(c.Method)
	if c.ExtraBytes > 0 {
		message = appendBytes(message, 2, make([]byte, c.ExtraBytes))
	}
	return message
}

func (c callCommand) context() (context.Context, context.CancelFunc) {
	timeout := 20 * time.Second
	if c.TimeoutMs > 0 {
		timeout = time.Duration(c.TimeoutMs) * time.Millisecond
	}
	return context.WithTimeout(context.Background(), timeout)
}

// answer is that of the server, or of grpc-go where there is none.
func (c callCommand) answer(message []byte, err error) (any, error) {
	result := callAnswer{Code: status.Code(err).String()}
	if err == nil {
		return result, result.Response.decode(c.Method, message)
	}
	told := status.Convert(err)
	result.Message, result.Details = told.Message(), len(told.Details())
	return result, nil
}

// callUserAPI makes one call.
func callUserAPI(command callCommand) (any, error) {
	if err := command.Request.seal(); err != nil {
		return nil, err
	}
	connection, release, err := command.open()
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := command.context()
	defer cancel()
	options := []grpc.CallOption{}
	if command.Gzip {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	var message []byte
	err = connection.Invoke(ctx, command.path(), command.message(), &message, options...)
	return command.answer(message, err)
}

type holdCommand struct {
	callCommand
	Name string `json:"name"`
}

type heldCall struct {
	command callCommand
	stream  grpc.ClientStream
	end     func()
}

var held sync.Map

// holdCall begins a call whose request comes later; to the server this is a call under way.
func holdCall(command holdCommand) (any, error) {
	connection, release, err := command.open()
	if err != nil {
		return nil, err
	}
	ctx, cancel := command.context()
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, command.path())
	end := func() { cancel(); release() }
	if err != nil {
		end()
		return nil, err
	}
	held.Store(command.Name, heldCall{command.callCommand, stream, end})
	return object{}, nil
}

type finishCommand struct {
	Name string `json:"name"`
	// Whether the request is never sent.
	Silent bool `json:"silent"`
}

// finishCall sends the request of a call that was begun, and takes its answer.
func finishCall(command finishCommand) (any, error) {
	found, known := held.LoadAndDelete(command.Name)
	if !known {
		return nil, fmt.Errorf("no call %q", command.Name)
	}
	call := found.(heldCall)
	defer call.end()
	if !command.Silent {
		if err := errors.Join(call.stream.SendMsg(call.command.message()), call.stream.CloseSend()); err != nil {
			return nil, err
		}
	}
	var message []byte
	err := call.stream.RecvMsg(&message)
	return call.command.answer(message, err)
}
