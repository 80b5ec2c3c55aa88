"""The file of kept feeds that a new process is handed may be anything. It says in one line of the log why it does not
take it, and serves. Here the test is the old process (core/run/README.md, steps 3, 5 and 7)."""

import fcntl
import os
import re
import select
import socket
import struct

import pytest

from harness.limits import DEADLINE
from harness.process import SOURCE
from harness.proxy import Proxy, configuration, server_entry
from harness.resume import Plain

SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
EPOCH = b"0123456789ab"
HEAD = "@8sIIQ13s3x"  # struct past_head


def version():
    with open(os.path.join(SOURCE, "core/session/delivery/past_file.h"), encoding="utf-8") as header:
        return int(re.search(r"#define PAST_VERSION (\d+)u", header.read()).group(1))


def head(records=b"", of_version=None):
    """A file with these records."""
    size = struct.calcsize(HEAD) + len(records)
    return struct.pack(HEAD, b"amp-past", of_version or version(), 4, size, EPOCH) + records


def file_of(content, seals=SEALS):
    file = os.memfd_create("past", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.write(file, content)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    return file


class Old:
    """The old process, as far as a new one knows it: a connection, named in a variable."""

    def __init__(self, launch, folder, pbx):
        self.connection, theirs = socket.socketpair()
        self.connection.settimeout(2 * DEADLINE)
        self.lines = self.connection.makefile("rb")
        variable = {"ASTMANPROXY_HANDOVER": f"{theirs.fileno()}:1:past"}
        config = configuration([server_entry(pbx)], resume={"keep": "60s"})
        with theirs:
            self.new = launch(
                Proxy, folder, config, listening=False, env=os.environ | variable, pass_fds=[theirs.fileno()]
            )
        self.expect(b"hears\n")

    def expect(self, line):
        """Reads what the new process says."""
        assert self.lines.readline() == line

    def give(self, file):
        """Hands a file on and closes it."""
        socket.send_fds(self.connection, [b"\n"], [file])
        os.close(file)

    def client(self):
        """A client, now that the new process serves."""
        self.expect(b"ready\n")
        self.new.address = self.new._listening(1)
        return Plain(self.new)


@pytest.fixture
def old(launch, tmp_path, pbx):
    old = Old(launch, str(tmp_path), pbx)
    yield old
    old.lines.close()
    old.connection.close()


def told(old, epoch=EPOCH):
    """What a client is told that comes back to the new process."""
    how = old.client().connect(f"{epoch.decode()}.0.{'5' * 24}.7")
    return how.name, how.headers["Reason"]


FILES = {
    "not sealed": (head(), 0, "it is not sealed"),
    "may still grow": (head(), SEALS & ~fcntl.F_SEAL_GROW, "it is not sealed"),
    "empty": (b"", SEALS, "it is too short"),
    "of another program": (b"x" * 4096, SEALS, "it is none"),
    "of another version": (head(of_version=99), SEALS, "its version is 99, expected"),
    "longer than it says": (head() + b"x", SEALS, "it is damaged"),
    "with a damaged record": (head(b"\xff" * 64), SEALS, "it is damaged"),
}


@pytest.mark.parametrize(("content", "seals", "reason"), FILES.values(), ids=FILES)
def test_i16_resume_file_that_is_not_taken(old, content, seals, reason):
    old.give(file_of(content, seals))
    assert told(old) == ("EventsSkipped", "restarted")
    assert old.new.log_contains("kept feeds not taken over", f'reason="{reason}')


def test_i16_resume_descriptor_that_is_no_file(old):
    ours, theirs = os.pipe()
    old.give(theirs)
    assert told(old) == ("EventsSkipped", "restarted")
    assert old.new.log_contains("kept feeds not taken over", 'reason="it is not sealed"')
    assert select.select([ours], [], [], DEADLINE)[0]  # the new process has closed it
    os.close(ours)


def test_i16_resume_old_process_has_no_file(old):
    old.connection.send(b"\n")
    assert told(old) == ("EventsSkipped", "restarted")
    assert old.new.log_contains("kept feeds not taken over", 'reason="the earlier process has none"')


def test_i16_resume_old_process_does_not_answer(old):
    assert told(old) == ("EventsSkipped", "restarted")
    assert old.new.log_contains("kept feeds not taken over", 'reason="the earlier process did not answer in time"')


def test_i16_resume_file_without_feeds_is_taken(old):
    """A good one, as the others would be: the new process goes on with its ids."""
    old.give(file_of(head()))
    assert told(old) == ("EventsSkipped", "too old")
    assert old.new.log_contains("kept feeds taken over")
