-- only: the user gets these events and no others. Own answers are not touched.
--
--   filters:
--     - only: { events: [Newchannel, Hangup, "Queue*"] }            # a star at the end: all that begin so
--     - only: { events: ["*"], where: { Context: [sales, support] } }
--
-- events  names of events
-- where   headers and the values that they may have, a text or a list; a text may end in a star
-- add     true: adds up with other filters that do (cdronly, brionly …); default: each `only` narrows what is left
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
