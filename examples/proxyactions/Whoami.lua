-- Whoami: shows what the proxy knows of the session that sends it. The smallest possible proxy action.
--
--   ProxyAction: Whoami
amp.test(function(t)
  local answer = t.run({ "ProxyAction: Whoami" }, { user = "dave", ip = "192.0.2.7", admin = true })
  assert(answer[1].Response == "Success" and answer[1].User == "dave" and answer[1].Admin == "true")
end)

return {
  name = "Whoami",
  summary = "Says who you are",
  run = function(_, reply, session)
    reply:ok{ User = session.user or "-", Address = session.address, Output = session.output, Admin = session.admin }
  end,
}
