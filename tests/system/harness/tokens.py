"""A proxy with tokens: its keys, its file of revoked tokens, and tokens made without it."""

import base64
import hashlib
import hmac
import os
import struct
import tempfile
import time

import pytest

from .proxy import USERS

KEY, OTHER, THIRD = (bytes([number]) * 32 for number in (1, 2, 3))
PEOPLE = [dict(USERS[0], admin=True)] + USERS[1:]


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def payload(user="bill", label="t", actions="", only_reads=False, made=None, ends=None):
    made = int(time.time() * 1e6) if made is None else made
    ends = int(time.time()) + 3600 if ends is None else ends
    flags = (1 if only_reads else 0) | (2 if actions else 0)
    return (
        struct.pack(">BBQQB", 1, flags, made, ends, len(user))
        + user.encode()
        + bytes([len(label)])
        + label.encode()
        + struct.pack(">H", len(actions))
        + actions.encode()
    )


def forge(secret="bill-SECRET-2", key=KEY, data=None, **claims):
    """A token as the proxy makes it, by whoever has the key."""
    text = "amt1." + base64url(payload(**claims) if data is None else data)
    return text + "." + base64url(hmac.digest(key, text.encode() + b"\0" + secret.encode(), hashlib.sha256))


class Vault:
    """The two files."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = os.path.join(folder, "keys")
        self.revoked = os.path.join(folder, "revoked")
        self.write_keys(KEY)
        with open(self.revoked, "w", encoding="ascii"):
            pass
        os.chmod(self.revoked, 0o666)

    def write_keys(self, *keys):
        with open(self.keys, "w", encoding="ascii") as file:
            file.writelines(key.hex() + "\n" for key in keys)
        os.chmod(self.keys, 0o644)

    def text(self):
        with open(self.revoked, encoding="utf-8") as file:
            return file.read()

    @property
    def auth(self):
        return {"token_keys": self.keys, "revoked": self.revoked}


@pytest.fixture
def vault():
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Vault(folder)


@pytest.fixture
def tokened(start_proxy, pbx, vault):
    """tokened(**sections) -> a proxy with tokens, and HTTP on its second listener; dave is an admin."""
    from .web import ALL_PLUGINS, listeners

    def start(auth=None, **sections):
        sections.setdefault("users", PEOPLE)
        proxy = start_proxy(
            {"pbx1": pbx},
            listen=listeners(),
            plugins=ALL_PLUGINS,
            http={"ajam": {}},
            auth={**vault.auth, **(auth or {})},
            **sections,
        )
        proxy.make_readable()
        return proxy

    return start


def login(proxy, token, user="bill", **headers):
    client = proxy.connect()
    answer = client.login(user, token, **headers)
    return client, answer


def enter(proxy, token, user="bill", **headers):
    client, answer = login(proxy, token, user, **headers)
    assert answer["Response"] == "Success", answer
    return client


def create(client, **headers):
    headers = {"Label": "t", "Life": "1h", **headers}
    answer = client.ask(ProxyAction="CreateToken", **headers)
    assert answer["Response"] == "Success", answer
    return answer["Token"]
