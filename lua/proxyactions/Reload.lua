-- Reload: reads configuration, users, scripts and certificates again; sessions stay. An error changes nothing, and the
-- answer contains it. A header NeedsRestart names each changed setting that needs a restart.
return {
  name = "Reload",
  summary = "Reads configuration, users and scripts again",
  admin = true,
  run = function(_, reply)
    local answer = amp.reload()
    if not answer.ok then return reply:error(answer.reason) end
    local notes = {}
    for note in answer:events("NeedsRestart") do notes[#notes + 1] = note.Setting end
    reply:ok{ Message = "Reloaded", NeedsRestart = notes }
  end,
}
