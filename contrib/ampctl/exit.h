// contrib/ampctl/exit.h: the exit codes of ampctl, on which scripts rely.
#ifndef AMPCTL_EXIT_H
#define AMPCTL_EXIT_H

enum ctl_exit {
    CTL_OK = 0,
    CTL_REFUSED = 1, // the proxy answered with an Error
    CTL_USAGE = 2,   // the command line, or what it names, is wrong
    CTL_LOST = 3     // no connection, no TLS, no login, no answer in time, or nowhere to write to
};

#endif
