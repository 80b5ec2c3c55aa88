"""Certificates for tests, created when needed: an authority, and the certificates that it signs."""

import os
import subprocess
import time


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def _until(days):
    """Options for an end in so many days. Newer versions of openssl take no negative number, older ones no date."""
    known = subprocess.run(["openssl", "x509", "-help"], check=True, capture_output=True).stderr
    if days >= 0 or b"-not_after" not in known:
        return ["-days", str(days)]
    end = time.gmtime(time.time() + days * 86400)
    return ["-not_before", "20000101000000Z", "-not_after", time.strftime("%Y%m%d%H%M%SZ", end)]


class Authority:
    """A certificate authority in `folder`."""

    def __init__(self, folder, name="ca"):
        self.folder = str(folder)
        self.name = name
        self.certificate = os.path.join(self.folder, f"{name}.pem")
        self.key = os.path.join(self.folder, f"{name}.key")
        _openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "3650",
            "-subj",
            f"/CN={name}",
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",  # without it Python 3.13 trusts nobody that it signs
            "-keyout",
            self.key,
            "-out",
            self.certificate,
        )

    def issue(self, name, alternatives="DNS:localhost,IP:127.0.0.1", days=3650):
        """A certificate and its key in one PEM file. `days` below 0: expired."""
        request, pem = (os.path.join(self.folder, f"{name}.{end}") for end in ("csr", "pem"))
        key, extensions = (os.path.join(self.folder, f"{name}.{end}") for end in ("key", "ext"))
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={alternatives}\n")
            file.write("subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        _openssl(
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            f"/CN={name}",
            "-keyout",
            key,
            "-out",
            request,
        )
        _openssl(
            "x509",
            "-req",
            "-in",
            request,
            "-CA",
            self.certificate,
            "-CAkey",
            self.key,
            "-CAcreateserial",
            *_until(days),
            "-extfile",
            extensions,
            "-out",
            pem,
        )
        with open(pem, "a", encoding="ascii") as out, open(key, encoding="ascii") as secret:
            out.write(secret.read())
        os.chmod(pem, 0o644)  # the proxy reads it again after it has become another user
        return pem
