-- Stats: the counters of the proxy, and those that scripts keep with amp.count, one header each.
return {
  name = "Stats",
  summary = "Shows the proxy's counters",
  run = function(_, reply)
    local headers = {}
    for i, s in ipairs(amp.stats()) do headers[i] = { (s.name:gsub("[^%w_.-]", "_")), s.value } end
    reply:ok(headers)
  end,
}
