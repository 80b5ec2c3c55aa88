"""Exports: what a user sees is posted to another program."""

import json

from harness.receiver import export, marks_of, wait_for_marks
from harness.resume import tell
from harness.web import ALL_PLUGINS


def exporting(start_proxy, pbx, *exports, **sections):
    return start_proxy({"pbx1": pbx}, exports=list(exports), plugins=ALL_PLUGINS, **sections)


def test_i17_exports_a_message_is_posted(start_proxy, pbx, receiver):
    exporting(start_proxy, pbx, export(receiver, events=["call"], secret="sign-SECRET"))
    pbx.event("Newexten", "call,all", Mark=1, Channel="PJSIP/7-00000001")
    post = receiver.expect(1)[0]
    assert post.path == "/hook" and post.count == 1 and post.attempt == 1
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["Astmanproxy-Export"] == "dave"
    message = json.loads(post.body)
    assert message["Event"] == "Newexten" and message["Mark"] == "1" and message["Server"] == "pbx1"
    assert message["ExportID"] == post.id
    assert post.is_signed("sign-SECRET") and not post.is_signed("other")


def test_i17_exports_keep_the_order(start_proxy, pbx, receiver):
    exporting(start_proxy, pbx, export(receiver, events=["call"]))
    tell(pbx, 0, 200)
    wait_for_marks(receiver, list(range(200)))
    assert marks_of(receiver.messages()) == list(range(200))
    ids = [message["ExportID"] for message in receiver.messages()]
    beginnings = {id.rsplit(".", 1)[0] for id in ids}
    numbers = [int(id.rsplit(".", 1)[1]) for id in ids]
    assert len(beginnings) == 1 and numbers == list(range(numbers[0], numbers[0] + 200))


def test_i17_exports_post_batches(start_proxy, pbx, receiver):
    exporting(start_proxy, pbx, export(receiver, events=["call"], batch=50, batch_wait="300ms"))
    tell(pbx, 0, 120)
    wait_for_marks(receiver, list(range(120)))
    assert [post.count for post in receiver.posts] == [50, 50, 20]
    for post in receiver.posts:
        messages = json.loads(post.body)
        assert len(messages) == post.count and messages[0]["ExportID"] == post.id


def test_i17_exports_show_what_the_user_sees(start_proxy, pbx, receivers):
    """Rights, the entry's rule and the mask hold, as for a client."""
    users = [
        {"name": "dave", "secret": "dave-SECRET-1"},
        {"name": "tied", "secret": "tied-SECRET-2", "channel": "PJSIP/7"},
        {"name": "blind", "secret": "blind-SECRET-3", "read": ["agent"]},
    ]
    every, tied, blind, masked = (receivers() for _ in range(4))
    exporting(
        start_proxy,
        pbx,
        export(every),
        export(tied, "tied"),
        export(blind, "blind"),
        export(masked, "dave", name="masked", events=["agent"]),
        users=users,
    )
    pbx.event("Newchannel", "call,all", Mark=1, Channel="PJSIP/7-00000001", Uniqueid="1.1", Linkedid="1.1")
    pbx.event("Newchannel", "call,all", Mark=2, Channel="PJSIP/8-00000002", Uniqueid="1.2", Linkedid="1.2")
    pbx.event("AgentLogin", "agent,all", Mark=3, Agent="7")
    pbx.event("Newexten", "call,all", Mark=4, Channel="PJSIP/7-00000001", Uniqueid="1.1", Linkedid="1.1")
    for receiver, expected in ((every, [1, 2, 3, 4]), (tied, [1, 4]), (blind, [3]), (masked, [3])):
        wait_for_marks(receiver, expected)


def test_i17_exports_are_listed_as_sessions(start_proxy, pbx, receiver):
    users = [{"name": "dave", "secret": "dave-SECRET-1", "admin": True}]
    proxy = exporting(start_proxy, pbx, export(receiver, name="crm"), users=users)
    answer = proxy.login().ask(ProxyAction="ListSessions")
    assert "export/crm" in answer.all("ProxyClientSession"), answer
