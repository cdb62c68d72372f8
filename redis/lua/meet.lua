-- The line of quick match: a player is met with whoever has waited longest, or
-- gets in line. One script, so no room is given to two.
--
-- KEYS: line (a sorted set of codes in the order in which they came), waits (a hash: of each code when it was last
--       heard of, by Redis' clock, and the host's id)
-- ARGV: 1 code   2 the host's id, or ""   3 for how long a wait counts, milliseconds
--       4 "1": only to stay in line   5 until when it may be done, in milliseconds of Redis' clock, or "": what a
--       Redis that hung reads late is for nobody
-- Returns Redis' own time and the code of the room that was met, or ""; the time
-- negated if it comes too late.
local line, waits = KEYS[1], KEYS[2]
local code, who, lasts = ARGV[1], ARGV[2], tonumber(ARGV[3])
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%.0f', clock)
if ARGV[5] ~= '' and clock > tonumber(ARGV[5]) then
    return { '-' .. stamp, '' }
end

local function quit(waiting)
    redis.call('ZREM', line, waiting)
    redis.call('HDEL', waits, waiting)
end

if ARGV[4] ~= '1' then
    for _, waiting in ipairs(redis.call('ZRANGE', line, 0, -1)) do
        local heard, host = string.match(redis.call('HGET', waits, waiting) or '', '^(%d+) (.*)$')
        heard = tonumber(heard or 0)
        if heard > clock then -- the clock was set back: it begins to count now
            heard = clock
            redis.call('HSET', waits, waiting, stamp .. ' ' .. host)
        end
        if heard + lasts <= clock then
            quit(waiting)
        elseif waiting ~= code and (host == '' or host ~= who) then
            quit(waiting)
            return { stamp, waiting }
        end
    end
end

if not redis.call('ZSCORE', line, code) then
    local last = redis.call('ZRANGE', line, -1, -1, 'WITHSCORES')
    redis.call('ZADD', line, (tonumber(last[2] or 0)) + 1, code)
end
redis.call('HSET', waits, code, stamp .. ' ' .. who)
redis.call('PEXPIRE', line, 10 * lasts) -- nobody is heard of: nothing is left
redis.call('PEXPIRE', waits, 10 * lasts)
return { stamp, '' }
