"""How tokens end: at their time, revoked, with their user, the user's secret or their key; and what survives restarts."""

import fcntl
import os
import subprocess
import time

import pytest

from harness.limits import Deadline, poll, promised
from harness.proxy import BINARY, USERS, configuration, server_entry, write_configuration
from harness.streams import Stream
from harness.takeover import take_over
from harness.tokens import KEY, OTHER, PEOPLE, THIRD, create, enter, forge, login
from harness.web import ALL_PLUGINS, Web, listeners


@pytest.fixture
def change(tokened, vault, pbx):
    """-> (proxy, reload(users)): another user list, or only the files of tokens, read again."""
    proxy = tokened()

    def reload(users=PEOPLE):
        config = configuration(
            [server_entry(pbx)],
            proxy.workers,
            listen=listeners(),
            plugins=ALL_PLUGINS,
            http={"ajam": {}},
            auth=vault.auth,
            users=users,
        )
        write_configuration(proxy.path, config)
        proxy.make_readable()
        proxy.hang_up()

    return proxy, reload


def is_refused(proxy, token, user="bill"):
    return login(proxy, token, user)[1]["Message"] == "Authentication failed"


# -- their time


def test_session_ends_with_its_token(tokened, pbx):
    proxy = tokened()
    token = forge(ends=int(time.time()) + 3)
    client = enter(proxy, token)
    stream = Stream(proxy, f"/events?token={token}", auth=None)
    client.send(Action="CoreStatus", ActionID="late")
    question = pbx.expect(Action="CoreStatus")
    client.read_to_end()
    stream.web.read_to_end()
    question.reply()
    proxy.wait_for_line("session closed", "its token is over")
    assert is_refused(proxy, token)
    assert proxy.login("dave", Events="off").ask(Action="Ping", Server="pbx1")["Response"] == "Success"


# -- revoked


def test_revoked_while_a_stream_is_open(tokened):
    proxy = tokened()
    bill = proxy.login("bill", Events="off")
    token, other = create(bill, Label="leaked"), create(bill, Label="other")
    stream = Stream(proxy, f"/events?token={token}", auth=None)
    client, stays = enter(proxy, token), enter(proxy, other, Events="off")
    assert bill.ask(ProxyAction="RevokeToken", Label="leaked")["Response"] == "Success"
    assert is_refused(proxy, token)
    client.read_to_end()
    stream.web.read_to_end()
    assert stays.ask(Action="Ping")["Ping"] == "Pong"
    listed = bill.ask(ProxyAction="ListRevokedTokens")
    assert listed["Response"] == "Success"
    assert bill.read_until(Event="RevokedToken")["Label"] == "leaked"
    again = create(bill, Label="leaked")  # the label can be used again
    assert enter(proxy, again, Events="off").ask(Action="Ping")["Ping"] == "Pong"
    assert is_refused(proxy, token)


def test_revocation_survives_a_restart(tokened, vault, tmp_path):
    proxy = tokened()
    bill = proxy.login("bill", Events="off")
    token, others = create(bill, Label="a"), [create(bill, Label=f"l{number}") for number in range(3)]
    assert bill.ask(ProxyAction="RevokeToken", Label="a")["Response"] == "Success"
    proxy.process.kill()
    proxy.process.wait()
    text = vault.text()
    assert " a bill\n" in text and text.endswith("end 1\n"), text
    proxy.finish = lambda: None  # it was killed
    second = tokened()
    assert is_refused(second, token)
    enter(second, others[0])
    bill = second.login("bill", Events="off")
    assert bill.ask(ProxyAction="RevokeToken", Label="*")["Response"] == "Success"
    assert is_refused(second, others[1])


@pytest.mark.parametrize("damage", ["missing", "cut", "garbage", "folder"])
def test_without_the_file_no_token_is_accepted(tokened, vault, damage):
    os.unlink(vault.revoked)
    if damage == "cut":
        with open(vault.revoked, "w", encoding="ascii") as file:
            file.write("1 99999999999 a bill\n")
    elif damage == "garbage":
        with open(vault.revoked, "wb") as file:
            file.write(b"\xff\0x\n")
    elif damage == "folder":
        os.mkdir(vault.revoked)
    if damage in ("cut", "garbage"):
        os.chmod(vault.revoked, 0o666)
    proxy = tokened()
    proxy.wait_for_line("revoked tokens not read, no token is accepted")
    assert is_refused(proxy, forge())
    bill = proxy.login("bill", Events="off")
    assert "cannot be read" in bill.ask(ProxyAction="CreateToken", Label="t", Life="1h")["Message"]
    assert "revoked only until the proxy ends" in bill.ask(ProxyAction="RevokeToken", Label="t")["Message"]


def test_file_that_comes_back_and_is_written_by_another_process(tokened, vault):
    proxy = tokened()
    token = create(proxy.login("bill", Events="off"), Label="x")
    client = enter(proxy, token)
    os.rename(vault.revoked, vault.revoked + ".away")
    proxy.wait_for_line("revoked tokens not read")
    assert is_refused(proxy, token)
    assert client.ask(Action="Ping")["Ping"] == "Pong"  # it is open, and known as right
    with open(vault.revoked + ".other", "w", encoding="ascii") as file:
        file.write(f"{int(time.time() * 1e6)} 99999999999 x bill\nend 1\n")
    os.chmod(vault.revoked + ".other", 0o666)
    os.rename(vault.revoked + ".other", vault.revoked)
    client.read_to_end()
    proxy.wait_for_line("revoked tokens read again")
    assert is_refused(proxy, token)


def test_disk_that_takes_nothing(tokened, vault):
    proxy = tokened()
    bill = proxy.login("bill", Events="off")
    token = create(bill, Label="a")
    os.mkdir(vault.revoked + ".new")  # where the new file is to be
    answer = bill.ask(ProxyAction="RevokeToken", Label="a")
    assert answer["Response"] == "Error" and "revoked only until the proxy ends" in answer["Message"]
    assert is_refused(proxy, token)
    os.rmdir(vault.revoked + ".new")
    proxy.wait_for_line("revocation written after all")
    assert " a bill\n" in vault.text()


def test_process_that_keeps_the_lock(tokened, vault):
    """It delays nobody but the revocation, which counts at once, and not for long."""
    proxy = tokened()
    bill = proxy.login("bill", Events="off")
    token = create(bill, Label="a")
    with open(vault.revoked + ".lock", "w", encoding="ascii") as file:
        os.chmod(vault.revoked + ".lock", 0o666)
        fcntl.flock(file, fcntl.LOCK_EX)
        bill.send(ProxyAction="RevokeToken", Label="a", ActionID="r")
        assert poll(lambda: is_refused(proxy, token))  # while it waits; another worker may be faster than that of bill
        answer = bill.response("r")
        assert answer["Response"] == "Error" and answer["Message"].endswith("another process holds the lock")
        begin = time.monotonic()
        proxy.stop()
        assert time.monotonic() - begin < promised(10)


# -- keys, users, secrets


def test_keys_are_turned_over(change, vault):
    proxy, reload = change
    first = forge(label="first")
    opened = enter(proxy, first, Events="off")
    vault.write_keys(OTHER, KEY)
    reload()
    assert opened.ask(Action="Ping")["Ping"] == "Pong"
    enter(proxy, first)
    second = create(proxy.login("bill", Events="off"))
    vault.write_keys(THIRD, OTHER)
    reload()
    opened.read_to_end()  # of a key that is gone
    assert is_refused(proxy, first)
    enter(proxy, second)


def test_removed_user(change):
    proxy, reload = change
    token = forge()
    client = enter(proxy, token)
    reload([user for user in PEOPLE if user["name"] != "bill"])
    client.read_to_end()
    assert is_refused(proxy, token)
    reload([dict(user, secret="new-SECRET-2") if user["name"] == "bill" else user for user in PEOPLE])
    assert is_refused(proxy, token)


def test_another_secret_ends_the_tokens(change):
    proxy, reload = change
    token = forge()
    client = enter(proxy, token)
    reload([dict(user, secret="new-SECRET-2") if user["name"] == "bill" else user for user in PEOPLE])
    client.read_to_end()
    assert is_refused(proxy, token)


def test_rights_follow_the_users_entry(change):
    proxy, reload = change
    client = enter(proxy, forge("dave-SECRET-1", user="dave", actions="ListScripts"), "dave", Events="off")
    assert client.ask(ProxyAction="ListScripts")["Response"] == "Success"
    reload(USERS)  # dave is no admin any more
    assert client.ask(ProxyAction="ListScripts")["Message"] == "Permission denied"


# -- another worker


def test_session_that_goes_to_another_worker(tokened):
    """A connection that has logged in by a token resumes a stream whose past another worker has."""
    proxy = tokened(resume={"keep": "60s"})
    bill = proxy.login("bill", Events="off")
    token = create(bill, Label="a")
    first = Stream(proxy, f"/events?token={token}&ids=1", auth=None)
    identity = dict(first.block())["id"]
    streams = []
    for _ in range(2 * proxy.workers):
        web = Web(proxy.addresses[1], f"Bearer {token}")
        assert web.get("/?Action=Ping").status == 200
        web.send_raw(web.head("GET", "/events", {"Last-Event-ID": identity}))
        assert web.read_head().status == 200
        assert web.until(b"\n\n").startswith(b"retry: ")
        assert b"Resumed" in web.until(b"\n\n")
        streams.append(web)
    streams.pop().close()
    assert bill.ask(ProxyAction="RevokeToken", Label="a")["Response"] == "Success"
    for web in streams:
        web.read_to_end()
    first.web.read_to_end()


# -- another process takes over


def test_takeover(lasting, pbx, vault):
    proxy = lasting(auth=vault.auth, users=PEOPLE)
    bill = proxy.login("bill", Events="off")
    token, other = create(bill, Label="a"), create(bill, Label="b")
    take_over(proxy)
    new = proxy
    client = enter(new, token)
    assert new.login("bill", Events="off").ask(ProxyAction="RevokeToken", Label="a")["Response"] == "Success"
    client.read_to_end()
    assert is_refused(new, token)
    enter(new, other)


def test_two_proxies_share_the_file(tokened, vault, tmp_path):
    proxy, second = tokened(), tokened()
    token = create(proxy.login("bill", Events="off"), Label="a")
    client = enter(second, token)
    assert proxy.login("bill", Events="off").ask(ProxyAction="RevokeToken", Label="a")["Response"] == "Success"
    client.read_to_end()
    assert second.login("bill", Events="off").ask(ProxyAction="RevokeToken", Label="b")["Response"] == "Success"
    assert vault.text().endswith("end 2\n")
    deadline = Deadline()
    while not is_refused(second, token):
        assert deadline.left() > 0


# -- what -t says


@pytest.mark.parametrize(
    "keys, revoked, text",
    [
        (None, None, None),
        ("01\n", None, "auth.token_keys: expected a file with one or two lines of 64 hexadecimal digits"),
        (f"{KEY.hex()}\n{KEY.hex()}\n", None, "found the same key twice"),
        ("missing", None, "auth.token_keys: expected a file that can be read"),
        (None, "missing", "auth.revoked: expected a file that can be read"),
        (None, "1 2 a bill\n", "it is cut off"),
        (None, "none", "auth.token_keys: expected auth.revoked to be set beside it"),
    ],
)
def test_checked(workers, vault, tmp_path, keys, revoked, text):
    auth = dict(vault.auth)
    if keys == "missing":
        os.unlink(vault.keys)
    elif keys is not None:
        with open(vault.keys, "w", encoding="ascii") as file:
            file.write(keys)
    if revoked == "missing":
        os.unlink(vault.revoked)
    elif revoked == "none":
        del auth["revoked"]
    elif revoked is not None:
        with open(vault.revoked, "w", encoding="ascii") as file:
            file.write(revoked)
    path = tmp_path / "config.yaml"
    write_configuration(str(path), configuration([], workers, auth=auth))
    done = subprocess.run([BINARY, "-t", "-c", str(path)], capture_output=True, text=True, check=False)
    if text is None:
        assert done.returncode == 0, done
    else:
        assert done.returncode == 1 and text in done.stderr and f"{path}:" in done.stderr, done
