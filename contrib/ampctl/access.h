// contrib/ampctl/access.h: makes a connection that is logged in, as the command line says. Thread: main's.
#ifndef AMPCTL_ACCESS_H
#define AMPCTL_ACCESS_H

#include "connection.h"
#include "exit.h"
#include "options.h"
#include "secret.h"

/** Target, user and secret. Made once, and used for each connection. */
struct access {
    struct target target;
    char *user;
    struct secret secret;
    uint64_t timeout_ms;
};

/** Finds target, user and secret, and reads the configuration if one of them is not given.
 *  @return CTL_OK, or CTL_USAGE with `err` set */
enum ctl_exit access_prepare(struct access *access, const struct ctl_options *options, struct error *err);
void access_fini(struct access *access);
/** Connects and logs in. The session receives its own answers, and, if it asks for events, those without ActionID.
 *  @return CTL_OK: `connection` is set, the caller's; else `err` is set */
enum ctl_exit access_open(const struct access *access, struct event_base *base, struct connection **connection,
                          struct error *err);
/** Both at once, for commands with one connection. */
enum ctl_exit access_connect(struct access *access, const struct ctl_options *options, struct event_base *base,
                             struct connection **connection, struct error *err);

#endif
