-- RevokeToken: ends the tokens of a label that were made until now, and the sessions that have logged in by them.
-- `Label:` theirs; `*`: all of the user. `User:` only admins may revoke tokens of others. Who has logged in by a token
-- may revoke those of its label alone. Answers when it is on the disk. An Error that begins with "The tokens are
-- revoked only until" says that it is not, but holds until a restart.
return {
  name = "RevokeToken",
  summary = "Ends tokens by their label",
  arguments = { Label = "required", User = "optional" },
  run = function(a, reply, session)
    local user = a.User or session.user
    if not user or (user ~= session.user and not session.admin) then return reply:error("Permission denied") end
    if a.Label ~= "*" and (#a.Label > 64 or not a.Label:match("^[%w_.@:-]+$")) then
      return reply:error("Label: expected 1 to 64 letters, digits or _ . @ : -, or *")
    end
    local answer = amp.revoke_token(user, a.Label)
    if not answer.ok then return reply:error(answer.reason) end
    amp.log.info(("token revoked user=%s label=%s by=%s"):format(user, a.Label, session.user or "-"))
    reply:ok{ "Message: Revoked " .. a.Label, { "User", user }, { "Label", a.Label } }
  end,
}
