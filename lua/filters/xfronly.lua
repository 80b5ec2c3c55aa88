-- xfronly: the user gets events of transfers and no others: `Transfer` of old Asterisks, `BlindTransfer` and
-- `AttendedTransfer` of new ones. Own answers are not touched.
-- Several `…only` filters add up: [xfronly, brionly] gives both.
--
--   filters: [xfronly]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: Transfer" } and f{ "Event: BlindTransfer" } and f{ "Event: AttendedTransfer" })
  assert(f{ "Event: BridgeEnter" } == nil)
end)

return { per = "class", either = true, events = { "Transfer", "BlindTransfer", "AttendedTransfer" }, otherwise = false }
