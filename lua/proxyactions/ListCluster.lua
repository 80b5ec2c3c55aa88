-- ListCluster: shows the cluster as this node sees it. One event `ClusterNode` for each node:
--   Node; State: alive, draining or gone; Here: yes (this node) or no; Version; Boot: number of the process;
--   LastHeartbeat: ms since it was heard; Since: when the state began, in seconds since 1970 (0: not known);
--   Sessions; Owned: servers that it owns.
-- One event `ClusterServer` for each server:
--   Server; State: up or down for clients of this node; Owner: a node or `-`; Epoch: of its claim, 0 if it is alone;
--   Standby: a header for each node that holds a connection besides, or `-`; Source: where clients of this node get its
--   events from (lane: the own connection, bus, soon or none); Followed: yes, or no: nobody here needs them now;
--   Sequence: number of the owner's last event; Lag: how many of these are still to come here; Gaps, Repaired, Lost:
--   what this node missed since its start, in times, events and events.
local AT_ONCE = 50 -- events of one call of the script, whose time is limited

return {
  name = "ListCluster",
  summary = "Lists the nodes of the cluster and the owners of the servers",
  admin = true,
  run = function(_, reply)
    local answer = amp.cluster()
    if not answer.ok then return reply:error(answer.reason) end
    reply:begin{ Message = "Nodes and servers follow" }
    local count = 0
    for event in answer:events() do
      count = count + 1
      if count % AT_ONCE == 0 then amp.sleep(0) end
      local lines = { Event = event.Event }
      for name, value in pairs(event) do
        if name ~= "Event" then lines[#lines + 1] = name .. ": " .. value end
      end
      reply:item(lines)
    end
    reply:finish{ Event = "ListClusterComplete" }
  end,
}
