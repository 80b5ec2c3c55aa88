-- ListRevokedTokens: lists what RevokeToken has revoked, one event `RevokedToken` each: `User:`, `Label:`, `Made:`
-- (tokens made up to then are revoked) and `Until:` (when that is forgotten, as none of them is valid any more), in
-- seconds since 1970. Users who are not admins get their own.
return {
  name = "ListRevokedTokens",
  summary = "Lists revoked tokens",
  run = function(_, reply, session)
    reply:begin{ Message = "Revoked tokens follow" }
    for _, t in ipairs(amp.revoked_tokens()) do
      if session.admin or t.user == session.user then
        reply:item{ Event = "RevokedToken", "User: " .. t.user, "Label: " .. t.label, "Made: " .. t.made,
          "Until: " .. t["until"] }
      end
    end
    reply:finish{ Event = "ListRevokedTokensComplete" }
  end,
}
