package room

import (
	"time"

	"tictac/game"
)

// A Command is something that somebody wants to happen in a room, or a fact of
// the world it must know of. Whoever acts for a seat proves it by the seat's
// key, so that a socket of a player whose seat was freed cannot act for the
// next one who sits there.
type Command interface{ command() }

// Commands of players and spectators.
type (
	// Create opens a room that does not exist yet, in a store that has been in
	// use without a gap since UpSince.
	Create struct {
		Code, Key, Name, Who string
		Rules                Rules
		UpSince              Instant
		Open                 bool          // for quick match
		Turn                 time.Duration // how long a player may think, 0 for as long as they like
		Computer             game.Level    // takes the guest's seat at once, for a round that gets RoundID
		RoundID              string
	}
	// Join takes the guest's seat and begins the next round, which gets RoundID.
	// With Matched it is a stranger sent by quick match, who is refused where the
	// host does not wait for one.
	Join struct {
		Key, Name, Who, RoundID string
		Matched                 bool
	}
	// Attach says that a seat has its first socket on a server.
	Attach struct{ Key, Server string }
	// Watch is a spectator's hello.
	Watch struct{}
	// Look is a question: it never changes anything.
	Look struct{}
	// Move writes into a cell. Round and Ply are what the player saw, or -1.
	Move struct {
		Key              string
		Cell, Round, Ply int
	}
	// Rematch asks for another round, which gets RoundID if it begins by this.
	Rematch struct{ Key, RoundID string }
	// Resign gives the round up.
	Resign struct{ Key string }
	// Leave gives the seat up.
	Leave struct{ Key string }
)

// Commands of servers.
type (
	// Detach says that a seat's last socket on a server is gone.
	Detach struct{ Key, Server string }
	// Lost says that a server is dead, with all its sockets.
	Lost struct{ Server string }
	// Resume says that no server could use the store until UpSince: absent
	// players get the full grace from there, by the rules of now.
	Resume struct {
		UpSince Instant
		Rules   Rules
	}
	// Expire says that it may be time: any server may send it at any moment. If
	// the store's index said so (Indexed) and it is not, the index is put right.
	Expire struct {
		Server  string
		Indexed bool
	}
)

func (Create) command()  {}
func (Join) command()    {}
func (Attach) command()  {}
func (Watch) command()   {}
func (Look) command()    {}
func (Move) command()    {}
func (Rematch) command() {}
func (Resign) command()  {}
func (Leave) command()   {}
func (Detach) command()  {}
func (Lost) command()    {}
func (Resume) command()  {}
func (Expire) command()  {}

// A Refusal is why a command was not carried out: it changed nothing. Its text
// is the code on the wire, and refusals are compared with ==.
type Refusal string

// Error is the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	Exists         Refusal = "exists"         // Create: the code is in use; try another
	NotFound       Refusal = "game_not_found" // there is no such room, or it has closed
	Full           Refusal = "game_full"      // Join: both seats are taken
	NotWaiting     Refusal = "not_waiting"    // Join: the host does not wait for a stranger; never told
	BadSeat        Refusal = "bad_seat"       // Attach: the key opens no seat here
	NotSeated      Refusal = "not_seated"     // spectators may only watch
	CellOutOfRange Refusal = "cell_out_of_range"
	NotPlaying     Refusal = "not_playing"
	Stale          Refusal = "stale" // the player saw another round or ply
	NotYourTurn    Refusal = "not_your_turn"
	CellTaken      Refusal = "cell_taken"
	NotOver        Refusal = "not_over"
)
