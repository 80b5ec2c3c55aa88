-- only: passes only the named events. Answers to the user's own actions pass unchanged.
--
--   filters:
--     - only: { events: [Newchannel, Hangup, "Queue*"] }            # a star at the end makes a prefix
--     - only: { events: ["*"], where: { Context: [sales, support] } }
--
-- events  names of events
-- where   headers, and the values that an event must have to pass: a text or a list; a text may end in a star
-- add     true: adds up with other filters that add up (cdronly, brionly …); default: each `only` narrows the rest
local opts = ...
amp.test(function(t)
  local f = t.filter{ events = { "Newchannel", "Queue*" } }
  assert(f{ "Event: Newchannel" } and f{ "Event: QueueCallerJoin" })
  assert(f{ "Event: Hangup" } == nil)
  assert(f({ "Response: Success" }, "answer"))
  local g = t.filter{ events = { "*" }, where = { Context = { "sales" } } }
  assert(g{ "Event: Newchannel", "Context: sales" })
  assert(g{ "Event: Newchannel", "Context: other" } == nil)
  assert(g{ "Event: PeerStatus" } == nil)
  assert(not pcall(t.filter, {}))
end)
amp.options(opts, { events = "list", where = "table?", add = "flag?" })

return { per = "class", either = opts.add, events = opts.events, where = opts.where, otherwise = false }
