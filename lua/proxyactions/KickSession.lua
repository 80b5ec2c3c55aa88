-- KickSession: closes another client's session at once. `Session:` its number, as ListSessions shows it
-- (`ProxyClientId`).
return {
  name = "KickSession",
  summary = "Ends a session",
  admin = true,
  arguments = { Session = "required" },
  run = function(a, reply, session)
    local id = a.Session:match("^%d+$") and math.tointeger(tonumber(a.Session))
    if not id or id == 0 then return reply:error("Session: expected a number, as ListSessions shows it") end
    local by = session and session.user or "-"
    if session and id == session.id then
      reply:ok{ Message = "Kicked " .. id }
      return session:close()
    end
    local answer = amp.close_session(id)
    if not answer.ok then return reply:error(answer.reason) end
    amp.log.info(("kicked session=%d by=%s"):format(id, by))
    reply:ok{ Message = "Kicked " .. id }
  end,
}
