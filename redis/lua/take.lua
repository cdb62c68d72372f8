-- One server at a time counts rounds, in the order of their numbers. Nothing is
-- wrong if two do: it saves doing it twice.
--
-- KEYS: log, count (see file.lua)
-- ARGV: 1 the server   2 for how long it has the work, milliseconds   3 how many rounds at most
--       4 the number through which it has counted, or 0
-- Returns ids and numbers of the next rounds: none if there are none, or if
-- another server is at it.
local log, count = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local now = redis.call('HMGET', count, 'through', 'worker', 'until')
local through, worker, ends = tonumber(now[1] or 0), now[2], tonumber(now[3] or 0)
if clock >= ends or ends > clock + tonumber(ARGV[2]) then -- a moment too far ahead is of a clock that was set back
    worker = nil
end

local done = tonumber(ARGV[4]) > through
if done then
    through = tonumber(ARGV[4])
    redis.call('HSET', count, 'through', ARGV[4])
end
if worker and worker ~= ARGV[1] then
    return {}
end
local next = redis.call('ZRANGEBYSCORE', log, '(' .. string.format('%.0f', through), '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[3])
if #next == 0 then
    redis.call('HDEL', count, 'worker', 'until')
    local seq = redis.call('HGET', count, 'seq')
    if seq then
        redis.call('HSET', count, 'through', seq) -- also past those whose time was up before they were counted
    end
elseif done or not worker then -- who gets nothing done loses the work
    redis.call('HSET', count, 'worker', ARGV[1], 'until', string.format('%.0f', clock + tonumber(ARGV[2])))
end
return next
