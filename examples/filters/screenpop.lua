-- screenpop: an agent's client gets one small event when the agent's telephone rings, and no other events:
-- `Event: ScreenPop` with the caller's number and name. Works with `DialBegin` of new and `Dial` of old Asterisks.
--
--   filters:
--     - screenpop: { device: PJSIP/100 }
local opts = ...
amp.test(function(t)
  local f = t.filter{ device = "PJSIP/100" }
  local m = f{ "Event: DialBegin", "DestChannel: PJSIP/100-0000001f", "CallerIDNum: 0301234", "CallerIDName: Anna",
    "Uniqueid: 1.2", "Linkedid: 1.1" }
  assert(m.Event == "ScreenPop" and m.Number == "0301234" and m.Name == "Anna" and m.Linkedid == "1.1")
  assert(m.DestChannel == nil)
  assert(f{ "Event: DialBegin", "DestChannel: PJSIP/1001-0000001f" } == nil)
  assert(f{ "Event: Hangup" } == nil)
end)
amp.options(opts, { device = "text" })

local channel = opts.device .. "-"          -- PJSIP/100-…, not PJSIP/1001-…
local keep = amp.names{ "Event", "Privilege", "Server", "Linkedid" }
return {
  events = { "DialBegin", "Dial" },
  otherwise = false,
  message = function(m)
    if not (m:starts("DestChannel", channel) or m:starts("Destination", channel)) then return false end
    local number, name = m.CallerIDNum, m.CallerIDName
    local gone = {}
    for header in pairs(m) do
      if header ~= "" and not keep[header] then gone[#gone + 1] = header end
    end
    for _, header in ipairs(gone) do m[header] = nil end
    m.Event, m.Number, m.Name = "ScreenPop", number, name
  end,
}
