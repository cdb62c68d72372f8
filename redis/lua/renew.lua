-- A server says that it is there.
--
-- KEYS: leases (a sorted set of servers by when they last renewed), up (a hash)
-- ARGV: 1 server   2 now, milliseconds   3 how long a silence of all is a gap   4 how long a lease is remembered
--       5 until when it may be done, in milliseconds of Redis' clock, or "": a Redis that hung reads renewals that
--       were sent meanwhile, and they are not to look like use
-- Returns since when the store has been in use without a gap, Redis' own time,
-- then every server and its last renewal.
local leases, up = KEYS[1], KEYS[2]
local now = tonumber(ARGV[2])

local time = redis.call('TIME')
local clock = time[1] * 1000 + time[2] / 1000
if ARGV[5] ~= '' and clock > tonumber(ARGV[5]) then
    return {}
end

local was = redis.call('HMGET', up, 'since', 'last')
local since, last = tonumber(was[1] or ''), tonumber(was[2] or '')
if not since or not last or now - last > tonumber(ARGV[3]) then
    since = now
    redis.call('HSET', up, 'since', ARGV[2])
end
if not last or now > last then
    redis.call('HSET', up, 'last', ARGV[2])
end
redis.call('ZADD', leases, 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now - tonumber(ARGV[4]))

local answer = redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')
table.insert(answer, 1, string.format('%.0f', clock))
table.insert(answer, 1, string.format('%.0f', since))
return answer
