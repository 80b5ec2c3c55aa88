-- CountCalls: counts the live channels per context, over all servers at once.
--
--   ProxyAction: CountCalls
--   Context: sales                  (optional)
amp.test(function(t)
  t.servers{ "pbx1", "pbx2" }
  t.call(function(_, server)
    if server == "pbx2" then return nil, "down" end
    return { { "Response: Success" }, { Event = "CoreShowChannel", Context = "sales" } }
  end)
  local answer = t.run{ "ProxyAction: CountCalls" }
  assert(answer[2].Context == "sales" and answer[2].Channels == "1" and answer[3].Failed == "pbx2: down")
end)

return {
  name = "CountCalls",
  summary = "Counts live channels per context",
  class = "call",
  arguments = { Context = "optional" },
  timeout = "15s",
  run = function(a, reply)
    local asked, count, failed = {}, {}, {}
    for _, s in ipairs(amp.servers()) do
      if s.up then asked[#asked + 1] = { server = s.name, Action = "CoreShowChannels" } end
    end
    for i, got in ipairs(amp.call_all(asked)) do           -- one wait for all
      if not got.ok then
        failed[#failed + 1] = asked[i].server .. ": " .. got.reason
      else
        for e in got:events("CoreShowChannel") do
          local c = e.Context or "-"
          if not a.Context or a.Context == c then count[c] = (count[c] or 0) + 1 end
        end
      end
    end
    if #asked > 0 and #failed == #asked then return reply:error(table.concat(failed, "; ")) end
    reply:begin{ Message = "Counts follow" }
    for c, n in pairs(count) do reply:item{ Event = "CountCall", Context = c, Channels = n } end
    reply:finish{ Event = "CountCallsComplete", Failed = table.concat(failed, "; ") }
  end,
}
