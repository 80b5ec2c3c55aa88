"""Signal dispositions as a shell gives them to a program in the foreground, however the tests were started."""

import signal

KEPT = {signal.SIGKILL, signal.SIGSTOP}


def _ignore(_number, _frame):
    pass


def restore():
    """Children of this process get every signal unblocked and with its default action.

    A background job ignores SIGINT, nohup SIGHUP, and a parent may block more; a program started by the tests would
    inherit that, and be deaf to what a test sends. What this process ignores it goes on ignoring, by a handler: those
    do not outlive exec. Call it in the main thread, before others are started: they inherit the mask."""
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number in signal.valid_signals() - KEPT:
        if signal.getsignal(number) == signal.SIG_IGN and number not in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, _ignore)  # the interpreter ignores those two itself; subprocess puts them back
