// core/base/error.h: one message for a human, handed up to whoever can show it. Thread: the caller's.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/** Text of what went wrong: what, where and what was expected. Empty text: no error. */
struct error {
    char text[1024];
};

/** Writes a message into `err`, cut at its size. `err` may be NULL: then nothing happens.
 *  @return false always, so that a function can `return error_set(…)`. */
bool error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
