// core/script/edit.c: copy on write of messages.
#include "script/edit.h"

#include "ami/splice.h"
#include "base/memory.h"
#include "script/names.h"

#include <stdlib.h>

static struct header *own_headers(struct edit *edit)
{
    return (struct header *)(edit + 1);
}

struct edit *edit_create(const struct message *original)
{
    uint32_t count = original == NULL ? 0 : original->header_count;
    uint32_t capacity = count + 8;
    struct edit *edit = memory_new(sizeof *edit + capacity * sizeof(struct header));

    edit->original = original;
    edit->original_bytes = original == NULL ? NULL : message_wire(original).bytes;
    edit->own = original == NULL ? 0 : original->byte_count;
    edit->headers = own_headers(edit);
    edit->count = count;
    edit->capacity = capacity;
    edit->texts = edit->small; // the texts are not initialised: bytes are written before they are read
    edit->text_bytes = 0;
    edit->text_capacity = sizeof edit->small;
    edit->noted = false;
    if (count > 0)
        memcpy(edit->headers, message_headers(original), count * sizeof *edit->headers);
    return edit;
}

void edit_destroy(struct edit *edit)
{
    if (edit == NULL)
        return;
    if (edit->texts != edit->small)
        free(edit->texts);
    if (edit->headers != own_headers(edit))
        free(edit->headers);
    free(edit);
}

static inline const char *bytes_at(const struct edit *edit, uint32_t offset)
{
    return offset < edit->own ? edit->original_bytes + offset : edit->texts + (offset - edit->own);
}

void edit_header(const struct edit *edit, uint32_t index, struct span *name, struct span *value)
{
    const struct header *header = &edit->headers[index];
    *name = (struct span){bytes_at(edit, header->start), header->name_length};
    *value = (struct span){bytes_at(edit, header->value), header->value_length};
}

static inline bool is_named(const struct edit *edit, const struct header *header, struct span name)
{
    return header->name_length == name.length && names_equal(bytes_at(edit, header->start), name.bytes, name.length);
}

/** Finds the first header `name`. @return NULL: there is none */
static struct header *edit_find_header(const struct edit *edit, struct span name)
{
    struct header *end = edit->headers + edit->count;
    for (struct header *header = edit->headers; header < end; header++)
        if (is_named(edit, header, name))
            return header;
    return NULL;
}

bool edit_find(const struct edit *edit, struct span name, struct span *value)
{
    const struct header *header = edit_find_header(edit, name);
    if (header == NULL)
        return false;
    *value = (struct span){bytes_at(edit, header->value), header->value_length};
    return true;
}

/** Appends a text. @return its offset */
static uint32_t edit_keep(struct edit *edit, struct span text)
{
    if (text.length > edit->text_capacity - edit->text_bytes) {
        char *before = edit->texts == edit->small ? NULL : edit->texts;
        edit->text_capacity = 2 * edit->text_capacity + text.length;
        edit->texts = memory_grow(before, edit->text_capacity);
        if (before == NULL)
            memcpy(edit->texts, edit->small, edit->text_bytes);
    }
    uint32_t offset = edit->own + (uint32_t)edit->text_bytes;
    if (text.length > 0)
        memcpy(edit->texts + edit->text_bytes, text.bytes, text.length);
    edit->text_bytes += text.length;
    return offset;
}

static bool is_name(struct span name)
{
    if (name.length == 0)
        return false;
    for (size_t i = 0; i < name.length; i++) {
        unsigned char byte = (unsigned char)name.bytes[i];
        if (byte <= ' ' || byte == ':' || byte == 127)
            return false;
    }
    return true;
}

static bool is_value(struct span value)
{
    for (size_t i = 0; i < value.length; i++)
        if (value.bytes[i] == '\r' || value.bytes[i] == '\n' || value.bytes[i] == '\0')
            return false;
    return true;
}

static enum edit_result edit_check(const struct edit *edit, struct span name, struct span value)
{
    if (!is_name(name))
        return EDIT_BAD_NAME;
    if (!is_value(value))
        return EDIT_BAD_VALUE;
    if (edit->text_bytes + name.length + value.length > EDIT_BYTES)
        return EDIT_TOO_LARGE;
    return EDIT_OK;
}

/** Makes room for one more header. */
static bool edit_reserve(struct edit *edit)
{
    if (edit->count < edit->capacity)
        return true;
    if (edit->count >= EDIT_HEADERS)
        return false;
    edit->capacity *= 2;
    if (edit->headers != own_headers(edit)) {
        edit->headers = memory_grow(edit->headers, edit->capacity * sizeof *edit->headers);
        return true;
    }
    edit->headers = memory_new(edit->capacity * sizeof *edit->headers);
    memcpy(edit->headers, own_headers(edit), edit->count * sizeof *edit->headers);
    return true;
}

/** Notes whether a header that changes is one that splice_is_noted(). */
static void edit_touch(struct edit *edit, struct span name)
{
    edit->noted = edit->noted || splice_is_noted(name);
}

enum edit_result edit_add(struct edit *edit, struct span name, struct span value)
{
    enum edit_result result = edit_check(edit, name, value);
    if (result != EDIT_OK)
        return result;
    if (!edit_reserve(edit))
        return EDIT_TOO_LARGE;
    struct header *header = &edit->headers[edit->count++];
    header->start = edit_keep(edit, name);
    header->name_length = (uint32_t)name.length;
    header->value = edit_keep(edit, value);
    header->value_length = (uint32_t)value.length;
    edit_touch(edit, name);
    return EDIT_OK;
}

enum edit_result edit_add_line(struct edit *edit, struct span line)
{
    if (!is_value(line) || line.length == 0)
        return EDIT_BAD_VALUE;
    if (edit->text_bytes + line.length > EDIT_BYTES || !edit_reserve(edit))
        return EDIT_TOO_LARGE;
    uint32_t start = edit_keep(edit, line);
    edit->headers[edit->count++] = (struct header){start, 0, start, (uint32_t)line.length};
    return EDIT_OK;
}

enum edit_result edit_set(struct edit *edit, struct span name, struct span value)
{
    struct header *header = edit_find_header(edit, name);
    if (header == NULL)
        return edit_add(edit, name, value);
    enum edit_result result = edit_check(edit, name, value);
    if (result != EDIT_OK)
        return result;
    header->value = edit_keep(edit, value);
    header->value_length = (uint32_t)value.length;
    edit_touch(edit, name);
    return EDIT_OK;
}

/** Is it the header that defines the kind of the original, and not its first one? */
static bool is_decisive(const struct edit *edit, struct span name)
{
    struct span decisive, value;

    if (edit->original == NULL || edit->original->decides == 0)
        return false;
    message_header(edit->original, edit->original->decides, &decisive, &value);
    return span_equals_nocase(decisive, name);
}

enum edit_result edit_remove(struct edit *edit, struct span name, uint32_t keep_first)
{
    uint32_t kept = 0, found = 0;

    if (keep_first == 0 && edit->count > 0 && (is_named(edit, &edit->headers[0], name) || is_decisive(edit, name)))
        return EDIT_FIRST;
    for (uint32_t i = 0; i < edit->count; i++)
        if (!is_named(edit, &edit->headers[i], name) || found++ < keep_first)
            edit->headers[kept++] = edit->headers[i];
    if (kept < edit->count) {
        edit->count = kept;
        edit_touch(edit, name);
        // another header of the message may be the noted one now
        edit->noted = edit->noted || (edit->original != NULL && edit->original->action_id >= 0);
    }
    return EDIT_OK;
}

const char *edit_text(enum edit_result result)
{
    switch (result) {
    case EDIT_BAD_NAME:
        return "a header's name is one word without ':'";
    case EDIT_BAD_VALUE:
        return "a header's value has no CR, LF or NUL";
    case EDIT_FIRST:
        return "that header says what the message is and cannot be removed";
    case EDIT_TOO_LARGE:
        return "the message gets too large";
    case EDIT_OK:
        break;
    }
    return "fine";
}

struct message *edit_build(const struct edit *edit)
{
    struct splice splice = {.original = edit->original,
                            .headers = edit->headers,
                            .count = edit->count,
                            .texts = edit->texts,
                            .text_bytes = edit->text_bytes,
                            .noted = edit->noted};
    return splice_build(&splice);
}
