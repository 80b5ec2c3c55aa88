"""Exports and reloads: they come, go and change, and those that stay do not notice."""

from harness.limits import poll
from harness.receiver import export, marks_of, wait_for_marks
from harness.resume import tell
from harness.web import ALL_PLUGINS


def exporting(reloadable, *exports, **sections):
    """A proxy, and reload(exports)."""
    sections = {"plugins": ALL_PLUGINS, "limits": {"drain": "2s"}, **sections}
    proxy, change = reloadable(exports=list(exports), **sections)

    def reload(*exports, **more):
        change(exports=list(exports), **{**sections, **more})
        proxy.hang_up()

    return proxy, reload


def test_i17_exports_come_and_go(reloadable, pbx, receivers):
    stays, comes, goes = (receivers() for _ in range(3))
    first = export(stays, name="stays", events=["call"])
    proxy, reload = exporting(reloadable, first, export(goes, name="goes", events=["call"]))
    tell(pbx, 0, 3)
    wait_for_marks(stays, [0, 1, 2])
    wait_for_marks(goes, [0, 1, 2])
    reload(first, export(comes, name="comes", events=["call"]))
    tell(pbx, 3, 3)
    wait_for_marks(stays, list(range(6)))
    wait_for_marks(comes, [3, 4, 5])
    assert marks_of(goes.messages()) == [0, 1, 2]
    assert len({message["ExportID"].rsplit(".", 1)[0] for message in stays.messages()}) == 1
    reload()
    tell(pbx, 6, 1)
    proxy.login().ask(Action="Ping")
    assert marks_of(stays.messages()) == list(range(6))


def test_i17_exports_that_stay_keep_their_post(reloadable, pbx, receiver):
    entry = export(receiver, events=["call"])
    _, reload = exporting(reloadable, entry)
    receiver.stall()
    tell(pbx, 0, 5)
    receiver.expect(1)
    reload(entry)
    reload(entry, export(receiver, name="other", events=["agent"]))
    receiver.go_on()
    wait_for_marks(receiver, list(range(5)))
    assert marks_of(receiver.messages()) == list(range(5))  # the first one was not repeated


def test_i17_exports_go_to_the_new_place(reloadable, pbx, receivers):
    before, after = receivers(), receivers()
    before.usual = (503, {}, b"")
    proxy, reload = exporting(reloadable, export(before, name="crm", events=["call"]))
    tell(pbx, 0, 5)
    proxy.wait_for_line("export failed", "export=crm")
    reload(export(after, name="crm", events=["call"], secret="new-SECRET"))
    wait_for_marks(after, list(range(5)))
    assert all(post.is_signed("new-SECRET") for post in after.posts)


def test_i17_exports_sign_with_two_keys(reloadable, pbx, receiver):
    _, reload = exporting(reloadable, export(receiver, events=["call"], secret="old-SECRET"))
    tell(pbx, 0, 1)
    assert receiver.expect(1)[0].is_signed("old-SECRET")
    reload(export(receiver, events=["call"], secret="new-SECRET", previous_secret="old-SECRET"))
    tell(pbx, 1, 1)
    post = receiver.expect(2)[1]
    assert post.is_signed("old-SECRET") and post.is_signed("new-SECRET") and len(post.signatures()[1]) == 2


def test_i17_exports_change_user_and_events(reloadable, pbx, receiver):
    users = [
        {"name": "dave", "secret": "dave-SECRET-1"},
        {"name": "agents", "secret": "bill-SECRET-2", "read": ["agent"]},
    ]
    proxy, reload = exporting(reloadable, export(receiver, "dave", name="crm", events=["call"]), users=users)
    pbx.event("Newexten", "call,all", Mark=0)
    pbx.event("AgentLogin", "agent,all", Mark=1)
    wait_for_marks(receiver, [0])
    reload(export(receiver, "agents", name="crm"), users=users)
    pbx.event("Newexten", "call,all", Mark=2)
    pbx.event("AgentLogin", "agent,all", Mark=3)
    wait_for_marks(receiver, [0, 3])
    reload(export(receiver, "dave", name="crm", events=["agent", "call"]), users=users[:1])  # its user has gone
    pbx.event("Newexten", "call,all", Mark=4)
    pbx.event("AgentLogin", "agent,all", Mark=5)
    wait_for_marks(receiver, [0, 3, 4, 5])


def test_i17_exports_that_go_post_what_waits(reloadable, pbx, receiver):
    proxy, reload = exporting(reloadable, export(receiver, events=["call"], batch=100, batch_wait="1m"))
    tell(pbx, 0, 10)
    proxy.login().ask(Action="Ping")
    reload()
    wait_for_marks(receiver, list(range(10)))


def test_i17_exports_that_go_lose_what_nobody_takes(reloadable, pbx, receiver):
    receiver.usual = (503, {}, b"")
    proxy, reload = exporting(reloadable, export(receiver, events=["call"]))
    tell(pbx, 0, 10)
    proxy.login().ask(Action="Ping")
    reload()
    proxy.wait_for_line("export ends", "export=dave", "messages_lost=10")


def test_i17_exports_change_their_format(reloadable, pbx, receiver):
    receiver.stall()
    proxy, reload = exporting(reloadable, export(receiver, events=["call"]))
    tell(pbx, 0, 3)
    receiver.expect(1)
    reload(export(receiver, events=["call"], format="xml"))
    receiver.go_on()
    tell(pbx, 3, 1)
    assert poll(lambda: len(receiver.posts) == 4)
    types = sorted(post.headers["Content-Type"].split(";")[0] for post in receiver.posts)
    assert types.count("application/json") == 3 and "xml" in types[3]


def test_i17_exports_of_a_format_that_is_not_loaded(reloadable, receiver):
    proxy, _ = exporting(reloadable, export(receiver))
    with open(proxy.path, encoding="utf-8") as file:
        text = file.read()
    with open(proxy.path, "w", encoding="utf-8") as file:
        file.write(text.replace("retry_interval: 50ms", "retry_interval: 50ms\n  format: nonsense"))
    proxy.make_readable()
    proxy.hang_up("not reloaded")
    assert "exports[0].format" in proxy.wait_for_line("configuration not reloaded")


def test_i17_exports_begin_again_when_their_session_was_ended(reloadable, pbx, receiver):
    """An operator ends the session: what waits is posted, and a second later the export goes on with a new one."""
    users = [{"name": "dave", "secret": "dave-SECRET-1", "admin": True}]
    proxy, _ = exporting(reloadable, export(receiver, name="crm", events=["call"]), users=users)
    admin = proxy.login("dave", Events="off")

    def number():
        answer = admin.ask(ProxyAction="ListSessions")
        places, ids = answer.all("ProxyClientSession"), answer.all("ProxyClientId")
        return next((id for place, id in zip(places, ids, strict=True) if place == "export/crm"), None)

    tell(pbx, 0, 3)
    wait_for_marks(receiver, [0, 1, 2])
    for mark in (3, 4):
        first = number()
        assert admin.ask(ProxyAction="KickSession", Session=first)["Response"] == "Success"
        assert poll(lambda first=first: number() not in (None, first))
        tell(pbx, mark, 1)
        wait_for_marks(receiver, list(range(mark + 1)))
    assert marks_of(receiver.messages()) == [0, 1, 2, 3, 4]
