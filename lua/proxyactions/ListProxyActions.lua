-- ListProxyActions: lists the proxy actions, with a sentence each.
return {
  name = "ListProxyActions",
  summary = "Lists the proxy actions",
  run = function(_, reply)
    local headers = {}
    for i, a in ipairs(amp.proxy_actions()) do
      headers[i] = { a.name, a.summary .. (a.admin and " (admin)" or "") }
    end
    reply:ok(headers)
  end,
}
