package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/rueidis"

	"tictac/history"
	"tictac/room"
)

// tokenTTL is longer than any token may be used: whether it is in time is told
// by the servers' clocks.
const tokenTTL = time.Hour

func tokenKey(token string) string { return "token:" + token }

var (
	//go:embed lua/key.lua
	keySource string
	//go:embed lua/touch.lua
	touchSource string

	keyScript   = rueidis.NewLuaScript(keySource)
	touchScript = rueidis.NewLuaScript(touchSource)
)

// Enroll implements history.Archive. The identity is there before its key opens
// it: a crash between leaves one that nobody can use, for a week.
func (s *Store) Enroll(ctx context.Context, id, key, name string, now room.Instant) error {
	_, err := within(ctx, s, func() (int, error) {
		made, err := s.noteKey(ctx, &account{id: id, name: name, enrolled: now}, key, true)
		switch {
		case err != nil:
			return 0, fmt.Errorf("redis: enroll: %w", err)
		case made == 0:
			return 0, errors.New("redis: enroll: there is such an identity, with another key")
		}
		_, err = s.openBy(ctx, key, id, unplayedTTL)
		if errors.Is(err, errKeyTaken) && made == 2 {
			err = errors.Join(err, s.client.Do(ctx, s.client.B().Del().Key(accountKeys(id)...).Build()).Error())
		}
		return 0, err
	})
	return err
}

var errKeyTaken = errors.New("redis: this key opens another identity")

// noteKey notes a key with its identity, which is made if it is new.
func (s *Store) noteKey(ctx context.Context, a *account, key string, isNew bool) (int64, error) {
	args := []string{key, seconds(unplayedTTL)}
	if isNew {
		args = append(args, a.encode()...)
	}
	return keyScript.Exec(ctx, s.client, []string{playerKey(a.id), keysKey(a.id)}, args).AsInt64()
}

// openBy has a key open an identity. It is new if it did not before.
func (s *Store) openBy(ctx context.Context, key, id string, ttl time.Duration) (isNew bool, err error) {
	set := s.client.B().Set().Key(keyKey(key)).Value(id).Nx().ExSeconds(int64(ttl.Seconds())).Build()
	err = s.client.Do(ctx, set).Error()
	if !rueidis.IsRedisNil(err) {
		return err == nil, err
	}
	has, err := s.client.Do(ctx, s.client.B().Get().Key(keyKey(key)).Build()).ToString()
	if err == nil && has != id {
		err = errKeyTaken
	}
	return false, err
}

// Identify implements history.Archive. Whoever is identified is in use, and kept on.
func (s *Store) Identify(ctx context.Context, key string) (id string, err error) {
	return within(ctx, s, func() (string, error) {
		id, err := s.client.Do(ctx, s.client.B().Get().Key(keyKey(key)).Build()).ToString()
		if rueidis.IsRedisNil(err) {
			return "", history.ErrUnknown
		}
		if err != nil {
			return "", fmt.Errorf("redis: identify: %w", err)
		}
		ttl, err := touchScript.Exec(ctx, s.client, accountKeys(id), []string{seconds(accountTTL), seconds(unplayedTTL)}).AsInt64()
		switch {
		case err != nil:
			return "", fmt.Errorf("redis: identify: %w", err)
		case ttl == 0:
			return "", history.ErrUnknown // forgotten, and the key not yet
		}
		err = s.client.Do(ctx, s.client.B().Expire().Key(keyKey(key)).Seconds(ttl).Build()).Error()
		return id, err
	})
}

// keepKeys has the keys of an identity last as long as it does, from its first
// finished round on.
func (s *Store) keepKeys(ctx context.Context, id string) error {
	keys, err := s.keys(ctx, id)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := s.client.Do(ctx, s.client.B().Expire().Key(keyKey(key)).Seconds(int64(accountTTL.Seconds())).Build()).Error(); err != nil {
			return err
		}
	}
	return nil
}

// keys are what opens an identity.
func (s *Store) keys(ctx context.Context, id string) ([]string, error) {
	keys, err := s.client.Do(ctx, s.client.B().Get().Key(keysKey(id)).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		err = nil
	}
	return strings.Fields(keys), err
}

// Offer implements history.Archive.
func (s *Store) Offer(ctx context.Context, token, id string, until room.Instant) error {
	_, err := within(ctx, s, func() (int, error) {
		there, err := s.alive(ctx, []string{id})
		switch {
		case err != nil:
			return 0, fmt.Errorf("redis: offer: %w", err)
		case !there[id]:
			return 0, history.ErrUnknown
		}
		value := strconv.FormatInt(int64(until), 10) + " " + id
		set := s.client.B().Set().Key(tokenKey(token)).Value(value).ExSeconds(int64(tokenTTL.Seconds())).Build()
		if err := s.client.Do(ctx, set).Error(); err != nil {
			return 0, fmt.Errorf("redis: offer: %w", err)
		}
		return 0, nil
	})
	return err
}

// Redeem implements history.Archive. The token is spent first, so that one gets
// it: after a crash another one is asked for.
func (s *Store) Redeem(ctx context.Context, token, key string, now room.Instant) (id string, err error) {
	return within(ctx, s, func() (string, error) {
		id, err := s.spend(ctx, token, now)
		if err != nil {
			return "", err
		}
		noted, err := s.noteKey(ctx, &account{id: id}, key, false)
		switch {
		case err != nil:
			return "", fmt.Errorf("redis: redeem: %w", err)
		case noted == 0:
			return "", history.ErrUnknown // forgotten meanwhile
		}
		_, err = s.openBy(ctx, key, id, accountTTL)
		return id, err
	})
}

// spend takes a token, and returns whose it is if it is in time.
func (s *Store) spend(ctx context.Context, token string, now room.Instant) (id string, err error) {
	value, err := s.client.Do(ctx, s.client.B().Getdel().Key(tokenKey(token)).Build()).ToString()
	if rueidis.IsRedisNil(err) {
		return "", history.ErrUnknown
	}
	if err != nil {
		return "", fmt.Errorf("redis: redeem: %w", err)
	}
	until, id, _ := strings.Cut(value, " ")
	moment, err := strconv.ParseInt(until, 10, 64)
	if err == nil && now >= room.Instant(moment) {
		err = history.ErrUnknown
	}
	return id, err
}
