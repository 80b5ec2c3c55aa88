// contrib/ampctl/format.h: events in a format of the proxy's, byte by byte, without the answers that belong to asking
// for them. Thread: main's.
#ifndef AMPCTL_FORMAT_H
#define AMPCTL_FORMAT_H

#include "connection.h"
#include "exit.h"

/** Has a session without events change its output format and then ask for all events. From here on
 *  connection_fill() and connection_raw() have events only.
 *
 *  Where an answer ends depends on the format, which may be one that nobody here knows. But the proxy writes the same
 *  message as the same bytes each time: each question is asked twice, and the distance from the one ActionID to the
 *  other is an answer's length.
 *  @return CTL_OK, else with `err` set */
enum ctl_exit format_begin(struct connection *connection, const char *format, uint64_t timeout_ms, struct error *err);

#endif
