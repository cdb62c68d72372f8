package play

import (
	"crypto/rand"
	"strconv"
	"time"
)

// newRoundID is a public id: the moment, then 80 random bits. A round's place in a
// store's index is thus next to those of its time, in pages that many commits share.
func newRoundID(now time.Time) string {
	return strconv.FormatInt(now.UnixMilli(), 36) + rand.Text()[:16]
}
