package play

import (
	"testing"
	"testing/synctest"
	"time"
)

// A command gives up after StoreTimeout, or a tick earlier at the most.
func TestPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p patience
		began := time.Now()
		for range 200 {
			for _, since := range []time.Time{time.Now(), time.Now().Add(-time.Second)} {
				deadline, _ := p.from(since).Deadline()
				if early := since.Add(StoreTimeout).Sub(deadline); early < 0 || early >= patienceTick {
					t.Fatalf("it gives up %v early", early)
				}
			}
			time.Sleep(7 * time.Millisecond)
		}
		if a, b := p.from(began.Add(time.Hour)), p.from(began.Add(time.Hour+time.Millisecond)); a != b {
			t.Error("two commands of the same moment have two contexts")
		}
		time.Sleep(2 * time.Hour)
	})
}
