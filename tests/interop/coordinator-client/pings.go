package main

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"time"

	"golang.org/x/net/http2"
)

type pingCommand struct {
	peerCommand
	Count int `json:"count"`
}

type pingAnswer struct {
	Acknowledged int `json:"acknowledged"`
	// Why the server ended the connection; empty where it did not.
	GoAway string `json:"goAway"`
	// Upper bounds that the server told.
	MaxStreams int `json:"maxStreams"`
}

// pingOften speaks HTTP/2 by hand: it asks for signs of life without a pause, as no well-behaved client does.
func pingOften(command pingCommand) (any, error) {
	client, err := command.client()
	if err != nil {
		return nil, err
	}
	connection, err := tls.Dial("tcp", command.Address, client.config())
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(connection, http2.ClientPreface); err != nil {
		return nil, err
	}
	framer := http2.NewFramer(connection, connection)
	if err := framer.WriteSettings(); err != nil {
		return nil, err
	}
	for index := range command.Count {
		var data [8]byte
		binary.BigEndian.PutUint64(data[:], uint64(index))
		if err := framer.WritePing(false, data); err != nil {
			return nil, err
		}
	}
	answer := pingAnswer{}
	for answer.Acknowledged < command.Count && answer.GoAway == "" {
		frame, err := framer.ReadFrame()
		if err != nil {
			return answer, err
		}
		switch frame := frame.(type) {
		case *http2.SettingsFrame:
			if streams, told := frame.Value(http2.SettingMaxConcurrentStreams); told {
				answer.MaxStreams = int(streams)
			}
		case *http2.GoAwayFrame:
			answer.GoAway = frame.ErrCode.String()
		case *http2.PingFrame:
			if !frame.IsAck() || binary.BigEndian.Uint64(frame.Data[:]) != uint64(answer.Acknowledged) {
				return nil, errors.New("not the answer to the next ping")
			}
			answer.Acknowledged++
		}
	}
	return answer, nil
}
