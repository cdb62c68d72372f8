package redis

import (
	"reflect"
	"testing"

	"github.com/redis/rueidis"

	mark "tictac/game"
	"tictac/history"
	"tictac/room"
)

// A game in a player's list counts for as much as its round, however that ended,
// and is read back as it was written; so are totals.
func TestGamesCountAsTheirRounds(t *testing.T) {
	t.Parallel()
	before := &[2]history.Rating{{Value: 1612.345678, Deviation: 80.5, Volatility: 0.06}, {Value: 1387.6543, Deviation: 123.456789, Volatility: 0.06}}
	var totals history.Totals
	for _, ended := range []room.Ending{room.ByLine, room.ByDraw, room.ByResign, room.ByLeft, room.ByClock, room.Expired} {
		for _, winner := range []mark.Mark{mark.None, mark.X, mark.O} {
			for _, by := range []room.Seat{room.Spectator, room.Host, room.Guest} {
				for _, seat := range []room.Seat{room.Host, room.Guest} {
					for _, rated := range []*[2]history.Rating{nil, before} {
						r := history.Round{Before: rated, Record: room.Record{
							ID: "an id", HostID: "a", GuestID: "b", HostMark: mark.O, Ended: ended, Winner: winner, By: by,
						}}
						g := gameOf(1795562294828, r, seat)
						again, err := decodeGame(rueidis.ZScore{Member: g.encode(), Score: float64(g.seq)})
						if err != nil || again.seq != g.seq || again.round != "an id" {
							t.Fatalf("%q is read as %+v, %v", g.encode(), again, err)
						}
						if got, want := again.count(totals), totals.Count(r, seat); !got.Equal(want) {
							t.Errorf("%+v, seat %v: as %q it makes\n%+v, want\n%+v", r, seat, g.encode(), got, want)
						}
						totals = totals.Count(r, seat)
						read, err := decodeTotals(encodeStats(totals.Stats), encodeRating(totals.Rating))
						if err != nil || !reflect.DeepEqual(read, totals) {
							t.Errorf("%+v is read as %+v, %v", totals, read, err)
						}
					}
				}
			}
		}
	}
	for _, member := range []string{"", "w", " id", "w1500/ id", "wx/3 id"} {
		if g, err := decodeGame(rueidis.ZScore{Member: member}); err == nil {
			t.Errorf("%q is read as %+v", member, g)
		}
	}
}
