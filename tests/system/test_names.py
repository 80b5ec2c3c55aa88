"""Names of servers: the system's resolver finds them, and a name that is not found delays nobody."""

import signal

from harness.proxy import Proxy, configuration, server_entry


def named(server, host, name):
    return {**server_entry(server, name), "host": host}


def test_f31_a_name_of_this_machine(launch, tmp_path, workers, pbx, localhost):
    proxy = launch(Proxy, str(tmp_path), configuration([named(pbx, localhost, "pbx1")], workers), ("-f",))
    proxy.wait_for_server("pbx1")
    client = proxy.login("dave", Events="off")
    for _ in range(3):  # each attempt looks up anew
        client.send(Action="Command", Command="x", ActionID="c")
        action = pbx.expect(Action="Command")
        assert action.connection is not pbx.main_lane()
        action.reply("Success", Message="Command output follows")
        assert client.response("c")["Response"] == "Success"
        pbx.drop_connections()
        proxy.wait_for_server("pbx1")


def test_f31_names_that_nobody_knows_hold_up_neither_others_nor_the_end(launch, tmp_path, workers, scripted, localhost):
    """However long it takes to learn that there is no such name."""
    known, unknown = scripted(), scripted()
    entries = [named(unknown, f"no-such-host-{number}.invalid", f"lost{number}") for number in range(6)]
    entries.insert(3, named(known, localhost, "pbx1"))
    proxy = launch(Proxy, str(tmp_path), configuration(entries, workers), ("-f",))
    proxy.wait_for_server("pbx1")
    client = proxy.login("dave", Events="off")
    for number in range(20):
        client.send(Action="CoreStatus", ActionID=str(number))
        known.expect(Action="CoreStatus").reply()
        assert client.response(str(number))["Response"] == "Success"
    assert client.ask(Action="CoreStatus", Server="lost0")["Message"] == "Server lost0 is down"
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.process.wait(15) == 0
    assert unknown.accepted == 0
