-- ReleaseFilter: ends the quarantine of a filter, for all users. `Filter:` its name, as ScriptStatus shows it.
return {
  name = "ReleaseFilter",
  summary = "Ends the quarantine of a filter",
  admin = true,
  arguments = { Filter = "required" },
  run = function(a, reply)
    local answer = amp.control{ Command = "release", Filter = a.Filter }
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "Released " .. a.Filter }
  end,
}
