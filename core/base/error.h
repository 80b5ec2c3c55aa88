// core/base/error.h: one error message for people, passed up to a caller that can show it. Thread: the caller's.
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

/** An error's text: what is wrong, where, and what was expected. Empty text: no error. */
struct error {
    char text[1024];
};

/** Writes a message into `err`, cut at its size. `err` may be NULL: then nothing happens.
 *  @return false always, so that a function can `return error_set(…)`. */
bool error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
