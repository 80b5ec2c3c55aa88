-- ListScripts: lists the filters and proxy actions of this worker with their counters, one event `Script` each.
return {
  name = "ListScripts",
  summary = "Lists filters and proxy actions with their counters",
  admin = true,
  run = function(_, reply)
    reply:begin{ Message = "Scripts follow" }
    for _, s in ipairs(amp.scripts()) do
      reply:item{ Event = "Script", "Name: " .. s.name, "Kind: " .. s.kind, "User: " .. (s.user or "-"),
        "Seen: " .. s.seen, "Entered: " .. s.entered, "Passed: " .. s.passed, "Dropped: " .. s.dropped,
        "Changed: " .. s.changed, "Failed: " .. s.failed, "Observed: " .. tostring(s.observed),
        "Quarantined: " .. tostring(s.quarantined) }
    end
    reply:finish{ Event = "ListScriptsComplete" }
  end,
}
