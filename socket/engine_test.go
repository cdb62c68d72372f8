package socket_test

import (
	"testing"

	"tictac/socket"
)

// An engineMaker makes an engine that tells panicked of panics in handlers.
type engineMaker func(panicked func(value any, stack []byte)) socket.Engine

func TestGoroutines(t *testing.T) {
	testEngine(t, func(panicked func(any, []byte)) socket.Engine {
		return socket.NewGoroutines(socket.Config{Panicked: panicked})
	})
}

// testEngine is the contract of an Engine. Every engine passes all of it.
func testEngine(t *testing.T, newEngine engineMaker) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T, engineMaker){
		"messages":              testMessages,
		"cut into pieces":       testPieces,
		"early bytes":           testEarly,
		"early use":             testEarlyUse,
		"pings":                 testPings,
		"unanswered":            testUnanswered,
		"what breaks the rules": testBroken,
		"too big":               testTooBig,
		"we close":              testWeClose,
		"we close, no answer":   testNoAnswer,
		"we close late":         testLateClose,
		"client closes":         testClientCloses,
		"connection lost":       testLost,
		"slow reader":           testSlowReader,
		"slow reader is closed": testSlowReaderClosed,
		"panics":                testPanics,
		"after the end":         testAfterTheEnd,
		"wait":                  testWait,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newEngine)
		})
	}
}

// quiet is an engine whose handlers must not panic.
func quiet(t *testing.T, newEngine engineMaker) socket.Engine {
	return newEngine(func(value any, stack []byte) { t.Errorf("panic: %v\n%s", value, stack) })
}

// slow leaves a test that waits for seconds to make test.
func slow(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it waits for seconds")
	}
}
