-- drop: drops the named events. All other events and answers pass.
--
--   filters:
--     - drop: { events: [RTCPSent, RTCPReceived, "Challenge*"] }    # a star at the end makes a prefix
--     - drop: { events: [VarSet], where: { Variable: "CARD_*" } }   # only those that match
--
-- events  names of events
-- where   headers, and the values that an event must have to be dropped: a text or a list; a text may end in a star
local opts = ...
amp.test(function(t)
  local f = t.filter{ events = { "VarSet" }, where = { Variable = "CARD_*" } }
  assert(f{ "Event: VarSet", "Variable: CARD_NO" } == nil)
  assert(f{ "Event: VarSet", "Variable: COLOUR" })
  assert(f{ "Event: Newchannel" })
  local g = t.filter{ events = { "RTCP*" } }
  assert(g{ "Event: RTCPSent" } == nil)
end)
amp.options(opts, { events = "list", where = "table?" })

return { per = "class", events = opts.events, where = opts.where, otherwise = true }
