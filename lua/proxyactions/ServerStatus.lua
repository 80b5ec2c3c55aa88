-- ServerStatus: shows each Asterisk, also those that are down, one event `ServerStatus` each: `Server:`, `State:` (up,
-- drained, down, connecting, booting, given up), `Drained:`, `Reason:` why it is down, `Since:` when it went up or
-- down (seconds since 1970), `NextTry:` ms until it is tried again, `Attempts:` in this outage, `RoundTrip:` of the
-- last Ping in microseconds, `InFlight:` actions without an answer, `Waiting:` actions that wait for a lane, `Lanes:`
-- that are open, `LanesMost:`; since the start `EventsSeen:`, `ActionsAnswered:` and `AnswerTime:` of these in
-- microseconds; `Address:`, `Host:`, `Port:`, `User:`, `Events:`; in a cluster `Node:` that owns it, or `-`.
return {
  name = "ServerStatus",
  summary = "Shows what each server does, and why one is down",
  admin = true,
  run = function(_, reply)
    local answer = amp.control{ Command = "servers" }
    if not answer.ok then return reply:error(answer.reason) end
    reply:begin{ Message = "Servers follow" }
    for event in answer:events() do reply:item(event) end
    reply:finish{ Event = "ServerStatusComplete" }
  end,
}
