-- xfronly: passes only events of transfers: `Transfer` of old Asterisks, `BlindTransfer` and `AttendedTransfer` of new
-- ones. Answers to the user's own actions pass unchanged.
-- Several `…only` filters add up: [xfronly, brionly] passes both kinds.
--
--   filters: [xfronly]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: Transfer" } and f{ "Event: BlindTransfer" } and f{ "Event: AttendedTransfer" })
  assert(f{ "Event: BridgeEnter" } == nil)
end)

return { per = "class", either = true, events = { "Transfer", "BlindTransfer", "AttendedTransfer" }, otherwise = false }
