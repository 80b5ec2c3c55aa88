"""NATS's keys and tokens: ed25519 keys as texts (nkeys), and JWTs that they sign. openssl(1) does the arithmetic."""

import base64
import json
import os
import subprocess

PREFIXES = {"operator": 14 << 3, "account": 0, "user": 20 << 3}
SEED = 18 << 3
DER = bytes.fromhex("302e020100300506032b657004220420")  # before the 32 bytes of an ed25519 private key (RFC 8410)


def _crc16(data):
    """CRC-16/XMODEM."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc.to_bytes(2, "little")


def _text(data):
    return base64.b32encode(data + _crc16(data)).decode().rstrip("=")


def _url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Key:
    """A key of an operator, an account or a user, whose file is in `folder`."""

    def __init__(self, folder, kind):
        raw = os.urandom(32)
        prefix = PREFIXES[kind]
        self.kind = kind
        self.path = os.path.join(folder, f"{kind}.der")
        with open(self.path, "wb") as file:
            file.write(DER + raw)
        self.seed = _text(bytes([SEED | prefix >> 5, (prefix & 31) << 3]) + raw)
        public = self._openssl("pkey", "-inform", "DER", "-in", self.path, "-pubout", "-outform", "DER")
        self.public = _text(bytes([prefix]) + public[-32:])

    @staticmethod
    def _openssl(*arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True).stdout

    def sign(self, text):
        path = self.path + ".text"
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return self._openssl("pkeyutl", "-sign", "-keyform", "DER", "-inkey", self.path, "-rawin", "-in", path)

    def jwt(self, subject, **nats):
        """A token that this key signs, about another key, or about itself."""
        head = _url(json.dumps({"typ": "JWT", "alg": "ed25519-nkey"}).encode())
        claims = {
            "jti": "test",
            "iat": 1700000000,
            "iss": self.public,
            "name": subject.kind,
            "sub": subject.public,
            "nats": {"type": subject.kind, "version": 2, **nats},
        }
        text = f"{head}.{_url(json.dumps(claims).encode())}"
        return f"{text}.{_url(self.sign(text))}"


class Operator:
    """Who trusts an account: `sections` is what a nats-server needs, credentials() what its user does."""

    def __init__(self, folder):
        self.operator, self.account, self.user = (Key(folder, kind) for kind in ("operator", "account", "user"))
        limits = dict.fromkeys(("subs", "data", "payload", "imports", "exports", "conn", "leaf"), -1)
        account = self.operator.jwt(self.account, limits={**limits, "wildcards": True})
        self.sections = {
            "operator": self.operator.jwt(self.operator),
            "resolver": "MEMORY",
            "resolver_preload": {self.account.public: account},
        }

    def credentials(self, user=None):
        """The text of a credentials file."""
        user = user or self.user
        jwt = self.account.jwt(user, pub={}, sub={}, subs=-1, data=-1, payload=-1)
        return (
            f"-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n"
            f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
        )
