-- SetOutputFormat: sets this session's output format. `OutputFormat:` NAME; without it nothing changes.
return {
  name = "SetOutputFormat",
  summary = "Sets the output format of this session",
  word = "ProxyResponse",
  arguments = { OutputFormat = "optional" },
  run = function(a, reply, session)
    local wanted = a.OutputFormat
    if wanted and wanted ~= "" and not session:set_output(wanted:lower()) then
      return reply:error("Unknown format")
    end
    reply:ok{ OutputFormat = session.output }
  end,
}
