package main

import (
	"net"
	"net/http"
)

// body is one answer of a certificate service.
type body struct {
	content  []byte
	header   map[string]string
	chainPem string
}

// serveMirror answers the requests that a map names, by path and query, and 404 for all others.
//
// @returns its address, such as http://127.0.0.1:40001
func serveMirror(bodies map[string]body) string {
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	go func() {
		_ = http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
			answer, found := bodies[request.URL.RequestURI()]
			if !found {
				http.NotFound(response, request)
				return
			}
			for name, value := range answer.header {
				response.Header().Set(name, value)
			}
			_, _ = response.Write(answer.content)
		}))
	}()
	return "http://" + listener.Addr().String()
}
