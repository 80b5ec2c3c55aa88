// contrib/ampctl/control.h: the control socket: a connection to the proxy without a login. Thread: main's.
#ifndef AMPCTL_CONTROL_H
#define AMPCTL_CONTROL_H

#include "connection.h"
#include "options.h"

/** The control socket of one proxy. */
struct control {
    struct target target;
    char *path;    // NULL: it is not used
    bool required; // the command line names it: there is no other way
    bool late;     // the proxy did not answer in time
    char *config;  // absolute path of the configuration that the proxy must serve; NULL: any
};

/** Finds out whether the control socket is used, and where it is: not if the command line says who logs in, or where.
 */
void control_find(struct control *control, const struct ctl_options *options);
void control_fini(struct control *control);
/** Connects, and checks that the proxy is the one that was meant.
 *  @return NULL: `err` says why */
struct connection *control_open(struct control *control, struct event_base *base, uint64_t timeout_ms,
                                struct error *err);

#endif
