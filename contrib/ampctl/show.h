// contrib/ampctl/show.h: messages for people. Thread: main's.
#ifndef AMPCTL_SHOW_H
#define AMPCTL_SHOW_H

#include "ami/message.h"

/** How messages are written to stdout. */
struct show {
    bool terminal; // escape bytes that could control the terminal
    bool colour;
    bool json; // an object each instead
};

/** For stdout as it is. */
struct show show_to_stdout(bool json);
/** Writes a message, a header a line, and an empty line. @param hidden_id  leave out the ActionID */
void show_message(const struct show *show, const struct message *message, bool hidden_id);
enum show_result { SHOW_WRITTEN, SHOW_CLOSED, SHOW_FAILED };
/** Flushes stdout. @return SHOW_CLOSED: the reader has closed it; SHOW_FAILED: see `errno` */
enum show_result show_flush(void);

#endif
