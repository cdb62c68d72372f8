package web

import (
	"math"

	"tictac/game"
	"tictac/history"
	"tictac/room"
)

// The bodies of docs/protocol.md, "More than one game".
type (
	playerBody struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		history.Stats
		Rating    *int `json:"rating,omitempty"`
		Deviation *int `json:"rating_deviation,omitempty"`
	}
	gamesBody struct {
		Games []gameBody `json:"games"`
		Next  string     `json:"next,omitempty"`
	}
	gameBody struct {
		ID       string         `json:"id"`
		Opponent opponentBody   `json:"opponent"`
		Mark     string         `json:"mark"`
		Result   history.Result `json:"result"`
		Ended    room.Ending    `json:"ended"`
		Moves    int            `json:"moves"`
		Rated    bool           `json:"rated"`
		Finished string         `json:"finished"`
		Replay   string         `json:"replay"`
	}
	opponentBody struct {
		ID       string     `json:"id,omitempty"`
		Name     string     `json:"name"`
		Computer game.Level `json:"computer,omitempty"`
	}
	roundBody struct {
		ID       string      `json:"id"`
		Round    int         `json:"round"`
		Host     sideBody    `json:"host"`
		Guest    sideBody    `json:"guest"`
		Began    string      `json:"began"`
		Finished string      `json:"finished"`
		Moves    []moveBody  `json:"moves"`
		Board    string      `json:"board"`
		Ended    room.Ending `json:"ended"`
		Winner   string      `json:"winner"`
		Line     []int       `json:"line"`
		By       string      `json:"by,omitempty"`
		Rated    bool        `json:"rated"`
	}
	sideBody struct {
		opponentBody
		Mark string `json:"mark"`
	}
	moveBody struct {
		Cell int   `json:"cell"`
		At   int64 `json:"at_ms"`
	}
	leadersBody struct {
		Players []leaderBody `json:"players"`
	}
	leaderBody struct {
		Rank      int    `json:"rank"`
		ID        string `json:"id"`
		Name      string `json:"name"`
		Rating    int    `json:"rating"`
		Deviation int    `json:"rating_deviation"`
		Played    int    `json:"played"`
	}
)

func playerOf(p history.Player) playerBody {
	body := playerBody{ID: p.ID, Name: p.Name, Stats: p.Stats}
	if p.Rating != nil {
		rating, deviation := rounded(p.Rating.Value), rounded(p.Rating.Deviation)
		body.Rating, body.Deviation = &rating, &deviation
	}
	return body
}

func rounded(x float64) int { return int(math.Round(x)) }

func leadersOf(players []history.Player) leadersBody {
	body := leadersBody{Players: []leaderBody{}}
	for i, p := range players {
		if p.Rating == nil {
			continue
		}
		body.Players = append(body.Players, leaderBody{
			Rank: i + 1, ID: p.ID, Name: p.Name, Played: p.Stats.Played,
			Rating: rounded(p.Rating.Value), Deviation: rounded(p.Rating.Deviation),
		})
	}
	return body
}

// gamesOf has at most limit of the games, and says where to go on if there are more.
func gamesOf(games []history.Game, limit int) gamesBody {
	body := gamesBody{Games: []gameBody{}}
	if len(games) > limit {
		games = games[:limit]
		body.Next = games[limit-1].ID
	}
	for _, g := range games {
		body.Games = append(body.Games, gameBody{
			ID: g.ID, Opponent: sideOf(g.Record, g.Seat.Other()).opponentBody, Mark: sideOf(g.Record, g.Seat).Mark,
			Result: history.ResultFor(g.Record, g.Seat), Ended: g.Ended, Moves: len(g.Moves), Rated: g.Rated,
			Finished: stamp(g.Finished), Replay: "/replay/" + g.ID,
		})
	}
	return body
}

// sideOf is a player of a round.
func sideOf(r room.Record, seat room.Seat) sideBody {
	if seat == room.Guest {
		return sideBody{opponentBody{r.GuestID, r.Guest, r.Computer}, r.HostMark.Other().String()}
	}
	return sideBody{opponentBody{r.HostID, r.Host, ""}, r.HostMark.String()}
}

func roundOf(r room.Record) roundBody {
	body := roundBody{
		ID: r.ID, Round: r.Round, Host: sideOf(r, room.Host), Guest: sideOf(r, room.Guest),
		Began: stamp(r.Began), Finished: stamp(r.Finished), Moves: []moveBody{},
		Ended: r.Ended, Winner: r.Winner.String(), Line: []int{}, Rated: r.Rated,
	}
	for _, m := range r.Moves {
		body.Moves = append(body.Moves, moveBody{m.Cell, m.At.Sub(r.Began).Milliseconds()})
	}
	board := room.BoardOf(r.Moves)
	body.Board = string(board.Append(nil))
	if r.Ended == room.ByLine {
		_, body.Line = board.Winner()
	}
	if r.By != room.Spectator {
		body.By = r.By.String()
	}
	return body
}

// stamp is a moment as JSON has it, to the millisecond.
func stamp(at room.Instant) string { return at.Time().Format("2006-01-02T15:04:05.000Z") }
