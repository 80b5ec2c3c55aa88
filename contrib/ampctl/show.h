// contrib/ampctl/show.h: messages for people. Thread: main's.
#ifndef AMPCTL_SHOW_H
#define AMPCTL_SHOW_H

#include "ami/message.h"

/** How messages are written to stdout. */
struct show {
    bool terminal; // escape what could steer it
    bool colour;
    bool json; // an object each instead
};

/** For stdout as it is. */
struct show show_to_stdout(bool json);
/** Writes a message, a header a line, and an empty line. @param hidden_id  leave out the ActionID */
void show_message(const struct show *show, const struct message *message, bool hidden_id);
enum show_result { SHOW_WRITTEN, SHOW_CLOSED, SHOW_FAILED };
/** Sends on what was written to stdout. @return SHOW_CLOSED: whoever read it has seen enough; SHOW_FAILED: `errno` */
enum show_result show_flush(void);

#endif
