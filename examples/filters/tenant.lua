-- tenant: a tenant of a shared PBX sees only the calls of its own contexts, and starts calls only there and under its
-- own account, whatever the client wrote.
--
--   filters:
--     - tenant: { contexts: [tenant-a], hide_account: true }
local opts, user = ...
amp.test(function(t)
  local f = t.filter({ contexts = { "tenant-a" }, hide_account = true }, { name = "dave", account = "acme" })
  assert(f{ "Event: Newchannel", "Context: tenant-a", "AccountCode: 7" }.AccountCode == nil)
  assert(f{ "Event: Newchannel", "Context: tenant-b" } == nil)
  assert(f{ "Event: RTCPSent" } == nil)
  assert(f:action{ "Action: Originate", "Context: tenant-a" }.Account == "acme")
  for _, action in ipairs{ "Originate", "originate", "ORIGINATE" } do    -- names come in one spelling
    assert(select(2, f:action{ "Action: " .. action, "Context: tenant-b" }) == "Context is not yours")
  end
  assert(f:action{ "Action: Ping" })
end)
amp.options(opts, { contexts = "list", hide_account = "flag?" })

local contexts = amp.set(opts.contexts)
return {
  events = { "Newchannel", "Newexten", "Newstate", "VarSet", "Hangup" },
  where = { Context = contexts },
  otherwise = false,
  message = function(m)
    if opts.hide_account then m.AccountCode = nil end
  end,
  action = function(a)
    if a.Action ~= "Originate" then return end
    if not contexts[a.Context or ""] then return false, "Context is not yours" end
    a.Account = user and user.account
  end,
}
