"""Actions that wait for a lane wait in the proxy: none is sent after its client was told that it failed."""

import socket

import pytest

from harness.web import ALL_PLUGINS, Web, basic, listeners

CALL = {"Action": "Originate", "Channel": "Local/1@x", "Application": "Wait", "Timeout": "25000"}
SLOW_LANES = [2, 3, 4]
TOGETHER = {2: 1, 3: 1, 4: 2}  # calls that are set up at once


def call(client, name, **more):
    client.send(**{**CALL, "ActionID": name, "Data": name, **more})


def wait_for_waiting(proxy, count):
    proxy.wait_until(lambda lines: sum("action waits" in line for line in lines) >= count, f"{count} that waited")


def seen(pbx, action="Originate"):
    """What reached the server and was not taken by expect()."""
    with pbx.changed:
        return [found["Data"] for found in pbx.actions if found["Action"] == action]


def count_pings(pbx, count):
    """Pings of the main lane, one each ping_interval, measure the time."""
    with pbx.changed:
        pings = pbx.pings
        pbx.wait(lambda: pbx.pings >= pings + count, f"{count} Pings", 60)


def fence(proxy, pbx):
    """Has the hub done everything that it was sent before? A brief action goes its whole way."""
    client = proxy.login("dave", Events="off")
    client.send(Action="Command", Command="fence", ActionID="fence")
    pbx.expect(Action="Command", Command="fence").reply("Success", Message="Command output follows")
    client.response("fence")


@pytest.mark.parametrize("lanes", [1, *SLOW_LANES])
def test_f11_no_call_begins_after_its_client_was_told_that_it_failed(start_proxy, pbx, lanes):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": lanes}, limits={"queue_timeout": "1s", "exchange_timeout": "1s"})
    clients = {f"c{number}": proxy.login("dave", Events="off") for number in range(12)}
    for name, client in clients.items():
        call(client, name)
    together = TOGETHER.get(lanes, 1)
    begun = pbx.expect_all(together)
    names = {action["Data"] for action in begun}
    for name in set(clients) - names:
        answer = clients[name].response(name)
        assert answer["Response"] == "Error" and answer["Message"].endswith("the action was not sent"), answer
        assert answer["Server"] == "pbx1"
    assert seen(pbx) == []
    for action in begun:
        action.reply("Success", Message="Originate successfully queued")
        assert clients[action["Data"]].response(action["Data"])["Response"] == "Success"
    fence(proxy, pbx)
    assert seen(pbx) == []


@pytest.mark.parametrize("lanes", [1, *SLOW_LANES])
def test_f11_all_calls_begin_if_there_is_time(start_proxy, pbx, lanes):
    """Never more at once than lanes; nothing is written behind a call that is being set up."""
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": lanes})
    clients = {f"c{number}": proxy.login("dave", Events="off") for number in range(8)}
    for name, client in clients.items():
        call(client, name)
    wait_for_waiting(proxy, 8)
    together, done = TOGETHER.get(lanes, 1), set()
    while len(done) < 8:
        begun = pbx.expect_all(min(together, 8 - len(done)))
        assert seen(pbx) == []
        assert len({action.connection for action in begun}) == len(begun)
        for action in begun:
            action.reply("Success", Message="Originate successfully queued")
            assert clients[action["Data"]].response(action["Data"])["Response"] == "Success"
            done.add(action["Data"])


@pytest.mark.parametrize("lanes", [3, 4])
def test_f11_a_command_never_waits_for_calls(start_proxy, pbx, lanes):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": lanes})
    clients = {f"c{number}": proxy.login("dave", Events="off") for number in range(12)}
    for name, client in clients.items():
        call(client, name)
    begun = pbx.expect_all(TOGETHER[lanes])
    wait_for_waiting(proxy, 12)
    for _ in range(3):
        fence(proxy, pbx)
    assert seen(pbx) == []
    for action in begun:
        action.reply("Success", Message="Originate successfully queued")


def test_f11_with_one_slow_lane_a_command_goes_next(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2})
    clients = {f"c{number}": proxy.login("dave", Events="off") for number in range(4)}
    for name, client in clients.items():
        call(client, name)
    first = pbx.expect(Action="Originate")
    wait_for_waiting(proxy, 4)
    other = proxy.login("bill", Events="off")
    other.send(Action="Command", Command="quick", ActionID="q")
    wait_for_waiting(proxy, 5)
    first.reply("Success", Message="Originate successfully queued")
    command = pbx.expect(Action="Command")
    assert seen(pbx) == []
    command.reply("Success", Message="Command output follows")
    pbx.expect(Action="Originate").reply("Success", Message="Originate successfully queued")


def test_f11_commands_do_not_keep_calls_from_beginning(start_proxy, pbx):
    """A call that has waited for half of its time goes before what blocks only briefly."""
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2, "ping_interval": "1s"}, limits={"queue_timeout": "4s"})
    clients = [proxy.login("dave", Events="off") for _ in range(4)]
    caller = proxy.login("bill", Events="off")
    clients[0].send(Action="Command", Command="0", ActionID="0")
    running = pbx.expect(Action="Command")
    call(caller, "call")
    wait_for_waiting(proxy, 2)
    for number, client in enumerate(clients[1:], 1):
        client.send(Action="Command", Command=str(number), ActionID=str(number))
    wait_for_waiting(proxy, 5)
    count_pings(pbx, 3)
    running.reply("Success", Message="Command output follows")
    pbx.expect(Action="Originate").reply("Success", Message="Originate successfully queued")
    assert caller.response("call")["Response"] == "Success"


def test_f11_sessions_take_turns_and_keep_their_own_order(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    for number in range(5):
        call(dave, f"d{number}")
    wait_for_waiting(proxy, 5)
    call(bill, "b")
    wait_for_waiting(proxy, 6)
    order = []
    for _ in range(6):
        action = pbx.expect(Action="Originate")
        order.append(action["Data"])
        assert seen(pbx) == []
        action.reply("Success", Message="Originate successfully queued")
    assert [name for name in order if name != "b"] == [f"d{number}" for number in range(5)]
    assert order.index("b") <= 2
    assert [dave.read_message()["ActionID"] for _ in range(5)] == [f"d{number}" for number in range(5)]
    assert bill.response("b")["Response"] == "Success"


@pytest.mark.parametrize("lanes", [1, 2, 4])
def test_f11_what_its_client_left_behind_is_never_sent(start_proxy, pbx, lanes):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": lanes})
    first = [proxy.login("dave", Events="off") for _ in range(TOGETHER.get(lanes, 1))]
    for number, client in enumerate(first):
        call(client, f"f{number}")
    begun = pbx.expect_all(len(first))
    gone, waiting = proxy.login("bill", Events="off"), proxy.login("dave", Events="off")
    call(gone, "gone")
    wait_for_waiting(proxy, len(first) + 1)
    call(waiting, "waiting")
    wait_for_waiting(proxy, len(first) + 2)
    gone.reset()
    proxy.wait_until(lambda lines: any("action withdrawn" in line for line in lines), "withdrawn")
    for action in begun:
        action.reply("Success", Message="Originate successfully queued")
    last = pbx.expect(Action="Originate")
    assert last["Data"] == "waiting"
    last.reply("Success", Message="Originate successfully queued")
    assert waiting.response("waiting")["Response"] == "Success"
    assert seen(pbx) == []


def test_f11_a_client_that_says_no_more_is_waited_for(start_proxy, pbx):
    """Its connection may be closed in one direction only, as that of `nc`; Asterisk reads on to the end, too."""
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    call(dave, "first")
    calling = pbx.expect(Action="Originate")
    call(bill, "second")
    wait_for_waiting(proxy, 2)
    bill.socket.shutdown(socket.SHUT_WR)
    calling.reply("Success", Message="Originate successfully queued")
    pbx.expect(Action="Originate").reply("Success", Message="Originate successfully queued")
    assert bill.response("second")["Response"] == "Success"


def test_f11_on_a_single_lane_nothing_is_written_behind_a_call(start_proxy, pbx):
    """Actions that do not block wait here, too: otherwise they would run after their client was told that they
    failed."""
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 1}, limits={"queue_timeout": "1s"})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    call(dave, "call")
    calling = pbx.expect(Action="Originate")
    bill.send(Action="Setvar", Variable="x", Value="1", ActionID="1")
    answer = bill.response("1")
    assert answer["Response"] == "Error" and answer["Message"].endswith("the action was not sent")
    bill.send(Action="Setvar", Variable="x", Value="2", ActionID="2")
    wait_for_waiting(proxy, 3)
    assert seen(pbx, "Setvar") == []
    calling.reply("Success", Message="Originate successfully queued")
    setting = pbx.expect(Action="Setvar")
    assert setting["Value"] == "2"
    setting.reply()
    assert bill.response("2")["Response"] == "Success"
    assert dave.response("call")["Response"] == "Success"


def test_f11_a_lost_server_says_what_may_have_been_executed(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2})
    sent, waiting = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    call(sent, "sent")
    pbx.expect(Action="Originate")
    call(waiting, "waiting")
    wait_for_waiting(proxy, 2)
    pbx.go_down()
    answers = {name: client.response(name) for name, client in [("sent", sent), ("waiting", waiting)]}
    for answer in answers.values():
        assert answer["Response"] == "Error" and answer["Message"].startswith("Server pbx1 was lost: ")
    assert answers["sent"]["Message"].endswith("; the action may have been executed")
    assert answers["waiting"]["Message"].endswith("; the action was not sent")
    pbx.go_up()
    proxy.wait_for_server("pbx1")
    fence(proxy, pbx)
    assert seen(pbx) == []


def test_f11_an_orderly_end_sends_nothing_that_waited(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2}, limits={"drain": "2s"})
    sent, waiting = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    call(sent, "sent")
    pbx.expect(Action="Originate")
    call(waiting, "waiting")
    wait_for_waiting(proxy, 2)
    proxy.process.terminate()
    assert sent.response("sent")["Message"].endswith("has not answered: the action may have been executed")
    assert waiting.response("waiting")["Message"] == "The proxy is going down; the action was not sent"
    assert proxy.process.wait(30) == 0
    assert seen(pbx) == []


def test_f11_a_call_has_the_time_that_it_asks_for(start_proxy, pbx):
    timeouts = ["25000", "0", "-1", "99999999999999999999", "4294967296"]
    proxy = start_proxy(
        {"pbx1": pbx}, more={"ping_interval": "1s", "lanes": len(timeouts) + 2}, limits={"exchange_timeout": "200ms"}
    )
    clients = {timeout: proxy.login("dave", Events="off") for timeout in timeouts}
    for timeout, client in clients.items():
        call(client, timeout, Timeout=timeout)
    calling = pbx.expect_all(len(timeouts))
    count_pings(pbx, 2)
    for action in calling:
        action.reply("Success", Message="Originate successfully queued")
        assert clients[action["Timeout"]].response(action["Timeout"])["Response"] == "Success"


def test_f11_a_time_that_asterisk_refuses_asks_for_nothing(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, limits={"exchange_timeout": "200ms"})
    client = proxy.login("dave", Events="off")
    call(client, "odd", Timeout="soon")
    message = client.response("odd")["Message"]
    assert message == "No answer from server pbx1 in time: the action may have been executed"


@pytest.mark.parametrize("workers", [1])
def test_f11_a_call_without_an_end_gets_its_late_response(start_proxy, pbx):
    """Timeout: 0 is no limit in Asterisk. The Ping of each second measures the time that was enough to lose it."""
    proxy = start_proxy({"pbx1": pbx}, more={"ping_interval": "1s"}, limits={"exchange_timeout": "200ms"})
    client = proxy.login("dave", Events="call")
    call(client, "late", Timeout="0", Async="true")
    calling = pbx.expect(Action="Originate")
    calling.reply("Success", Message="Originate successfully queued")
    assert client.response("late")["Response"] == "Success"
    count_pings(pbx, 12)
    calling.item("OriginateResponse", Privilege="call,all", Response="Failure", Channel="Local/1@x", Reason="3")
    assert client.read_until(Event="OriginateResponse")["ActionID"] == "late"


def test_f11_a_script_that_waits_no_longer_calls_nobody(start_proxy, pbx, scripts):
    folder = scripts(
        action_ring="""
        return {name = "Ring", summary = "Calls", run = function(_, reply)
          local answer = amp.call{Action = "Originate", Channel = "Local/1@x", Application = "Wait", Data = "script",
                                  timeout = "500ms"}
          reply:ok{Message = answer.ok and "called" or answer.reason}
        end}
    """
    )
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2}, scripts={"path": folder, "proxy_actions": ["ring"]})
    dave, bill = proxy.login("dave", Events="off"), proxy.login("bill", Events="off")
    call(dave, "call")
    calling = pbx.expect(Action="Originate")
    bill.send(ProxyAction="Ring", ActionID="r")
    assert bill.response("r")["Message"] == "no answer in time"
    calling.reply("Success", Message="Originate successfully queued")
    assert dave.response("call")["Response"] == "Success"
    fence(proxy, pbx)
    assert seen(pbx) == []


def test_f11_a_request_that_was_answered_with_504_calls_nobody(start_proxy, pbx):
    proxy = start_proxy({"pbx1": pbx}, more={"lanes": 2}, listen=listeners(), plugins=ALL_PLUGINS)
    dave = proxy.login("dave", Events="off")
    call(dave, "call")
    calling = pbx.expect(Action="Originate")
    web = Web(proxy.addresses[1], basic("bill"))
    answer = web.get("/?Action=Originate&Channel=Local/2@x&Application=Wait&Data=web", X_Maxtime="300")
    assert answer.status == 504
    assert web.read_to_end() == b""
    calling.reply("Success", Message="Originate successfully queued")
    assert dave.response("call")["Response"] == "Success"
    fence(proxy, pbx)
    assert seen(pbx) == []
    web.close()
