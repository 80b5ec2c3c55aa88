"""Users whose secrets are hashes of crypt(3)."""

import pytest

from .proxy import USERS

SECRET = "pass-SECRET-8"
HASHES = {  # of SECRET
    "bcrypt": "$2b$04$abcdefghijklmnopqrstuuCefk2OObzvflNT6Yak.LStkBy5mKwMi",
    "yescrypt": "$y$j75$abcdefgh$OcNWO47T0dFzNwRzCiQlK/TkrUkKJi18EZi2MyUDHFD",
    "sha512": "$6$rounds=1000$abcdefgh$"
    "Gd5KQVA0MNlkfRbbRVAReaM/GkgpQ1.zUwkMqtT2Msj.O.j7JHcHPV.2u2umVcmV541xTFkZCFSQDpTv6MRP30",
    "sha256": "$5$rounds=1000$abcdefgh$MxXD956PVpO6NunNQqTquqdOzra7zOeHNWVICTzdMo6",
    "scrypt": "$7$CU..../....abc$ExtOqexczFqqdAzYldKpZMalV/nlxkxFITkZYxTrxT6",
}
SLOW = "$2b$12$abcdefghijklmnopqrstuuiQUSfiieqNYWp1FwEdYZ.c3u5yfqB2m"  # of SECRET, a fifth of a second
OTHER = "$2b$04$abcdefghijklmnopqrstuuKSK/d9G5jGNPgbCDOIBSvvTn7PVatwy"  # of OTHER_SECRET
OTHER_SECRET = "pass-SECRET-9"
FAILED = "Authentication failed"
LIMITED = "Too many failed logins, please try again in a minute"
CHECKED = "secret checked"


def people(**hashes):
    return USERS + [{"name": name, "secret": secret} for name, secret in hashes.items()]


def checks(proxy):
    return proxy.log().count(CHECKED)


def has_checked(proxy, count):
    """Waits until the log says that so many secrets were checked, and checks that there were no more: lines of the log
    arrive a little later than the answers."""
    proxy.wait_until(lambda lines: sum(CHECKED in line for line in lines) >= count, f"{count} checks")
    return checks(proxy) == count


@pytest.fixture
def hashed(start_proxy, pbx):
    """A proxy with plain users and one whose hash is quick."""
    return start_proxy({"pbx1": pbx}, users=people(hilda=HASHES["bcrypt"]))


@pytest.fixture
def slow(start_proxy, pbx):
    """A proxy where 20 checks take seconds; on a busy machine more than the time that there is for a login otherwise."""
    return start_proxy({"pbx1": pbx}, users=people(hilda=SLOW), auth={"timeout": "10m"})


@pytest.fixture
def no_secret_in_the_log(request):
    """The secrets of these users are in no log, at any level."""
    yield
    for process in getattr(request.node, "processes", []):
        assert SECRET not in process.log() and OTHER_SECRET not in process.log()
