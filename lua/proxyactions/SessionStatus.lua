-- SessionStatus: shows what sessions do, one event `SessionStatus` each: `Session:`, `User:`, `Address:`, `Input:`,
-- `Output:` formats, `LoggedIn:`, `Encrypted:`, `Connection:` (open or none), `Token:`, `Age:` in seconds, `Sent:`
-- bytes, `Backlog:` bytes that the client has not read, `Slow:` it has read nothing for a second, `InFlight:` actions
-- without an answer, `LastAction:` and `LastActionAge:` in seconds. `Sort:` newest (default), traffic or backlog;
-- `Most:` how many, at most 400 (default 100). With `Before: NUMBER` only older ones. If there are more, the last
-- event has `NextBefore:`.
local orders = { newest = true, traffic = true, backlog = true }

local function number(text, most)
  local value = text:match("^%d+$") and #text < 19 and math.tointeger(tonumber(text))
  return value and value > 0 and value <= most and value
end

return {
  name = "SessionStatus",
  summary = "Shows what sessions do",
  admin = true,
  arguments = { Sort = "optional", Most = "optional", Before = "optional" },
  run = function(a, reply)
    local order, most = (a.Sort or "newest"):lower(), a.Most and number(a.Most, 400) or not a.Most and 100
    if not orders[order] then return reply:error("Sort: expected newest, traffic or backlog") end
    if not most then return reply:error("Most: expected a number from 1 to 400") end
    if a.Before and not number(a.Before, math.maxinteger) then
      return reply:error("Before: expected a session's number")
    end
    local answer = amp.control{ Command = "sessions", Sort = order, Most = most, Before = a.Before }
    if not answer.ok then return reply:error(answer.reason) end
    local count, last = 0, nil
    reply:begin{ Message = "Sessions follow" }
    for event in answer:events() do
      count, last = count + 1, event.Session
      reply:item(event)
    end
    reply:finish{ Event = "SessionStatusComplete", NextBefore = order == "newest" and count == most and last or nil }
  end,
}
