"""SIGUSR2 and AJAM: its sessions stay in the old process, which answers those that wait. At the new one a client logs in
again."""

import pytest

from harness.ajam import Ajam, Digest, start_ajam
from harness.takeover import take_over


@pytest.fixture
def proxy(lasting, pbx):
    return start_ajam(lasting, {"pbx1": pbx}, {"digest": True})


def test_i16_ajam_session_ends_with_its_process(proxy):
    client = Ajam(proxy)
    client.login()
    wait = client.wait_event("w1", Timeout=30)
    old = take_over(proxy)
    answer = client.receive(wait)
    assert answer.status == 200 and b"ActionID: w1" in answer.body and answer.get("Connection") == "close", answer
    assert old.wait() == 0
    answer = client.ask(Action="Ping")
    assert answer.status == 200 and b"Permission denied" in answer.body, answer
    client.login()
    assert b"Pong" in client.ask(Action="Ping").body


def test_i16_ajam_digest_goes_on_in_a_new_session(proxy):
    """Such a client need not do anything: its nonce is stale, as each nonce is after a while."""
    client = Digest(proxy).challenge()
    assert b"Pong" in client.ask(Action="Ping").body
    assert take_over(proxy).wait() == 0
    answer = client.receive(client.send(Action="Ping"))
    assert answer.status == 401 and client.challenges[-1].endswith(", stale=true"), answer
    assert b"Pong" in client.ask(Action="Ping").body
