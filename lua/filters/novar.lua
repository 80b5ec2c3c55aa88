-- novar: drops events of channel variables (`VarSet`; `Set` and `SetVar` of old Asterisks), which are most of what a
-- busy dialplan sends. Everything else passes.
--
--   filters: [novar]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: VarSet", "Variable: X" } == nil)
  assert(f{ "Event: Newchannel" })
  assert(f({ "Event: VarSet" }, "answer"))
end)

return { per = "class", events = { "VarSet", "Set", "SetVar" }, otherwise = true }
