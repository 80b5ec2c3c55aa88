"""Examines the certificate for TLS clients: do today's clients and OpenSSL accept it?"""

import os
import re
import subprocess

_SECONDS = 10
_KEY_BITS = {"RSA": 2048, "DSA": 2048, "EC": 224}


def _openssl(path, *words):
    return subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_SECONDS,
        check=False,
        env=dict(os.environ, LC_ALL="C"),
    )


def _find_weakness(text):
    signature = re.search(r"Signature Algorithm: (\S+)", text)
    if signature is not None and re.search(r"sha1|md5|md2", signature[1], re.IGNORECASE):
        yield f"its signature is {signature[1]}, which today's OpenSSL refuses: renew it"
    algorithm = re.search(r"Public Key Algorithm: (\S+)", text)
    bits = re.search(r"Public-Key: \((\d+) bit", text)
    if algorithm is not None and bits is not None:
        kind = "EC" if "ec" in algorithm[1].lower() else "DSA" if "dsa" in algorithm[1].lower() else "RSA"
        if int(bits[1]) < _KEY_BITS[kind]:
            yield f"its key is {kind} with {bits[1]} bits, which today's OpenSSL refuses: renew it"


def inspect(path):
    """The errors of the PEM at `path`, as sentences; also whether it could not be examined."""
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as wrong:
        return [
            f"{path} could not be read here ({wrong.strerror}): put it there, or take the section tls out; "
            "astmanproxy does not start without a certificate that it is told of"
        ]
    found = []
    if b"PRIVATE KEY-----" not in content:
        found.append(f"{path} holds no key, and without one TLS never worked: name the key's file in tls.key")
    try:
        shown = _openssl(path, "-text")
        if shown.returncode != 0:
            return found + [f"{path} is no certificate that openssl can read"]
        found += [f"{path}: {weakness}" for weakness in _find_weakness(shown.stdout)]
        if _openssl(path, "-checkend", "0").returncode != 0:
            found.append(f"{path} has expired: renew it")
    except FileNotFoundError:
        found.append(
            f"{path} was not looked at, as there is no openssl here: a key below 2048 bits or a SHA-1 signature "
            "must be renewed"
        )
    except subprocess.TimeoutExpired:
        found.append(f"{path} was not looked at, as openssl took too long")
    return found
