// contrib/ampctl/access.h: makes a connection that is logged in, as the command line says. Thread: main's.
#ifndef AMPCTL_ACCESS_H
#define AMPCTL_ACCESS_H

#include "connection.h"
#include "control.h"
#include "exit.h"
#include "options.h"
#include "secret.h"

/** The way to the proxy: the control socket, or target, user and secret. Found once, and used for each connection. */
struct access {
    struct control control;
    bool by_control;           // the proxy is at its control socket; what follows, but the time limit, is not used
    struct connection *probed; // the first connection to that socket; NULL: it was used
    struct target target;
    char *user; // NULL: it logs in by the ProxyKey
    struct secret secret;
    uint64_t timeout_ms;
};

/** Connects to the control socket. If that cannot be, finds target, user and secret, and reads the configuration if one
 *  of them is not given.
 *  @return CTL_OK, or another code with `err` set */
enum ctl_exit access_prepare(struct access *access, const struct ctl_options *options, struct event_base *base,
                             struct error *err);
void access_fini(struct access *access);
/** Connects, and logs in except at the control socket. The session receives its own answers, and, if it asks for
 * events, those without ActionID.
 *  @return CTL_OK: `connection` is set, the caller's; else `err` is set */
enum ctl_exit access_open(struct access *access, struct event_base *base, struct connection **connection,
                          struct error *err);
/** Both at once, for commands with one connection. */
enum ctl_exit access_connect(struct access *access, const struct ctl_options *options, struct event_base *base,
                             struct connection **connection, struct error *err);

#endif
