-- brionly: the user gets events of bridges and no others: `Bridge`, `Link`, `Unlink` of old Asterisks;
-- `BridgeEnter`, `BridgeLeave`, `BridgeCreate`, `BridgeDestroy`, `BridgeMerge`, `LocalBridge` … of new ones.
-- Own answers are not touched.
-- Several `…only` filters add up: [cdronly, brionly] gives both.
--
--   filters: [brionly]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: Bridge" } and f{ "Event: BridgeEnter" } and f{ "Event: LocalBridge" })
  assert(f{ "Event: Hangup" } == nil)
end)

return { per = "class", either = true, events = { "Bridge*", "LocalBridge", "Link", "Unlink" }, otherwise = false }
