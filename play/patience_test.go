package play

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// A command gives up after StoreTimeout, or a tick earlier at the most, in
// whatever order commands come; those of a tick share a context.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p patience
		made := map[context.Context]bool{}
		for range 300 {
			for _, since := range []time.Time{time.Now(), time.Now().Add(-time.Second), time.Now().Add(-3 * time.Millisecond)} {
				ctx := p.from(since)
				deadline, _ := ctx.Deadline()
				if early := since.Add(StoreTimeout).Sub(deadline); early < 0 || early >= patienceTick {
					t.Fatalf("it gives up %v early", early)
				}
				made[ctx] = true
			}
			time.Sleep(7 * time.Millisecond)
		}
		// 2.1 s, and the second before them.
		if most := int(3200*time.Millisecond/patienceTick) + 2; len(made) > most {
			t.Errorf("%d contexts were made, %d are enough", len(made), most)
		}
		time.Sleep(time.Minute)
		if err := p.from(time.Now()).Err(); err != nil {
			t.Errorf("after a rest: %v", err)
		}
	})
}
