-- QueueBoard: answers wallboards from a cache, which one action per server refreshes every five seconds, however
-- many wallboards there are: waiting callers, longest wait, agents; one event for each queue.
--
--   ProxyAction: QueueBoard
local key = "queueboard/"

amp.every("5s", { once = true }, function()          -- in one worker; all read what it writes
  for _, s in ipairs(amp.servers()) do
    local got = s.up and s:action{ Action = "QueueSummary", timeout = "4s" }
    if got and got.ok then
      for e in got:events("QueueSummary") do
        amp.shared:set(key .. e.Queue, table.concat({ e.Callers or 0, e.LongestHoldTime or 0, e.Available or 0,
          e.LoggedIn or 0 }, " "), "20s")            -- a server that is lost does not stay on the board
      end
    end
  end
end)

return {
  name = "QueueBoard",
  summary = "Shows all queues, from a cache",
  class = "agent",
  run = function(_, reply)
    reply:begin{ Message = "Queues follow" }
    local keys = amp.shared:keys(key)
    table.sort(keys)
    for _, k in ipairs(keys) do
      local callers, longest, available, agents = (amp.shared:get(k) or ""):match("^(%d+) (%d+) (%d+) (%d+)$")
      if callers then
        reply:item{ Event = "QueueBoard", Queue = k:sub(#key + 1), Callers = callers, LongestHoldTime = longest,
          Available = available, LoggedIn = agents }
      end
    end
    reply:finish{ Event = "QueueBoardComplete" }
  end,
}
