-- SetLogLevel: changes the level of the log until the next reload or restart. `Level:` error, warn, info, debug or
-- trace.
return {
  name = "SetLogLevel",
  summary = "Changes the level of the log",
  admin = true,
  arguments = { Level = "required" },
  run = function(a, reply)
    local answer = amp.control{ Command = "log", Level = a.Level }
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "The log's level is " .. a.Level:lower() }
  end,
}
