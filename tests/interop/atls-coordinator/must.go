package main

import (
	"log"
	"time"
)

// must ends the program where the making of test data fails, which only a mistake of the program can cause.
func must[T any](value T, err error) T {
	if err != nil {
		log.Panic(err)
	}
	return value
}

// now has no fractions of a second, as the times in certificates.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
