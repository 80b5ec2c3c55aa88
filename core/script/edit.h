// core/script/edit.h: a private copy of a message that a script changes: headers as spans over the original's bytes or
// texts of its own.  Thread: its owner's.
#ifndef SCRIPT_EDIT_H
#define SCRIPT_EDIT_H

#include "ami/message.h"

#include <stddef.h>

#define EDIT_HEADERS 4096                // most headers, unless the original has more
#define EDIT_BYTES ((size_t)1024 * 1024) // most bytes that scripts add

struct edit_header {
    struct span name, value;
};

struct edit_text;

struct edit {
    struct edit_header *headers; // behind the edit, in the same block, until there are too many
    uint32_t count, capacity;
    struct edit_text *texts; // copies of what was written, but for
    size_t bytes;            // those in `small`; all bytes that were written
    size_t small_used;
    char small[192];
};

/** Starts with the headers of `original`, which must outlive the edit; NULL: with none. */
struct edit *edit_create(const struct message *original);
void edit_destroy(struct edit *edit);

enum edit_result {
    EDIT_OK,
    EDIT_BAD_NAME,  // not a token
    EDIT_BAD_VALUE, // CR, LF or NUL
    EDIT_FIRST,     // the first header says what the message is: it cannot go
    EDIT_TOO_LARGE
};
/** Puts `value` in place of the first header `name`, or behind the last one. */
enum edit_result edit_set(struct edit *edit, struct span name, struct span value);
/** Appends a header. */
enum edit_result edit_add(struct edit *edit, struct span name, struct span value);
/** Appends a line that is no header. */
enum edit_result edit_add_line(struct edit *edit, struct span line);
/** Takes out all headers `name` but the first `keep`. */
enum edit_result edit_remove(struct edit *edit, struct span name, uint32_t keep);
/** What the result means, for the script's author. */
const char *edit_text(enum edit_result result);
/** The message as it is now; the caller owns it. */
struct message *edit_build(const struct edit *edit);

#endif
