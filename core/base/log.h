// core/base/log.h: the log. One line per fact: fixed words, then key=value; the context in front says what
// the line is about (session=, user=, server=). Bytes from a peer go through log_quote(); secrets are never logged.
// Levels: error = somebody must act; warn = something is lost or late; info = what an operator may want to know later;
// debug = reasons; trace = bytes.  Only the first of repeated lines are written: log_set_limit().
// Thread: any; each line is one write(2), or several if the disk was full meanwhile; never a part of one alone.
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_TRACE };

/** What lines are about; written in front of them: `session=17 user=dave`. Empty text: no context. */
struct log_context {
    char text[192];
};

/** Sends lines to `to`: "stderr"; "syslog" or "journal", with ":/path" if the daemon's socket is not at its usual
 * place; or a file's path (appended, created 0640). Before the first call lines go to stderr.
 *  @return false with `err` set if the file cannot be opened; the old target stays. */
bool log_open(const char *to, enum log_level level, struct error *err);
/** Reopens the file (log rotation, SIGHUP). On failure the old descriptor stays in use. */
bool log_reopen(struct error *err);
/** Is `level` written? The macros below check this before they evaluate their arguments. */
bool log_enabled(enum log_level level);
void log_set_level(enum log_level level);
/** Writes one line. `context` may be NULL. Use the macros. */
void log_write(enum log_level level, const struct log_context *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Of the errors, warnings and infos of one kind, the first `lines` in `interval_ms` are written and the others
 * counted. Lines from one place in the program are of one kind; errors with different texts are not. 0: all lines are
 * written, as before the first call. */
void log_set_limit(uint64_t lines, uint64_t interval_ms);
/** Logs how many lines were left out, for kinds whose interval is over, and how many were lost, if there is room for
 * that now. Call it regularly. */
void log_tick(void);
/** What a program writes to stderr in front of a line that is an error and not a line of the log: "<3>" if stderr leads
 * to the journal, which then knows its level; else "". */
const char *log_error_mark(void);
/** Total number of lines that were left out. */
uint64_t log_suppressed(void);
/** Total number of lines that could not be written: a full disk, or no daemon. A line in their place tells of them. */
uint64_t log_lost(void);
/** Writes `bytes` as a quoted, escaped text (\" \\ \r \n \t \xNN), cut with "…" to fit `size` (at least 8).
 *  @return `buffer` */
const char *log_quote(char *buffer, size_t size, struct span bytes);

/** A value for the text behind `=`: unchanged, or quoted by log_quote() if it has blanks, quotes or similar bytes.
 *  @param size  at least 8 @return `buffer` */
const char *log_text(char *buffer, size_t size, const char *text);

#define LOG_AT(level, context, ...)                     \
    do {                                                \
        if (log_enabled(level))                         \
            log_write((level), (context), __VA_ARGS__); \
    } while (0)
#define log_error(context, ...) LOG_AT(LOG_LEVEL_ERROR, (context), __VA_ARGS__)
#define log_warn(context, ...) LOG_AT(LOG_LEVEL_WARN, (context), __VA_ARGS__)
#define log_info(context, ...) LOG_AT(LOG_LEVEL_INFO, (context), __VA_ARGS__)
#define log_debug(context, ...) LOG_AT(LOG_LEVEL_DEBUG, (context), __VA_ARGS__)
#define log_trace(context, ...) LOG_AT(LOG_LEVEL_TRACE, (context), __VA_ARGS__)

#endif
