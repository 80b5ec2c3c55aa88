-- ratelimit: limits the calls that a user may start per minute, over all their sessions and all workers. Further calls
-- are refused with a readable reason.
--
--   filters:
--     - ratelimit: { calls: 10 }
local opts, user = ...
amp.test(function(t)
  local f = t.filter({ calls = 2 }, { name = "test-" .. math.random(1 << 30) })
  assert(f:action{ "Action: Originate" } and f:action{ "Action: originate" })
  assert(select(2, f:action{ "Action: ORIGINATE" }):find("at most 2 calls"))
  assert(f:action{ "Action: Ping" })
end)
amp.options(opts, { calls = "number" })

local key = "ratelimit/" .. (user and user.name or "-")
return {
  action = function(a)
    if a.Action ~= "Originate" then return end
    local count = amp.shared:incr(key, 1, "1m")   -- the minute begins with the first call
    if count and count > opts.calls then
      amp.count("ratelimit.refused")
      return false, ("at most %d calls a minute"):format(opts.calls)
    end
  end,
}
