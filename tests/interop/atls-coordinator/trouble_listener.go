package main

import (
	"net"
	"sync"
)

// connectionTroubles spoil connections below TLS. A connection that stalls stays open until the program ends.
var connectionTroubles = map[string]func(net.Conn) net.Conn{
	"stall-tcp":         func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 0, then: stall} },
	"stall-handshake":   func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 200, then: stall} },
	"reset-tcp":         func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 0, then: reset} },
	"reset-handshake":   func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 200, then: reset} },
	"garbage-tcp":       func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 0, then: garbage} },
	"garbage-handshake": func(connection net.Conn) net.Conn { return &spoilt{Conn: connection, limit: 200, then: garbage} },
}

// spoilt writes `limit` bytes as it should and then does something else.
type spoilt struct {
	net.Conn
	limit int
	then  func(connection net.Conn)
	once  sync.Once
}

func (s *spoilt) Write(content []byte) (int, error) {
	rest := min(s.limit, len(content))
	s.limit -= rest
	if _, err := s.Conn.Write(content[:rest]); err != nil {
		return 0, err
	}
	if rest < len(content) {
		s.once.Do(func() { s.then(s.Conn) })
	}
	return len(content), nil
}

// Close leaves a stalled peer in the dark: only the end of the program closes its connection.
func (s *spoilt) Close() error { return nil }

func stall(net.Conn) {}

func reset(connection net.Conn) {
	if tcp, ok := connection.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = connection.Close()
}

func garbage(connection net.Conn) {
	_, _ = connection.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"))
	_ = connection.Close()
}

// troubleListener hands out spoilt connections.
type troubleListener struct {
	net.Listener
	spoil func(net.Conn) net.Conn
}

func (l troubleListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.spoil(connection), nil
}
