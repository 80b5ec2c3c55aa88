// contrib/ampctl/format.h: events in a format of the proxy, byte by byte, without the answers to the actions that ask
// for them. Thread: main's.
#ifndef AMPCTL_FORMAT_H
#define AMPCTL_FORMAT_H

#include "connection.h"
#include "exit.h"

/** Has a session without events change its output format and then ask for all events. From here on connection_fill()
 *  and connection_raw() have events only.
 *  The end of an answer depends on the format, which ampctl may not know. But the proxy always writes the same bytes
 *  for the same message. So each action is sent twice, and the distance between the two ActionIDs is the length of an
 *  answer.
 *  @return CTL_OK, else with `err` set */
enum ctl_exit format_begin(struct connection *connection, const char *format, uint64_t timeout_ms, struct error *err);

#endif
