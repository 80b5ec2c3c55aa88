-- ScriptStatus: shows the filters and proxy actions of all workers together, one event `ScriptStatus` each: `Script:`,
-- `Kind:` (filter or proxy action), `State:` (active, observing or quarantined), `Time:` processor time in
-- microseconds, `Seen:`, `Entered:`, `Passed:`, `Dropped:`, `Changed:`, `Failed:` messages; `Uses:` entries of the
-- configuration that use it, counted in each worker, of these `Observing:` and `Quarantined:`. `Kind: filter` shows
-- filters alone.
return {
  name = "ScriptStatus",
  summary = "Shows filters and proxy actions, their errors and their time",
  admin = true,
  arguments = { Kind = "optional" },
  run = function(a, reply)
    local answer = amp.control{ Command = "filters" }
    if not answer.ok then return reply:error(answer.reason) end
    reply:begin{ Message = "Scripts follow" }
    for event in answer:events() do
      if not a.Kind or event.Kind == a.Kind then reply:item(event) end
    end
    reply:finish{ Event = "ScriptStatusComplete" }
  end,
}
