// core/config/report.h: collects the errors of a configuration, so that one run shows all of them.
// Thread: the one that loads the configuration.
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "config/source.h"

#include <stddef.h>
#include <stdio.h>

/** Errors found so far, as text. After REPORT_LIMIT of them, they are only counted. */
struct report {
    FILE *out;
    char *text;
    size_t length;
    size_t count;
};

#define REPORT_LIMIT 100

void report_init(struct report *report);
/** Ends the report. @return its text, which the caller frees, or NULL if there was no error */
char *report_finish(struct report *report);
/** Adds `FILE:LINE:COLUMN: key.path: message`, the line itself (without the value of a key that names a
 *  secret) and a caret. @param line, column  from 1; line 0: the file as a whole
 *  @param path  may be empty; @param key_only  the value is unknown and not shown either */
void report_add(struct report *report, const struct source *source, size_t line, size_t column, const char *path,
                bool key_only, const char *format, ...) __attribute__((format(printf, 7, 8)));

#endif
