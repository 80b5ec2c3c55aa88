"""Clients that speak TLS."""

import ssl

from .client import Client


class TlsClient(Client):
    """The test's client behind TLS."""

    def __init__(self, address, context, banner=True, name="localhost"):
        plain = Client(address, banner=False)
        self.__dict__.update(plain.__dict__)
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        self.banner = self.read_line() if banner else None


def trusting(authority, **options):
    """A TLS context that trusts `authority`, with other attributes set as `options` say."""
    context = ssl.create_default_context(cafile=authority.certificate)
    for name, value in options.items():
        setattr(context, name, value)
    return context
