-- DrainServer: takes an Asterisk out of service: it stays connected, its events go on and actions in flight are
-- answered, but this proxy sends it no new actions until ResumeServer or a restart. `Server:` NAME.
return {
  name = "DrainServer",
  summary = "Takes a server out of service",
  admin = true,
  arguments = { Server = "required" },
  run = function(a, reply)
    local answer = amp.control{ Command = "drain", Server = a.Server }
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "Drained " .. a.Server }
  end,
}
