-- mask: overwrites long numbers and secrets in the values of headers with `x`, in events and in answers to the user's
-- own actions. Headers that hold a secret by their nature lose their value in any case: the new PIN in
-- VoicemailPasswordChange, passwords and tokens in AuthDetail, AuthList and TransportDetail, digests and their
-- challenges in events of the class security.
--
--   filters:
--     - mask                                              # numbers of 13 digits and more (cards), secrets by name
--     - mask: { headers: [CallerIDNum, ConnectedLineNum], keep: 3 }
--
-- headers    headers in which every digit but the last `keep` is masked; default: none
-- keep       number of digits that stay; default 4
-- digits     a number with at least this many digits is masked in every header; default 13; 0: never
-- variables  a VarSet whose variable name contains one of these words (in any case) loses its value;
--            default: secret, password, passwd, pin, card, cvv, token
local opts = ...
amp.test(function(t)
  local f = t.filter()
  assert(f{ "Event: VarSet", "Variable: NOTE", "Value: no 4111-1111-1111-1111." }.Value == "no xxxx-xxxx-xxxx-1111.")
  assert(f{ "Event: VarSet", "Variable: NOTE", "Value: 4111111111111111" }.Value == "xxxxxxxxxxxx1111")
  assert(f{ "Event: VarSet", "Variable: MYPIN", "Value: 99" }.Value == "xxxxxxxx")
  assert(f{ "Event: Newchannel", "Uniqueid: 1795393947.17", "Exten: 100" }.Uniqueid == "1795393947.17")
  assert(f({ "Response: Success", "Value: 4111111111111111" }, "answer").Value == "xxxxxxxxxxxx1111")
  assert(f{ "Event: VoicemailPasswordChange", "Mailbox: 100", "NewPassword: 4711" }.NewPassword == "xxxxxxxx")
  assert(f({ "Event: AuthDetail", "Username: a", "Password: b" }, "answer").Password == "xxxxxxxx")
  assert(f{ "Event: ChallengeResponseFailed", "Response: d41d8cd9" }.Response == "xxxxxxxx")
  assert(f{ "Event: OriginateResponse", "Response: Success" }.Response == "Success")
  assert(f({ "Response: Success", "Message: x" }, "answer").Response == "Success")
  local g = t.filter{ headers = { "CallerIDNum" }, keep = 3 }
  assert(g{ "Event: Newchannel", "CallerIDNum: +4930123456" }.CallerIDNum == "+xxxxxxx456")
  assert(g{ "Event: MeetmeJoin", "CallerIDnum: +4930123456" }.CallerIDNum == "+xxxxxxx456")
end)
amp.options(opts, { headers = "list?", keep = "number?", digits = "number?", variables = "list?" })

local keep, digits = opts.keep or 4, opts.digits or 13
local words = opts.variables or { "secret", "password", "passwd", "pin", "card", "cvv", "token" }
local masked = amp.names(opts.headers or {})
-- What names calls and channels is not for reading, and clients need it as it is.
local names = amp.names{ "Uniqueid", "Linkedid", "DestUniqueid", "DestLinkedid", "BridgeUniqueid", "ActionID",
  "Privilege" }

local secrets = amp.names{ "NewPassword", "Password", "Md5Cred", "PasswordDigest", "OauthSecret", "RefreshToken",
  "ReceivedHash", "ExpectedResponse", "Challenge", "ReceivedChallenge" }

local function count_digits(text)
  return select(2, text:gsub("%d", ""))
end

-- Masks every digit but the last `keep`.
local function mask(text)
  local left = count_digits(text) - keep
  return (text:gsub("%d", function(digit)
    left = left - 1
    return left >= 0 and "x" or digit
  end))
end

local function is_secret(name)
  name = name:lower()
  for _, word in ipairs(words) do
    if name:find(word, 1, true) then return true end
  end
end

local function judge(name, value)
  if secrets[name] then return value == "" and "" or "xxxxxxxx" end
  if masked[name] then return mask(value) end
  if digits > 0 and #value >= digits and not names[name] then
    return (value:gsub("%d[%d%- ]+%d", function(run)
      if count_digits(run) >= digits then return mask(run) end
    end))
  end
  return value
end

return {
  per = "class",
  answers = true,
  message = function(m)
    local changes
    for name, value in pairs(m) do
      if name ~= "" then
        local new = judge(name, value)
        if new ~= value then
          changes = changes or {}
          changes[name] = true
        end
      end
    end
    if changes then
      for name in pairs(changes) do
        local values = m:all(name)
        for i, value in ipairs(values) do values[i] = judge(name, value) end
        m[name] = values
      end
    end
    if m.Event == "ChallengeResponseFailed" and m.Response then m.Response = "xxxxxxxx" end
    if m.Event == "VarSet" and m.Variable and is_secret(m.Variable) then m.Value = "xxxxxxxx" end
  end,
}
