-- afterhours: refuses new calls outside of working hours, except to listed numbers (the night guard, the lift).
-- It also refuses calls that a proxy action (ClickToCall) starts for the user.
--
--   filters:
--     - afterhours: { from: 8, to: 18, allowed: ["110", "112"] }    # hours of the day, local time
local opts = ...
amp.test(function(t)
  local open = t.filter{ from = 0, to = 24 }
  local shut = t.filter{ from = 0, to = 0, allowed = { "112" } }
  assert(open:action{ "Action: Originate", "Exten: 555" })
  assert(shut:action{ "Action: Originate", "Exten: 112" })
  for _, action in ipairs{ "Originate", "originate", "ORIGINATE" } do    -- names come in one spelling
    assert(select(2, shut:action{ "Action: " .. action, "Exten: 555" }) == "No calls at this hour")
  end
  assert(shut:action{ "Action: QueueStatus" })
end)
amp.options(opts, { from = "number", to = "number", allowed = "list?" })

local allowed = amp.set(opts.allowed or {})
return {
  per = "class",
  action = function(a)
    if a.Action ~= "Originate" or allowed[a.Exten or ""] then return end
    local hour = os.date("*t").hour
    if hour < opts.from or hour >= opts.to then return false, "No calls at this hour" end
  end,
}
