"""The order of letters from the hub on which clients rely."""

from harness.message import encode

USERS = [{"name": "dave", "secret": "dave-SECRET-1", "admin": True}, {"name": "bill", "secret": "bill-SECRET-2"}]
FILTER = """
    return { message = function(m)
      if m.Event ~= "Mark" then return end
      local up = {}
      for _, server in ipairs(amp.servers()) do up[#up + 1] = server.name .. "=" .. tostring(server.up) end
      m.Servers = table.concat(up, ",")
    end }
"""


def mark(name):
    return encode([("Event", "Mark"), ("Privilege", "call,all"), ("Name", name)])


def test_f59_what_came_before_a_new_state_is_judged_by_the_old_one(start_proxy, scripted, scripts):
    """One write of the server: an event, the one that says that the server is up, and another event."""
    pbx = scripted(fully_booted=False)
    proxy = start_proxy(
        {"pbx1": pbx}, up=[], users=[{**USERS[0], "filters": ["sees"]}], scripts={"path": scripts(filter_sees=FILTER)}
    )
    client = proxy.login("dave")
    booted = encode([("Event", "FullyBooted"), ("Privilege", "system,all"), ("Status", "Fully Booted")])
    pbx.wait(lambda: any(lane.events != "off" for lane in pbx.lanes()), "a main lane")
    pbx.send_raw(mark("before") + booted + mark("after"))
    found = {
        event["Name"]: event["Servers"]
        for event in client.collect_until(Event="Mark", Name="after")
        if event.get("Event") == "Mark"
    }
    assert found["after"] == "pbx1=true"
    assert found["before"] in ("", "pbx1=false"), found  # nothing was told of it yet


def test_f59_a_state_comes_before_what_tells_of_it(start_proxy, scripted):
    """Whoever reads that a server went, or came, finds it so."""
    kept, dropped = scripted(), scripted()
    proxy = start_proxy({"kept": kept, "dropped": dropped}, users=USERS)
    watcher, client = proxy.login("bill"), proxy.login("dave", Events="off")
    watcher.read_until(Event="FullyBooted")
    client.send(ProxyAction="DropServer", Server="dropped", ActionID="d")
    assert client.response("d").get("Message") == "Dropped dropped"
    assert watcher.read_until(Event="ServerDown")["Server"] == "dropped"
    listed = str(watcher.ask(ProxyAction="ListServers", ActionID="l"))
    assert "kept" in listed and "dropped" not in listed


def test_f59_commands_and_asks_of_a_worker_keep_their_order(start_proxy, scripted):
    """An ask that was sent before a server is dropped reaches it; one that was sent behind finds it gone."""
    kept, dropped = scripted(), scripted()
    proxy = start_proxy({"kept": kept, "dropped": dropped}, users=USERS)
    asking, dropping = proxy.login("bill", Events="off"), proxy.login("dave", Events="off")
    for number in range(20):
        asking.send(Action="CoreStatus", Server="dropped", ActionID=str(number))
    dropped.wait(lambda: len(dropped.actions) == 20, "all asks")
    dropping.send(ProxyAction="DropServer", Server="dropped", ActionID="d")
    dropping.send(Action="CoreStatus", Server="dropped", ActionID="late")
    assert dropping.response("d").get("Message") == "Dropped dropped"
    assert dropping.response("late")["Message"] == "Unknown server: dropped"
    for number in range(20):
        assert asking.response(str(number))["Message"].startswith("Server dropped was lost: it was dropped")
