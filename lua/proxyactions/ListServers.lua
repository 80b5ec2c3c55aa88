-- ListServers: the Asterisks, also those that are down, one line each:
-- `ProxyListServer I: ADDRESS H: HOST U: USER P: PORT E: EVENTS ` (with the blank at its end, as it always was).
return {
  name = "ListServers",
  summary = "Lists the servers",
  word = "ProxyResponse",
  run = function(_, reply)
    local lines = {}
    for i, s in ipairs(amp.servers()) do
      lines[i] = { line = ("ProxyListServer I: %s H: %s U: %s P: %d E: %s "):format(s.address or s.host, s.host,
        s.user or "", s.port, s.events or "") }
    end
    reply:ok(lines)
  end,
}
