-- callerid: a wallboard in the hall shows that somebody calls, not who: of numbers of callers only the first digits
-- stay, names go. Numbers of your own extensions stay as they are.
--
--   filters:
--     - callerid: { keep: 5, own: 3 }     # digits that stay; numbers of at most that many digits are extensions
local opts = ...
amp.test(function(t)
  local f = t.filter{}
  local m = f{ "Event: Newchannel", "CallerIDNum: 493012345678", "CallerIDName: Anna", "ConnectedLineNum: 100" }
  assert(m.CallerIDNum == "49301..." and m.CallerIDName == "" and m.ConnectedLineNum == "100")
end)
amp.options(opts, { keep = "number?", own = "number?" })

local keep, own = opts.keep or 5, opts.own or 4
local numbers = { "CallerIDNum", "ConnectedLineNum", "DestCallerIDNum", "DestConnectedLineNum" }
return {
  per = "class",
  answers = true,
  message = function(m)
    for _, header in ipairs(numbers) do
      local number = m[header]
      if number and #number > own and number:find("^%+?%d+$") then
        m[header] = number:sub(1, keep) .. "..."
        local name = header:gsub("Num$", "Name")
        if m[name] then m[name] = "" end
      end
    end
  end,
}
