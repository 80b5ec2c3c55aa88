-- cdronly: passes only events of call detail records (`Cdr`). Answers to the user's own actions pass unchanged.
-- Several `…only` filters add up: [cdronly, brionly] passes both kinds.
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
