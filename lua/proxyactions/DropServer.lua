-- DropServer: removes an Asterisk. Actions in flight to it end with an Error. `Server:` NAME.
return {
  name = "DropServer",
  summary = "Drops a server",
  word = "ProxyResponse",
  admin = true,
  arguments = { Server = "optional" },
  run = function(a, reply)
    local name = a.Server or ""
    if name ~= "" and amp.drop_server(name).ok then return reply:ok{ Message = "Dropped " .. name } end
    reply:error("Cannot Drop Server " .. name .. ", Does Not Exist", "Failure")
  end,
}
