// core/script/edit.h: the changes that a script makes to a message: a list of headers that refer to the original's
// bytes and to new texts. The message is made once, at the end (ami/splice.h).  Thread: its owner's.
#ifndef SCRIPT_EDIT_H
#define SCRIPT_EDIT_H

#include "ami/message.h"

#include <stddef.h>

#define EDIT_HEADERS 4096                // most headers, unless the original has more
#define EDIT_BYTES ((size_t)1024 * 1024) // most bytes that scripts add

struct edit {
    const struct message *original; // NULL: none
    const char *original_bytes;     // its wire bytes
    uint32_t own;                   // their number: offsets from here on are in `texts`
    struct header *headers;         // after the edit in the same block, until there are too many
    uint32_t count, capacity;
    char *texts; // all new texts; in `small` until that is full
    size_t text_bytes, text_capacity;
    bool noted; // see ami/splice.h
    char small[192];
};

/** Starts with the headers of `original`, which must outlive the edit; NULL: with none. */
struct edit *edit_create(const struct message *original);
void edit_destroy(struct edit *edit);

/** Gets name and value of header `index` (< count), lent until the next change. */
void edit_header(const struct edit *edit, uint32_t index, struct span *name, struct span *value);
/** Finds the first header `name`. @param value  lent until the next change @return false: there is none */
bool edit_find(const struct edit *edit, struct span name, struct span *value);

enum edit_result {
    EDIT_OK,
    EDIT_BAD_NAME,  // not a token
    EDIT_BAD_VALUE, // CR, LF or NUL
    EDIT_FIRST,     // the first header defines the kind of the message and cannot be removed
    EDIT_TOO_LARGE
};
/** Sets the value of the first header `name`, or appends the header. */
enum edit_result edit_set(struct edit *edit, struct span name, struct span value);
/** Appends a header. */
enum edit_result edit_add(struct edit *edit, struct span name, struct span value);
/** Appends a line that is not a header. */
enum edit_result edit_add_line(struct edit *edit, struct span line);
/** Removes all headers `name` except the first `keep`. */
enum edit_result edit_remove(struct edit *edit, struct span name, uint32_t keep);
/** Returns a text for the result, for the script's author. */
const char *edit_text(enum edit_result result);
/** Makes the message with the changes so far; the caller owns it. */
struct message *edit_build(const struct edit *edit);

#endif
