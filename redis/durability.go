package redis

import (
	"context"

	"tictac/play"
)

// Weakness says in what way this Redis keeps less than every commit that it has
// acknowledged, as far as it can be seen. It is empty if nothing is seen: a
// managed Redis often does not tell.
func (s *Store) Weakness(ctx context.Context) string {
	ctx, cancel := context.WithTimeout(ctx, play.StoreTimeout)
	defer cancel()
	ask := s.client.B().ConfigGet().Parameter("appendonly", "appendfsync", "maxmemory-policy").Build()
	config, err := s.client.Do(ctx, ask).AsStrMap()
	switch {
	case err != nil:
		return ""
	case config["appendonly"] == "no":
		return "appendonly is no: a restart of Redis loses all rooms"
	case config["appendfsync"] != "" && config["appendfsync"] != "always":
		return "appendfsync is " + config["appendfsync"] + ": a power cut of Redis may lose the last moves"
	case config["maxmemory-policy"] != "" && config["maxmemory-policy"] != "noeviction":
		return "maxmemory-policy is " + config["maxmemory-policy"] + ": Redis may throw rooms away"
	}
	return ""
}
