-- Stats: the proxy's version, its counters, and those that scripts keep with amp.count, one header each. `Uptime` is in
-- seconds; `Events` counts those that were passed on to clients since the start.
return {
  name = "Stats",
  summary = "Shows the proxy's version and counters",
  run = function(_, reply)
    local headers = { { "Version", amp.version } }
    for _, s in ipairs(amp.stats()) do headers[#headers + 1] = { (s.name:gsub("[^%w_.-]", "_")), s.value } end
    reply:ok(headers)
  end,
}
