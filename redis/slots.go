package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/redis/rueidis"
)

// learnSlots asks a cluster which node serves which room, and has the rooms
// listened to there. If Redis does not say, what was known stays.
func (w *watch) learnSlots() {
	if w.client.Mode() != rueidis.ClientModeCluster {
		return
	}
	slots, err := askSlots(w.ctx, w.client)
	if err != nil {
		slog.Warn("the cluster does not say who serves what", "err", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slots = slots
	for _, l := range w.lines {
		for _, code := range l.all() {
			if slots[tag(code)] != l.node {
				l.want(code, false)
				w.lineLocked(code).want(code, true)
			}
		}
	}
}

// askSlots asks one node after the other until one answers.
func askSlots(ctx context.Context, client rueidis.Client) (slots map[string]string, err error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	err = errors.New("no node is known")
	for addr, node := range client.Nodes() {
		var ranges []rueidis.RedisMessage
		if ranges, err = node.Do(ctx, node.B().ClusterSlots().Build()).ToArray(); err == nil {
			host, _, _ := net.SplitHostPort(addr)
			return slotsOf(client, host, ranges)
		}
	}
	return nil, err
}

// slotsOf says which node serves which tag, by the answer of one at a host.
func slotsOf(client rueidis.Client, asked string, ranges []rueidis.RedisMessage) (map[string]string, error) {
	slots := map[string]string{}
	for _, tag := range tags {
		probe := client.B().Get().Key("{" + tag + "}").Build() // never sent: it knows its slot
		for _, r := range ranges {
			node, ok, err := serves(r, asked, int64(probe.Slot()))
			if err != nil {
				return nil, err
			}
			if ok {
				slots[tag] = node
			}
		}
	}
	return slots, nil
}

// serves reads one entry of CLUSTER SLOTS: first slot, last slot, the primary's
// host and port, replicas. A host that is empty or null is the one that was asked.
func serves(entry rueidis.RedisMessage, asked string, slot int64) (node string, ok bool, err error) {
	parts, err := entry.ToArray()
	if err != nil || len(parts) < 3 {
		return "", false, fmt.Errorf("redis: cluster slots: %w", err)
	}
	first, err1 := parts[0].AsInt64()
	last, err2 := parts[1].AsInt64()
	primary, err3 := parts[2].ToArray()
	if err := errors.Join(err1, err2, err3); err != nil || len(primary) < 2 {
		return "", false, fmt.Errorf("redis: cluster slots: %w", err)
	}
	host, err1 := primary[0].ToString()
	if host == "" && (err1 == nil || rueidis.IsRedisNil(err1)) {
		host, err1 = asked, nil
	}
	port, err2 := primary[1].AsInt64()
	return net.JoinHostPort(host, strconv.FormatInt(port, 10)), first <= slot && slot <= last, errors.Join(err1, err2)
}
