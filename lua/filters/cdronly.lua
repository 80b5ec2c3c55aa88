-- cdronly: the user gets events of call detail records (`Cdr`) and no others. Own answers are not touched.
-- Several `…only` filters add up: [cdronly, brionly] gives both.
--
--   filters: [cdronly]
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: Cdr", "Source: 100" })
  assert(f{ "Event: CDR" } and f{ "Event: cdr" })
  assert(f{ "Event: Newchannel" } == nil)
  assert(f({ "Response: Success" }, "answer"))
end)

return { per = "class", either = true, events = { "Cdr" }, otherwise = false }
