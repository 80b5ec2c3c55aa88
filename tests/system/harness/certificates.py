"""Certificates for tests, created when needed: an authority, and the certificates that it signs."""

import os
import subprocess


def _openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


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
            "-days",
            str(days),
            "-extfile",
            extensions,
            "-out",
            pem,
        )
        with open(pem, "a", encoding="ascii") as out, open(key, encoding="ascii") as secret:
            out.write(secret.read())
        os.chmod(pem, 0o644)  # the proxy reads it again after it has become another user
        return pem
