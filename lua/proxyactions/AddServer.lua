-- AddServer: adds an Asterisk as the last server, until the proxy exits or reloads. Answers before it is connected.
-- `Server:`, `Port:`, `Username:`, `Secret:`, `Events:`; all are required.
return {
  name = "AddServer",
  summary = "Adds a server",
  word = "ProxyResponse",
  admin = true,
  arguments = { Server = "optional", Port = "optional", Username = "optional", Secret = "optional",
    Events = "optional" },
  run = function(a, reply)
    local wanted = {}
    local complete = true
    for _, name in ipairs{ "Server", "Port", "Username", "Secret", "Events" } do
      wanted[name] = a[name]
      complete = complete and a[name] ~= nil and a[name] ~= ""
    end
    local host = a.Server or ""
    if complete and amp.add_server(wanted).ok then return reply:ok{ Message = "Added " .. host } end
    reply:error("Could not add " .. host, "Failure")
  end,
}
