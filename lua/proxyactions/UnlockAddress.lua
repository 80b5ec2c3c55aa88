-- UnlockAddress: forgets the failed logins of an address, so that its users may try again at once. `Address:` IPv4 or
-- IPv6 (its /64 network).
return {
  name = "UnlockAddress",
  summary = "Forgets the failed logins of an address",
  admin = true,
  arguments = { Address = "required" },
  run = function(a, reply)
    local answer = amp.control{ Command = "unlock", Address = a.Address }
    if not answer.ok then return reply:error(answer.reason) end
    reply:ok{ Message = "Unlocked " .. a.Address }
  end,
}
