// core/base/audit.h: the audit log, which says who did what: a line with a JSON object for each login, action, reload….
// Records are put into a bounded buffer in the order of their calls, and a thread of its own writes them to a file or
// the journal, so that no loop waits for a disk. What cannot be written (a full disk) stays in the buffer and is tried
// again every second; when the buffer is full, records are lost: they are counted, the ordinary log warns, and a record
// `lost` with their number stands in their place.  Thread: any; one lock, which is not held during I/O.
#ifndef BASE_AUDIT_H
#define BASE_AUDIT_H

#include "base/error.h"
#include "base/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_RECORD_BYTES 4096          // longest record, its end included
#define AUDIT_BUFFER_BYTES (1024 * 1024) // records that wait to be written

/** A record that is being made; on the stack. */
struct audit {
    size_t length;
    bool cut; // something did not fit
    char text[AUDIT_RECORD_BYTES];
};

/** Opens the place: NULL: none; "journal", or "journal:/path" with the daemon's socket; else a file's path (appended,
 *  made 0640). Does not begin to write: audit_start().
 *  @return false with `err` set if the file cannot be opened; the old place stays */
bool audit_open(const char *to, struct error *err);
/** Starts the thread. @return false: `err` is set */
bool audit_start(struct error *err);
/** Opens the file again before the next record (log rotation). If that fails, the log says so, and the old one stays.
 */
void audit_reopen(void);
/** Tries once more to write what waits, then ends the thread. If bytes are left, the log says how many. */
void audit_stop(void);
/** Is there an audit log? Callers ask before they make a record. */
bool audit_is_on(void);
/** Numbers of records that were written, and lost, since the start. */
uint64_t audit_written(void);
uint64_t audit_lost(void);

/** Begins a record with the time and its kind. */
void audit_begin(struct audit *audit, const char *kind);
/** Adds a text; bytes that are no UTF-8 become U+FFFD, and long values are cut. An empty one is left out. */
void audit_text(struct audit *audit, const char *key, struct span value);
/** Adds a number. */
void audit_number(struct audit *audit, const char *key, uint64_t value);
/** Begins a list of texts. @return false: there is no room for it */
bool audit_begin_list(struct audit *audit, const char *key);
/** Adds a text to it: name, ": " and value. */
void audit_item(struct audit *audit, struct span name, struct span value);
/** Ends it. */
void audit_end_list(struct audit *audit);
/** Ends the record, and puts it into the buffer. */
void audit_put(struct audit *audit);
/** Writes a record of memory_new() whose outcome will never be known, and frees it. NULL is fine. */
void audit_abandon(struct audit *audit);

#endif
