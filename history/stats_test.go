package history

import (
	"testing"

	"tictac/game"
	"tictac/room"
)

// ended is a round that ended so, in which the host was X.
func ended(how room.Ending, winner game.Mark, by room.Seat) room.Record {
	return room.Record{ID: "r", Host: "Ann", Guest: "Bob", HostID: "ann", GuestID: "bob", HostMark: game.X, Ended: how, Winner: winner, By: by}
}

func TestResults(t *testing.T) {
	asO := ended(room.ByLine, game.X, room.Spectator)
	asO.HostMark = game.O
	for _, c := range []struct {
		record      room.Record
		host, guest Result
		score       float64 // of the host
	}{
		{ended(room.ByLine, game.X, room.Spectator), Won, Lost, 1},
		{ended(room.ByLine, game.O, room.Spectator), Lost, Won, 0},
		{asO, Lost, Won, 0},
		{ended(room.ByDraw, game.None, room.Spectator), Drawn, Drawn, 0.5},
		{ended(room.ByResign, game.O, room.Host), Lost, Won, 0},
		{ended(room.ByClock, game.X, room.Guest), Won, Lost, 1},
		{ended(room.ByLeft, game.None, room.Host), Abandoned, Abandoned, 0},
		{ended(room.ByLeft, game.None, room.Guest), Abandoned, Abandoned, 1},
	} {
		if host, guest := ResultFor(c.record, room.Host), ResultFor(c.record, room.Guest); host != c.host || guest != c.guest {
			t.Errorf("%+v is %s for the host and %s for the guest, want %s and %s", c.record, host, guest, c.host, c.guest)
		}
		if host, guest := score(c.record, room.Host), score(c.record, room.Guest); host != c.score || guest != 1-c.score {
			t.Errorf("%+v is worth %v and %v, want %v and the rest", c.record, host, guest, c.score)
		}
	}
	if r := ended(room.Expired, game.None, room.Spectator); ResultFor(r, room.Host) != Abandoned || ResultFor(r, room.Guest) != Abandoned {
		t.Error("a round that was cut off is not abandoned")
	}
}

// A streak is of wins; it outlives a round that somebody else gave up.
func TestCount(t *testing.T) {
	var s Stats
	for i, c := range []struct {
		record room.Record
		streak int
	}{
		{ended(room.ByLine, game.X, room.Spectator), 1},
		{ended(room.ByClock, game.X, room.Guest), 2},
		{ended(room.ByLeft, game.None, room.Guest), 2},
		{ended(room.Expired, game.None, room.Spectator), 2},
		{ended(room.ByResign, game.X, room.Guest), 3},
		{ended(room.ByDraw, game.None, room.Spectator), 0},
		{ended(room.ByLine, game.X, room.Spectator), 1},
		{ended(room.ByLeft, game.None, room.Host), 0},
		{ended(room.ByLine, game.X, room.Spectator), 1},
		{ended(room.ByLine, game.O, room.Spectator), 0},
	} {
		if s = s.Count(c.record, room.Host); s.Streak != c.streak || s.Played != i+1 {
			t.Errorf("after round %d: %+v, want a streak of %d", i+1, s, c.streak)
		}
	}
	if want := (Stats{Played: 10, Won: 5, Lost: 1, Drawn: 1, Abandoned: 3, BestStreak: 3}); s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
}

func TestFile(t *testing.T) {
	known := &Totals{Rating: &Rating{1600, 80, 0.06}}
	fresh := &Totals{}
	r := ended(room.ByResign, game.X, room.Guest)
	r.Rated = true

	filed := File(r, known, fresh)
	if filed.Before == nil || *filed.Before != [2]Rating{*known.Rating, Unrated} || !filed.CountsFor(room.Host) || !filed.CountsFor(room.Guest) {
		t.Errorf("filed as %+v", filed)
	}
	host, guest := known.Count(filed, room.Host), fresh.Count(filed, room.Guest)
	if host.Rating.Value <= 1600 || guest.Rating.Value >= 1500 || host.Stats.Won != 1 || guest.Stats.Lost != 1 {
		t.Errorf("counted as %+v and %+v", host, guest)
	}
	if known.Rating.Value != 1600 || fresh.Rating != nil || known.Equal(host) || !host.Equal(host) || fresh.Equal(Totals{Rating: &Unrated}) {
		t.Error("totals are not values")
	}

	// One was forgotten meanwhile: it is as if there never had been an identity.
	filed = File(r, nil, fresh)
	if filed.Host != "" || filed.HostID != "" || filed.Guest != "Bob" || filed.Rated || filed.Before != nil || filed.CountsFor(room.Host) || !filed.CountsFor(room.Guest) {
		t.Errorf("filed without the host as %+v", filed)
	}
	r.GuestID = "ann"
	if filed = File(r, nil, nil); filed.Host != "" || filed.Guest != "" || filed.Rated {
		t.Errorf("filed without either as %+v", filed)
	}
	if filed = File(r, known, known); filed.CountsFor(room.Host) || filed.CountsFor(room.Guest) {
		t.Error("a round against oneself counts")
	}

	// Who never had one keeps the name.
	r.HostID, r.Rated = "", false
	if filed = File(r, nil, fresh); filed.Host != "Ann" || !filed.CountsFor(room.Guest) || filed.CountsFor(room.Host) {
		t.Errorf("filed as %+v", filed)
	}
	filed.Folded = []room.Seat{room.Guest}
	if filed.CountsFor(room.Guest) {
		t.Error("what is in the opening totals counts again")
	}
}
