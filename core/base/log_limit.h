// core/base/log_limit.h: lines that repeat: of a fact the first so many in each interval are written, then how many
// were left out. A fact is a place in the program that logs; of errors also what the line says, numbers aside, so
// that an error which differs is never left out. Thread: any.
#ifndef BASE_LOG_LIMIT_H
#define BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @param lines  of one fact in an interval; 0: any number */
void log_limit_set(uint64_t lines, uint64_t interval_ms);
/** May this line be written?
 *  @param site  the format, by its address  @param text  what is written: of an error; NULL: only the place counts */
bool log_limit_pass(const char *site, const char *text, int level, uint64_t now_ms);
/** What was left out and is over: one fact at a time. @param site  its format; `level` and `count` of the lines
 *  @return false: there is nothing (more) to tell */
bool log_limit_take(uint64_t now_ms, const char **site, int *level, uint64_t *count);
/** All lines that were ever left out. */
uint64_t log_limit_total(void);

#endif
