// core/script/edit.h: what a script changes in a message: the headers as they shall be, over the original's bytes and
// texts of its own. The message itself is made once, at the end (ami/splice.h).  Thread: its owner's.
#ifndef SCRIPT_EDIT_H
#define SCRIPT_EDIT_H

#include "ami/message.h"

#include <stddef.h>

#define EDIT_HEADERS 4096                // most headers, unless the original has more
#define EDIT_BYTES ((size_t)1024 * 1024) // most bytes that scripts add

struct edit {
    const struct message *original; // NULL: none
    const char *original_bytes;     // its wire bytes
    uint32_t own;                   // how many: offsets of headers from here on count in `texts`
    struct header *headers;         // behind the edit, in the same block, until there are too many
    uint32_t count, capacity;
    char *texts; // all that was written: in `small` until that is full
    size_t text_bytes, text_capacity;
    bool noted; // see ami/splice.h
    char small[192];
};

/** Starts with the headers of `original`, which must outlive the edit; NULL: with none. */
struct edit *edit_create(const struct message *original);
void edit_destroy(struct edit *edit);

/** Name and value of header `index` (< count), lent until the next change. */
void edit_header(const struct edit *edit, uint32_t index, struct span *name, struct span *value);
/** Value of the first header `name`, lent until the next change. @return false if there is none */
bool edit_find(const struct edit *edit, struct span name, struct span *value);

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
