package storetest_test

import (
	"testing"

	"tictac/play"
	"tictac/storetest"
)

// The line in memory, of one server.
func TestLobbyInMemory(t *testing.T) {
	storetest.RunLobby(t, storetest.LobbyEngine{
		Open: func(_ testing.TB, servers int) (lobbies []play.Lobby) {
			line := &play.Line{}
			for range servers {
				lobbies = append(lobbies, line)
			}
			return lobbies
		},
	})
}
