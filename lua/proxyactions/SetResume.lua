-- SetResume: `IDs: on` (or without the header) gives each message of this session's stream a header `ResumeID`; `off`
-- ends that. A client that has lost its connection sends the last one that it has received as `Resume:` in its next
-- Login, and continues from there.
return {
  name = "SetResume",
  summary = "Sets whether this session's messages carry ids for coming back",
  word = "ProxyResponse",
  arguments = { IDs = "optional" },
  run = function(a, reply, session)
    local word = (a.IDs or ""):lower()
    if word ~= "" and word ~= "on" and word ~= "off" then return reply:error("IDs: expected on or off") end
    if not session:set_resume(word ~= "off") then
      return reply:error("Nothing is kept for sessions that come back (resume.keep), "
        .. "or the protocol of this connection decides about ids")
    end
    reply:ok{ IDs = word == "off" and "off" or "on" }
  end,
}
