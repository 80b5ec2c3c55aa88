-- Reload: configuration, users, scripts and certificates are read again; sessions stay. A mistake changes nothing, and
-- the answer says what it is. Each setting that has changed and needs a restart is told in a header NeedsRestart.
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
