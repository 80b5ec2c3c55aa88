-- ClickToCall: lets a web page call a number from a telephone, and nothing else. The page cannot send an Originate of
-- its own or choose a context, and numbers must begin with a listed prefix.
--
--   ProxyAction: ClickToCall
--   Phone: 100
--   Number: 030123456
--
amp.test(function(t)                        -- run by `astmanproxy --check`
  local asked
  t.call(function(a)
    asked = a:copy()
    return { { "Response: Success" } }
  end)
  local answer = t.run({ "ProxyAction: ClickToCall", "Phone: 100", "Number: 030123" }, { user = "dave" })
  assert(answer[1].Message == "Calling" and asked.Exten == "030123" and asked.Variable == "CLICKED_BY=dave")
  assert(t.run({ "ProxyAction: ClickToCall", "Phone: 100", "Number: 0900123" })[1].Response == "Error")
  t.call(function() return nil, "Server pbx1 is down" end)
  assert(t.run({ "ProxyAction: ClickToCall", "Phone: 100", "Number: 030123" })[1].Message == "Server pbx1 is down")
end)

-- Change these three to what your dialplan has.
local context = "from-internal"
local technology = "PJSIP/"
local prefixes = { "030", "040", "0800" }

local function is_allowed(number)
  for _, prefix in ipairs(prefixes) do
    if number:sub(1, #prefix) == prefix then return true end
  end
end

return {
  name = "ClickToCall",
  summary = "Has a telephone call a number",
  arguments = { Phone = "required", Number = "required" },
  run = function(a, reply, session)
    local phone, number = a.Phone:match("^%d%d%d?%d?$"), a.Number:match("^%d+$")
    if not phone or not number then return reply:error("Phone and Number are digits") end
    if not is_allowed(number) then return reply:error("This number may not be called") end
    local got = amp.call{
      Action = "Originate", Channel = technology .. phone, Context = context, Exten = number, Priority = 1,
      Async = "true", CallerID = "Call <" .. number .. ">",
      Variable = "CLICKED_BY=" .. (session and session.user or "-"),
    }
    if not got.ok then return reply:error(got.reason) end
    reply:ok{ Message = "Calling" }
  end,
}
