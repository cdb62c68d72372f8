package history

// A Rating is how strong a player is, by Glicko-2 (Mark E. Glickman, "Example of
// the Glicko-2 system", 2022).
type Rating struct {
	Value      float64 `json:"value"`      // 1500 for who is new
	Deviation  float64 `json:"deviation"`  // 350 for who is new; the value is within two of it, nearly always
	Volatility float64 `json:"volatility"` // 0.06 for who is new
}
