-- One server at a time counts rounds, in the order of their numbers. Nothing is
-- wrong if two do: it saves doing it twice.
--
-- KEYS: log, count (see file.lua)
-- ARGV: 1 the server   2 for how long it has the work, milliseconds   3 how many rounds at most
--       4 the number through which it has counted, or ""
-- Returns ids and numbers of the next rounds: none if there are none, or if
-- another server is at it.
local log, count = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = redis.call('HMGET', count, 'through', 'worker', 'until')
local through, ends = tonumber(now[1] or 0), tonumber(now[3] or 0)

if ARGV[4] ~= '' and tonumber(ARGV[4]) > through then
    redis.call('HSET', count, 'through', ARGV[4])
    through = tonumber(ARGV[4])
end
-- A moment too far ahead is of a clock that was set back since.
if now[2] and now[2] ~= ARGV[1] and clock < ends and ends <= clock + tonumber(ARGV[2]) then
    return {}
end
local next = redis.call('ZRANGEBYSCORE', log, '(' .. string.format('%.0f', through), '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
if #next == 0 then
    redis.call('HDEL', count, 'worker', 'until')
    local seq = redis.call('HGET', count, 'seq')
    if seq then
        redis.call('HSET', count, 'through', seq) -- also past those whose time was up before they were counted
    end
else
    redis.call('HSET', count, 'worker', ARGV[1], 'until', string.format('%.0f', clock + tonumber(ARGV[2])))
end
return next
