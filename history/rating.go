package history

import "math"

// A Rating is how strong a player is, by Glicko-2 (Mark E. Glickman, "Example of
// the Glicko-2 system", 2022).
type Rating struct {
	Value      float64 `json:"value"`      // 1500 for who is new
	Deviation  float64 `json:"deviation"`  // 350 for who is new; the value is within two of it, nearly always
	Volatility float64 `json:"volatility"` // 0.06 for who is new
}

// Unrated is the rating of who has no rated round yet.
var Unrated = Rating{Value: 1500, Deviation: 350, Volatility: 0.06}

// An Outcome is one game of a rating period.
type Outcome struct {
	Opponent Rating  // before the period
	Score    float64 // 1 for a win, 0.5 for a draw, 0 for a loss
}

const (
	tau   = 0.5      // how much the volatility may change
	scale = 173.7178 // of a rating on the scale of Glicko to one of Glicko-2
)

// After is the rating after a period with these games, of which there is at
// least one. The letters are those of the paper, as are the steps; but nobody's
// deviation gets larger than that of who is new.
func (r Rating) After(games ...Outcome) Rating {
	mu, phi := (r.Value-Unrated.Value)/scale, r.Deviation/scale // step 2
	var inverse, sum float64                                    // of v, and of delta/v: steps 3 and 4
	for _, g := range games {
		muJ, phiJ := (g.Opponent.Value-Unrated.Value)/scale, g.Opponent.Deviation/scale
		weight := 1 / math.Sqrt(1+3*phiJ*phiJ/(math.Pi*math.Pi))
		expected := 1 / (1 + math.Exp(-weight*(mu-muJ)))
		inverse += weight * weight * expected * (1 - expected)
		sum += weight * (g.Score - expected)
	}
	v := 1 / inverse
	sigma := volatility(phi, r.Volatility, v, v*sum)
	before := math.Sqrt(phi*phi + sigma*sigma) // step 6
	phi = min(1/math.Sqrt(1/(before*before)+inverse), Unrated.Deviation/scale)
	mu += phi * phi * sum
	return Rating{ // step 8
		Value:      round(mu*scale+Unrated.Value, 1e6),
		Deviation:  round(phi*scale, 1e6),
		Volatility: round(sigma, 1e9),
	}
}

// volatility is step 5: the root of f, which lies between a and b, by the
// Illinois algorithm.
func volatility(phi, sigma, v, delta float64) float64 {
	const near = 1e-6
	start := math.Log(sigma * sigma)
	f := func(x float64) float64 {
		e := math.Exp(x)
		d := phi*phi + v + e
		return e*(delta*delta-d)/(2*d*d) - (x-start)/(tau*tau)
	}
	a, b := start, math.Log(math.Max(delta*delta-phi*phi-v, 0))
	if math.IsInf(b, -1) {
		for b = a - tau; f(b) < 0; {
			b -= tau
		}
	}
	fa, fb := f(a), f(b)
	for math.Abs(b-a) > near {
		c := a + (a-b)*fa/(fb-fa)
		fc := f(c)
		if fc*fb <= 0 {
			a, fa = b, fb
		} else {
			fa /= 2
		}
		b, fb = c, fc
	}
	return math.Exp(a / 2)
}

// round keeps so many parts of one: processors differ in the last bits, and a
// store may be carried from one to another.
func round(x, parts float64) float64 { return math.Round(x*parts) / parts }
