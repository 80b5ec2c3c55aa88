-- Whoami: what the proxy knows of the session that asks. The smallest proxy action there is.
--
--   ProxyAction: Whoami
return {
  name = "Whoami",
  summary = "Says who you are",
  run = function(_, reply, session)
    reply:ok{ User = session.user or "-", Address = session.address, Output = session.output, Admin = session.admin }
  end,
}
