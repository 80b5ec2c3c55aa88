// core/base/log_limit.h: limits repeated lines. Of each fact, a number of lines per interval is written, then how many
// were left out. A fact is a place in the program that logs. For errors the text counts too, without its numbers, so
// that a different error is not left out, unless a place has had too many different ones. Thread: any.
#ifndef BASE_LOG_LIMIT_H
#define BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @param lines  of one fact in an interval; 0: no limit */
void log_limit_set(uint64_t lines, uint64_t interval_ms);
/** May this line be written?
 *  @param site  the format, by its address  @param text  the text of an error; NULL: only the place counts */
bool log_limit_pass(const char *site, const char *text, int level, uint64_t now_ms);
/** Reports left-out lines of one fact whose interval is over. @param site  its format; `level` and `count` of the lines
 *  @return false: there are no more */
bool log_limit_take(uint64_t now_ms, const char **site, int *level, uint64_t *count);
/** Total number of lines that were left out. */
uint64_t log_limit_total(void);

#endif
