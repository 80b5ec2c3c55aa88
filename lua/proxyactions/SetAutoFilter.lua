-- SetAutoFilter: sets which messages this session gets: `AutoFilter: on` (messages with the ActionID sent last),
-- `unique` (own answers, and events without ActionID), anything else: `off` (everything).
-- The answer contains 0 for off, 1 for on, 2 for unique.
local numbers = { off = 0, on = 1, unique = 2 }
return {
  name = "SetAutoFilter",
  summary = "Sets the autofilter of this session",
  word = "ProxyResponse",
  arguments = { AutoFilter = "optional" },
  run = function(a, reply, session)
    local wanted = (a.AutoFilter or ""):lower()
    if not numbers[wanted] then wanted = "off" end
    session:set_autofilter(wanted)
    reply:ok{ AutoFilter = numbers[wanted] }
  end,
}
