-- SetInputFormat: sets this session's input format. `InputFormat:` NAME; without it nothing changes.
return {
  name = "SetInputFormat",
  summary = "Sets the input format of this session",
  word = "ProxyResponse",
  arguments = { InputFormat = "optional" },
  run = function(a, reply, session)
    local wanted = a.InputFormat
    if wanted and wanted ~= "" and not session:set_input(wanted:lower()) then
      return reply:error("Unknown format")
    end
    reply:ok{ InputFormat = session.input }
  end,
}
