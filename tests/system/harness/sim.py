"""The simulator as a process of its own."""

import os
import select

from .limits import DEADLINE
from .process import BUILD, REPORTS, Process
from .proxy import SERVER_SECRET

BINARY = os.path.join(BUILD, "astmansim")
USER, SECRET = "proxy", SERVER_SECRET  # the account that harness/proxy.py gives the proxy


class Simulator(Process):
    """astmansim on a port of the kernel's choice, which it tells through a pipe in the place of a file."""

    def __init__(self, *options):
        reader, writer = os.pipe()
        try:
            super().__init__(
                [
                    BINARY,
                    "--port",
                    "0",
                    "--port-file",
                    f"/dev/fd/{writer}",
                    "--user",
                    USER,
                    "--secret",
                    SECRET,
                    *options,
                ],
                pass_fds=[writer],
            )
            os.close(writer)
            ready, _, _ = select.select([reader], [], [], DEADLINE)
            text = os.read(reader, 64) if ready else b""
            assert text, f"the simulator does not listen:\n{self.tail()}"
            self.address = ("127.0.0.1", int(text))
        finally:
            os.close(reader)

    def finish(self):
        if not self.stopped:
            assert self.stop() == 0, f"the simulator failed:\n{self.tail()}"
        assert not [word for word in REPORTS if word in self.log()], self.tail()
