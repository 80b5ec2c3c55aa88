-- queues: of all queues, the user sees only the named ones, in events and in answers (QueueStatus, QueueSummary), and
-- may not act on others, nor ask for the text of all (Queues). Messages that name no queue pass.
--
--   filters:
--     - queues: { names: [sales, support] }
local opts = ...
amp.test(function(t)
  local f = t.filter{ names = { "sales" } }
  assert(f{ "Event: QueueCallerJoin", "Queue: sales" })
  assert(f{ "Event: QueueCallerJoin", "Queue: other" } == nil)
  assert(f{ "Event: AgentCalled", "Queue: other" } == nil)
  assert(f{ "Event: Newchannel" })
  assert(f({ "Event: QueueParams", "Queue: other" }, "answer") == nil)
  assert(f({ "Event: QueueStatusComplete", "EventList: Complete" }, "answer"))
  for _, action in ipairs{ "QueueAdd", "queueadd", "QUEUEADD" } do
    assert(select(2, f:action{ "Action: " .. action, "Queue: other" }) == "Queue is not yours")
  end
  assert(f:action{ "Action: QueueStatus" })
  assert(select(2, f:action{ "Action: queues" }) == "Queues shows all queues: use QueueStatus")
end)
amp.options(opts, { names = "list" })

local mine = amp.set(opts.names)
return {
  per = "class",
  answers = true,
  events = { "Queue*", "Agent*", "Join", "Leave" },
  message = function(m)
    return m.Queue == nil or mine[m.Queue]
  end,
  action = function(a)
    if a:is("Action", "Queues") then return false, "Queues shows all queues: use QueueStatus" end -- text (up to 13)
    if a.Queue and a.Queue ~= "" and a:starts("Action", "Queue") and not mine[a.Queue] then
      return false, "Queue is not yours"
    end
  end,
}
