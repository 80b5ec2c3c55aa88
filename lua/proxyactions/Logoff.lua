-- Logoff: answers `Goodbye` and closes this session, as `Action: Logoff` does.
return {
  name = "Logoff",
  summary = "Ends this session",
  run = function(_, reply, session)
    reply:answer("Goodbye", { Message = "Thanks for all the fish." })
    session:close()
  end,
}
