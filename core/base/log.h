// core/base/log.h: the log. One line per fact: fixed words, then key=value; the context in front says whom the
// line is about (session=, user=, server=). Bytes from a peer go through log_quote(); secrets have no way in.
// Levels: error = someone must act; warn = something is lost or late; info = what an operator asks later;
// debug = why; trace = bytes.  Of lines that repeat only the first are written: log_set_limit().
// Thread: any; each line is one write(2).
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_TRACE };

/** Whom lines are about, as it stands in front of them: `session=17 user=dave`. Empty text: nobody. */
struct log_context {
    char text[192];
};

/** Sends lines to `to`: "stderr"; "syslog" or "journal", with ":/path" if the daemon's socket is not at its usual
 * place; or a file's path (appended, created 0640). Before the first call lines go to stderr.
 *  @return false with `err` set if the file cannot be opened; the old target stays. */
bool log_open(const char *to, enum log_level level, struct error *err);
/** Opens the file anew (log rotation, SIGHUP). On failure the old descriptor stays in use. */
bool log_reopen(struct error *err);
/** Is `level` written? The macros below ask before they evaluate their arguments. */
bool log_enabled(enum log_level level);
void log_set_level(enum log_level level);
/** Writes one line. `context` may be NULL. Use the macros. */
void log_write(enum log_level level, const struct log_context *context, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Of errors, warnings and infos from one place the first `lines` in `interval_ms` are written, the others counted; an
 *  error that says something else is not from the same place. 0: all are written, as before the first call. */
void log_set_limit(uint64_t lines, uint64_t interval_ms);
/** Says how many lines were left out, where their interval is over. To be called now and then. */
void log_tick(void);
/** How many lines were ever left out. */
uint64_t log_suppressed(void);
/** Writes `bytes` as a quoted, escaped text (\" \\ \r \n \t \xNN), cut with "…" to fit `size` (at least 8).
 *  @return `buffer` */
const char *log_quote(char *buffer, size_t size, struct span bytes);

/** A value as it stands behind its `=`: as it is, or as log_quote() writes it if it has blanks, quotes or such.
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
