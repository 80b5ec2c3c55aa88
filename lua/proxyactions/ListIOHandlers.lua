-- ListIOHandlers: lists the input and output formats.
return {
  name = "ListIOHandlers",
  summary = "Lists the formats",
  word = "ProxyResponse",
  run = function(_, reply)
    local headers = {}
    for _, f in ipairs(amp.formats()) do
      if f.input then headers[#headers + 1] = { "InputHandler", f.name } end
      if f.output then headers[#headers + 1] = { "OutputHandler", f.name } end
    end
    reply:ok(headers)
  end,
}
