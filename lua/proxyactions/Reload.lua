-- Reload: configuration, users, scripts and certificates are read again; sessions stay. A mistake changes nothing, and
-- the answer says what it is.
return {
  name = "Reload",
  summary = "Reads configuration, users and scripts again",
  admin = true,
  run = function(_, reply)
    local answer = amp.reload()
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "Reloaded" }
  end,
}
