// contrib/ampctl/steer.h: commands that are one proxy action. Thread: main's.
#ifndef AMPCTL_STEER_H
#define AMPCTL_STEER_H

#include "options.h"

/** Sends the proxy action and shows the proxy's answer. @param name  of its one argument, whose value is the last
 *  argument of the command line; NULL: it has none */
enum ctl_exit steer_proxy(struct event_base *base, const struct ctl_options *options, const char *action,
                          const char *name, struct error *err);

#endif
