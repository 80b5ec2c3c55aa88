-- ListSessions: the clients that are connected, newest first, then the servers. Users who are no admins see their own
-- sessions, and of the servers names and states: where these are is for admins and holders of the ProxyKey. What the
-- old program did not say stands at the end of a session's group.
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
