-- Stats: shows the proxy's version, its counters, and the counters of scripts (amp.count), one header each. `Uptime` is
-- in seconds; `Events` counts the events that were delivered to clients since the start.
return {
  name = "Stats",
  summary = "Shows the proxy's version and counters",
  run = function(_, reply)
    local headers = { { "Version", amp.version } }
    for _, s in ipairs(amp.stats()) do headers[#headers + 1] = { (s.name:gsub("[^%w_.-]", "_")), s.value } end
    reply:ok(headers)
  end,
}
