-- rename: renames headers, for clients that were written for another Asterisk. A renamed header moves to the end of the
-- message. Applies to events and to answers to the user's own actions.
--
--   filters:
--     - rename: { headers: { Uniqueid: UniqueID, ConnectedLineNum: CallerID2 } }
local opts = ...
amp.test(function(t)
  local f = t.filter{ headers = { Old = "New" } }
  local m = f{ "Event: X", "Old: 1", "Other: 2" }
  assert(m.New == "1" and m.Old == nil and m.Other == "2")
  assert(f{ "Event: X" }.New == nil)
end)
amp.options(opts, { headers = "table" })

local names = opts.headers
return {
  per = "class",
  answers = true,
  message = function(m)
    for old, new in pairs(names) do
      local values = m:all(old)
      if #values > 0 then
        m[old] = nil
        m[new] = values
      end
    end
  end,
}
