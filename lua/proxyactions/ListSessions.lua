-- ListSessions: lists the connected clients, newest first, then the servers. Users who are not admins get their own
-- sessions, and names and states of the servers; only admins and holders of the ProxyKey get the servers' addresses.
-- Headers that the old program did not have are at the end of a session's group.
return {
  name = "ListSessions",
  summary = "Lists the sessions of clients and servers",
  word = "ProxyResponse",
  run = function(_, reply, session)
    local all = session == nil or session.admin
    local shows_places = all or session.by_key
    local headers = {}
    local function add(name, value)
      if value ~= nil then headers[#headers + 1] = { name, value } end
    end
    for _, s in ipairs(amp.sessions()) do
      if all or s.user == session.user then
        add("ProxyClientSession", s.ip or s.address)
        add("ProxyClientActionID", s.action_id)
        add("ProxyClientInputHandler", s.input)
        add("ProxyClientOutputHandler", s.output)
        add("ProxyClientUser", s.user)
        add("ProxyClientId", s.id)
      end
    end
    for _, s in ipairs(amp.servers()) do
      add("ProxyServerSession", shows_places and s.address or s.name)
      add("ProxyServerName", s.name)
      add("ProxyServerStatus", s.up and "up" or "down")
    end
    reply:ok(headers)
  end,
}
