// contrib/ampctl/lists.h: the proxy's lists of servers and sessions, as tables. Thread: main's.
#ifndef AMPCTL_LISTS_H
#define AMPCTL_LISTS_H

#include "connection.h"
#include "exit.h"
#include "table.h"

enum { SERVER_NAME, SERVER_STATUS, SERVER_ADDRESS, SERVER_HOST, SERVER_PORT, SERVER_USER, SERVER_EVENTS, SERVER_NODE };
enum { SESSION_NUMBER, SESSION_USER, SESSION_ADDRESS, SESSION_INPUT, SESSION_OUTPUT, SESSION_CONNECTION };

/** Asks for both lists. A table that is not wanted may be NULL; the others are set, and are the caller's.
 *  @return CTL_OK, else with `err` set */
enum ctl_exit lists_get(struct connection *connection, uint64_t timeout_ms, struct table **servers,
                        struct table **sessions, struct error *err);

#endif
