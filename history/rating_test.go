package history

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// The example of the paper: three games in one period. Its figures are rounded.
func TestPublishedExample(t *testing.T) {
	got := Rating{1500, 200, 0.06}.After(
		Outcome{Rating{1400, 30, 0.06}, 1},
		Outcome{Rating{1550, 100, 0.06}, 0},
		Outcome{Rating{1700, 300, 0.06}, 0},
	)
	if math.Abs(got.Value-1464.06) > 0.01 || math.Abs(got.Deviation-151.52) > 0.01 || math.Abs(got.Volatility-0.05999) > 0.00001 {
		t.Errorf("rated %+v, want 1464.06, 151.52, 0.05999", got)
	}
}

// About a dozen games between players of equal strength list them.
func TestDozenGames(t *testing.T) {
	a, b, games := Unrated, Unrated, 0
	for ; a.Deviation > LeaderDeviation; games++ {
		score := float64(games % 2)
		a, b = a.After(Outcome{b, score}), b.After(Outcome{a, 1 - score})
	}
	if games < 8 || games > 16 {
		t.Errorf("it takes %d games, want about a dozen", games)
	}
	if math.Abs(a.Value-b.Value) > 100 {
		t.Errorf("of equals one is rated %+v, the other %+v", a, b)
	}
}

func rating(t *rapid.T, name string) Rating {
	return Rating{
		Value:      rapid.Float64Range(-500, 4000).Draw(t, name),
		Deviation:  rapid.Float64Range(10, 350).Draw(t, name),
		Volatility: rapid.Float64Range(0.01, 0.2).Draw(t, name),
	}
}

// Whoever plays whom: it ends, who wins gains, who loses loses, and a draw lies
// between.
func TestRatings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, other := rating(t, "player"), rating(t, "opponent")
		won, drawn, lost := r.After(Outcome{other, 1}), r.After(Outcome{other, 0.5}), r.After(Outcome{other, 0})
		for _, got := range []Rating{won, drawn, lost} {
			if math.IsNaN(got.Value+got.Deviation+got.Volatility) || got.Deviation <= 0 || got.Volatility <= 0 || got.Volatility > 0.3 {
				t.Fatalf("%+v against %+v is %+v", r, other, got)
			}
		}
		const bit = 1e-6 // they are rounded
		if won.Value < r.Value-bit || lost.Value > r.Value+bit || won.Value < drawn.Value || drawn.Value < lost.Value {
			t.Fatalf("%+v against %+v: %+v if won, %+v if drawn, %+v if lost", r, other, won, drawn, lost)
		}
	})
}

// A long run of any results stays within reason.
func TestLongRun(t *testing.T) {
	for name, score := range map[string]func(int) float64{
		"all won":  func(int) float64 { return 1 },
		"all lost": func(int) float64 { return 0 },
		"by turns": func(i int) float64 { return float64(i % 2) },
	} {
		r := Unrated
		for i := range 5000 {
			r = r.After(Outcome{Unrated, score(i)})
		}
		if math.IsNaN(r.Value) || math.Abs(r.Value-1500) > 3000 || r.Deviation > 350 || r.Volatility > 0.1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
