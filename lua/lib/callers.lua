-- callers: finds the headers that identify callers and called parties, in any event or answer of any Asterisk, for
-- filters that hide them.
--
--   local callers = amp.use "callers"
--   callers.kind("LocalOneConnectedLineName")      -- "number", "name", "both" (`"Anna" <0301234>`), or nil
--   callers.hide(m, function(number) return number:sub(1, 5) .. "..." end)   -- nil: the number stays, with its name
--
-- Events contain the headers of a channel (`CallerIDNum`, `CallerIDName`, `ConnectedLineNum`, `ConnectedLineName`) with
-- prefixes, and each release adds more of them: Dest, LocalOne, LocalTwo, Source, Transferer, OrigTransferer,
-- SecondTransferer, Transferee, TransferTarget, Target, Spyer, Spyee, Parkee, Retriever … Therefore only the end of a
-- header's name decides, whatever precedes it.
local ends = {
  number = { "calleridnum", "calleridnumber", "connectedlinenum", "connectedlinenumber", "calleridani", "calleridani2",
    "calleridrdnis", "calleriddnid", "dnid", "rdnis", "ani" },
  name = { "calleridname", "connectedlinename" },
}
-- Names of old Asterisks and of call records: not behind prefixes.
local whole = { callerid = "both", callerid1 = "both", callerid2 = "both", connectedline = "both", clid = "both",
  source = "number", src = "number", ["cid-callingpres"] = nil }

local callers = {}
local kinds = {}                                    -- what was found out of a name, by the name

local function find_kind(header)
  local name = header:lower()
  if whole[name] then return whole[name] end
  for kind, words in pairs(ends) do
    for _, word in ipairs(words) do
      if name:sub(-#word) == word and (#word > 6 or name == word) then return kind end
    end
  end
end

function callers.kind(header)
  local kind = kinds[header]
  if kind == nil then
    kind = find_kind(header) or false
    kinds[header] = kind
  end
  return kind or nil
end

-- The header of the number that belongs to the name in `header`.
local function number_of(header)
  return (header:gsub("[Nn][Aa][Mm][Ee]$", function(word) return word:sub(1, 1) == "N" and "Num" or "num" end))
end

local function is_number(text)
  return text:find("^%+?[%d%*#][%d%*# ()/.-]*$") ~= nil
end

-- What is to be shown of a value, nil: it stays.
local function shown(m, header, kind, value, replace)
  if kind == "number" then return is_number(value) and replace(value) or nil end
  if kind == "name" then
    local number = m:get(number_of(header)) or ""
    return (not is_number(number) or replace(number)) and value ~= "" and "" or nil
  end
  local number = value:match("<([^<>]*)>") or value
  local new = is_number(number) and replace(number)
  if new then return number == value and new or "<" .. new .. ">" end
  if not is_number(number) and value ~= "" then return "" end       -- a name alone
end

-- All values under that name; nil if none changes.
local function all_shown(m, header, kind, replace)
  local values, changed = m:all(header), false
  for i, value in ipairs(values) do
    local new = value ~= "" and shown(m, header, kind, value, replace)
    if new then
      values[i], changed = new, true
    end
  end
  return changed and values or nil
end

function callers.hide(m, replace)
  local changes
  for header, value in pairs(m) do
    local kind = header ~= "" and value ~= "" and callers.kind(header)
    if kind then
      changes = changes or {}
      changes[header] = all_shown(m, header, kind, replace)
    end
  end
  for header, values in pairs(changes or {}) do m[header] = values end
end

return callers
