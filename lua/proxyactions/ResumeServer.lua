-- ResumeServer: takes a drained Asterisk back into service. `Server:` NAME.
return {
  name = "ResumeServer",
  summary = "Takes a drained server back into service",
  admin = true,
  arguments = { Server = "required" },
  run = function(a, reply)
    local answer = amp.control{ Command = "resume", Server = a.Server }
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "Resumed " .. a.Server }
  end,
}
