-- brionly: passes only events of bridges: `Bridge`, `Link`, `Unlink` of old Asterisks; `BridgeEnter`, `BridgeLeave`,
-- `BridgeCreate`, `BridgeDestroy`, `BridgeMerge`, `LocalBridge` … of new ones.
-- Answers to the user's own actions pass unchanged.
-- Several `…only` filters add up: [cdronly, brionly] passes both kinds.
--
--   filters: [brionly]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: Bridge" } and f{ "Event: BridgeEnter" } and f{ "Event: LocalBridge" })
  assert(f{ "Event: Hangup" } == nil)
end)

return { per = "class", either = true, events = { "Bridge*", "LocalBridge", "Link", "Unlink" }, otherwise = false }
