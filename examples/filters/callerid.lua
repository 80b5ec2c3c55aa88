-- callerid: hides callers, for example from a wallboard in the hall. Only the first digits of callers' numbers stay,
-- and names become empty. Numbers of your own extensions stay unchanged.
--
--   filters:
--     - callerid: { keep: 5, own: 3 }     # digits that stay; numbers of at most `own` digits are extensions
local opts = ...
local callers = amp.use "callers"                -- lib/callers.lua knows all headers that say who calls whom
amp.test(function(t)
  local f = t.filter{}
  local m = f{ "Event: Newchannel", "CallerIDNum: 493012345678", "CallerIDName: Anna", "ConnectedLineNum: 100",
    "ConnectedLineName: Desk" }
  assert(m.CallerIDNum == "49301..." and m.CallerIDName == "" and m.ConnectedLineNum == "100")
  assert(m.ConnectedLineName == "Desk")          -- an extension's name
  m = f{ "Event: LocalBridge", "LocalOneCallerIDNum: 493012345678", "LocalTwoConnectedLineNum: 493012345678",
    "LocalTwoConnectedLineName: Anna" }
  assert(m.LocalOneCallerIDNum == "49301..." and m.LocalTwoConnectedLineNum == "49301...")
  assert(m.LocalTwoConnectedLineName == "")
  m = f{ "Event: CEL", "CallerIDani: 493012345678", "CallerIDdnid: 493012345678", "CallerIDrdnis: 100" }
  assert(m.CallerIDani == "49301..." and m.CallerIDdnid == "49301..." and m.CallerIDrdnis == "100")
  m = f{ "Event: Cdr", 'CallerID: "Anna" <493012345678>', "Source: 493012345678", "Destination: 100" }
  assert(m.CallerID == "<49301...>" and m.Source == "49301..." and m.Destination == "100")
end)
amp.options(opts, { keep = "number?", own = "number?" })

local keep, own = opts.keep or 5, opts.own or 4
local function cut(number)
  if #number > own then return number:sub(1, keep) .. "..." end
end
return {
  per = "class",
  answers = true,
  message = function(m) callers.hide(m, cut) end,
}
