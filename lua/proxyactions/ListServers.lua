-- ListServers: lists the Asterisks, also those that are down, one line each:
-- `ProxyListServer I: ADDRESS H: HOST U: USER P: PORT E: EVENTS ` (with a blank at the end, as in the old program).
-- In a cluster, each line ends with `Node: NAME `, the node that owns the server, or `-`.
-- Only admins and holders of the ProxyKey get addresses and accounts. Others get the names, which they need for
-- `Server:`, and the state: `ProxyListServer I: NAME H: NAME U: - P: - E: - S: up `.
return {
  name = "ListServers",
  summary = "Lists the servers",
  word = "ProxyResponse",
  run = function(_, reply, session)
    local all = session == nil or session.admin or session.by_key
    local lines = {}
    for i, s in ipairs(amp.servers()) do
      lines[i] = { line = all and ("ProxyListServer I: %s H: %s U: %s P: %d E: %s "):format(s.address or s.host, s.host,
        s.user or "", s.port, s.events or "")
        or ("ProxyListServer I: %s H: %s U: - P: - E: - S: %s "):format(s.name, s.name, s.up and "up" or "down") }
      if s.node then
        lines[i].line = lines[i].line .. ("Node: %s "):format(s.node == "" and "-" or s.node)
      end
    end
    reply:ok(lines)
  end,
}
