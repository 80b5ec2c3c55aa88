-- CreateToken: makes a token, a text that programs send in place of a user's secret, with fewer rights, until it ends.
-- `Label:` its name, for the log and for RevokeToken; `Life:` 90s, 15m, 8h, 30d, or `Ends:` seconds since 1970.
-- `Actions:` the only ones that it permits (names with commas; `Events` for events; `*` for all those of its user);
-- without this header, all those of its user except proxy actions for admins. `ReadOnly: yes`: only actions that change
-- nothing.
-- `User:` only admins may make tokens for others. The answer has `Token:`, `User:`, `Label:` and `Ends:`.
local units = { s = 1, m = 60, h = 3600, d = 86400 }
local words = { yes = true, ["true"] = true, on = true, ["1"] = true, no = false, ["false"] = false, off = false,
  ["0"] = false }

local function end_of(a)
  if (a.Life == nil) == (a.Ends == nil) then return nil, "expected either Life or Ends" end
  if a.Ends then
    local ends = a.Ends:match("^%d+$") and #a.Ends < 16 and math.tointeger(tonumber(a.Ends))
    if not ends then return nil, "Ends: expected seconds since 1970" end
    return ends
  end
  local number, unit = a.Life:match("^(%d+)([smhd])$")
  if not number or #number > 9 then return nil, "Life: expected a number with s, m, h or d" end
  return math.floor(amp.time()) + math.tointeger(tonumber(number)) * units[unit]
end

return {
  name = "CreateToken",
  summary = "Makes a token, which stands for a user's secret for a while",
  arguments = { Label = "required", User = "optional", Life = "optional", Ends = "optional", Actions = "optional",
    ReadOnly = "optional" },
  run = function(a, reply, session)
    local user = a.User or session.user
    if not user or (user ~= session.user and not session.admin) then return reply:error("Permission denied") end
    local ends, fault = end_of(a)
    if not ends then return reply:error(fault) end
    local only_reads = words[(a.ReadOnly or "no"):lower()]
    if only_reads == nil then return reply:error("ReadOnly: expected yes or no") end
    local token, reason = amp.create_token{ user = user, label = a.Label, ends = ends, actions = a.Actions,
      only_reads = only_reads }
    if not token then return reply:error(reason) end
    amp.log.info(("token created user=%s label=%s ends=%d by=%s"):format(user, a.Label, ends, session.user or "-"))
    reply:ok{ "Message: Token created", { "Token", token }, { "User", user }, { "Label", a.Label },
      { "Ends", tostring(ends) } }
  end,
}
