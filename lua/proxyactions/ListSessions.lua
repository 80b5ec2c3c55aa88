-- ListSessions: lists the connected clients, newest first, then the servers. Users who are not admins get their own
-- sessions, and names and states of the servers; only admins and holders of the ProxyKey get the servers' addresses.
-- A session without a user gets itself alone: others without one are other people's.
-- Headers that the old program did not have are at the end of a session's group.
-- An answer has at most 400 sessions, or `Most:`. If there are more, its last header is `NextBefore: NUMBER`: ask
-- again with `Before: NUMBER` for those that are older.
local MOST = 400 -- a message has at most 4,096 headers, those of the servers included

return {
  name = "ListSessions",
  summary = "Lists the sessions of clients and servers",
  arguments = { Before = "optional", Most = "optional" },
  word = "ProxyResponse",
  run = function(a, reply, session)
    local all = session == nil or session.admin
    local shows_places = all or session.by_key
    local range = { user = not all and session.user or nil }
    for name, key in pairs{ Before = "before", Most = "most" } do
      local number = a[name] and a[name]:match("^%d+$") and math.tointeger(tonumber(a[name]))
      if a[name] and (not number or number == 0) then
        return reply:error(name .. ": expected a number above 0")
      end
      range[key] = number
    end
    local most = math.min(range.most or MOST, MOST)
    range.most = most + 1 -- to know whether there are more
    local function is_own(s)
      if session.user then return s.user == session.user end
      return s.id == session.id
    end
    if not all and not session.user then -- no other one needs to be looked at
      range.before, range.most = math.min(range.before or math.maxinteger, session.id + 1), 1
    end
    local headers, last = {}, nil
    local function add(name, value)
      if value ~= nil then headers[#headers + 1] = { name, value } end
    end
    local sessions = amp.sessions(range)
    if #sessions > most then
      sessions[#sessions] = nil
      last = sessions[most].id
    end
    for _, s in ipairs(sessions) do
      if all or is_own(s) then
        add("ProxyClientSession", s.ip or s.address)
        add("ProxyClientActionID", s.action_id)
        add("ProxyClientInputHandler", s.input)
        add("ProxyClientOutputHandler", s.output)
        add("ProxyClientUser", s.user)
        add("ProxyClientId", s.id)
        add("ProxyClientConnection", s.detached and "none" or nil)
        add("ProxyClientToken", s.token)
      end
    end
    for _, s in ipairs(amp.servers()) do
      add("ProxyServerSession", shows_places and s.address or s.name)
      add("ProxyServerName", s.name)
      add("ProxyServerStatus", s.up and "up" or "down")
    end
    add("NextBefore", last)
    reply:ok(headers)
  end,
}
