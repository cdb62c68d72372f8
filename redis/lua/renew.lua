-- A server says that it is there.
--
-- KEYS: leases (a sorted set of servers by when they last renewed), up (a hash: since when the store has been in
--       use without a gap, and when, by Redis' clock, it last was)
-- ARGV: 1 server   2 now, milliseconds   3 how long a silence of all is a gap   4 how long a lease is remembered
--       5 until when it may be done, in milliseconds of Redis' clock, or "": a Redis that hung reads renewals that
--       were sent meanwhile, and they are not to look like use
-- Returns Redis' own time, and unless it comes too late since when the store has
-- been in use without a gap, then every server and its last renewal.
local leases, up = KEYS[1], KEYS[2]
local now = tonumber(ARGV[2])

local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = { string.format('%.0f', clock) }
if ARGV[5] ~= '' and clock > tonumber(ARGV[5]) then
    return answer
end

-- By one clock: servers' clocks differ, and what they send may lie about for a
-- while. Where it was set back, how long the silence was is not known.
local was = redis.call('HMGET', up, 'since', 'clock')
local since, last = tonumber(was[1] or ''), tonumber(was[2] or '')
if not since or not last or math.abs(clock - last) > tonumber(ARGV[3]) then
    since = math.max(now, (since or 0) + 1) -- every room is to be told
    redis.call('HSET', up, 'since', string.format('%.0f', since))
end
redis.call('HSET', up, 'clock', string.format('%.0f', clock))
redis.call('ZADD', leases, 'GT', ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', leases, '-inf', now - tonumber(ARGV[4]))

table.insert(answer, string.format('%.0f', since))
for _, part in ipairs(redis.call('ZRANGE', leases, 0, -1, 'WITHSCORES')) do
    table.insert(answer, part)
end
return answer
