"""Fixtures of the tests over HTTP."""

import pytest

from .web import ALL_PLUGINS, Web, basic, listeners

DAVE = basic()


@pytest.fixture
def start_web(start_proxy):
    """start_web(servers, output=…, http={…}, **sections) -> Proxy; its HTTP is at addresses[1]."""

    def start(servers, output="json", listen=None, **sections):
        return start_proxy(servers, listen=listen or listeners(output), plugins=ALL_PLUGINS, **sections)

    return start


@pytest.fixture
def web(start_web, pbx):
    """Connections to a proxy with one server: web() -> Web, logged in as dave."""
    proxy = start_web({"pbx1": pbx})

    def connect(auth=DAVE):
        client = Web(proxy.addresses[1], auth)
        proxy.clients.append(client)
        return client

    connect.proxy = proxy
    return connect


def lists(action):
    action.start_list()
    action.item("CoreShowChannel", Channel="SIP/1", CallerIDName='a "b" <c> & d, e')
    action.item("CoreShowChannel", ("ChanVariable", "x=1"), ("ChanVariable", "y=2"), Channel="SIP/2")
    action.end_list("CoreShowChannelsComplete", 2)
