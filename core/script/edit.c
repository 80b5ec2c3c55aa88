// core/script/edit.c: copy on write of messages.
#include "script/edit.h"

#include "base/memory.h"

#include <stdlib.h>

struct edit_text {
    struct edit_text *next;
    char bytes[];
};

static struct edit_header *own_headers(struct edit *edit)
{
    return (struct edit_header *)(edit + 1);
}

struct edit *edit_create(const struct message *original)
{
    uint32_t count = original == NULL ? 0 : original->header_count;
    uint32_t capacity = count + 8;
    struct edit *edit = memory_new(sizeof *edit + capacity * sizeof(struct edit_header));

    *edit = (struct edit){.count = count, .capacity = capacity};
    edit->headers = own_headers(edit);
    for (uint32_t i = 0; i < count; i++)
        message_header(original, i, &edit->headers[i].name, &edit->headers[i].value);
    return edit;
}

void edit_destroy(struct edit *edit)
{
    if (edit == NULL)
        return;
    while (edit->texts != NULL) {
        struct edit_text *text = edit->texts;
        edit->texts = text->next;
        free(text);
    }
    if (edit->headers != own_headers(edit))
        free(edit->headers);
    free(edit);
}

static struct span keep(struct edit *edit, struct span text)
{
    if (text.length <= sizeof edit->small - edit->small_used) {
        char *place = edit->small + edit->small_used;
        if (text.length > 0)
            memcpy(place, text.bytes, text.length);
        edit->small_used += text.length;
        edit->bytes += text.length;
        return (struct span){place, text.length};
    }
    struct edit_text *copy = memory_new(sizeof *copy + text.length + 1);
    if (text.length > 0)
        memcpy(copy->bytes, text.bytes, text.length);
    copy->next = edit->texts;
    edit->texts = copy;
    edit->bytes += text.length + sizeof *copy;
    return (struct span){copy->bytes, text.length};
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

static enum edit_result check(const struct edit *edit, struct span name, struct span value)
{
    if (!is_name(name))
        return EDIT_BAD_NAME;
    if (!is_value(value))
        return EDIT_BAD_VALUE;
    if (edit->bytes + name.length + value.length > EDIT_BYTES)
        return EDIT_TOO_LARGE;
    return EDIT_OK;
}

/** Room for one more header. */
static bool reserve(struct edit *edit)
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

enum edit_result edit_add(struct edit *edit, struct span name, struct span value)
{
    enum edit_result result = check(edit, name, value);
    if (result != EDIT_OK)
        return result;
    if (!reserve(edit))
        return EDIT_TOO_LARGE;
    struct span name_copy = keep(edit, name);
    edit->headers[edit->count++] = (struct edit_header){name_copy, keep(edit, value)};
    return EDIT_OK;
}

enum edit_result edit_add_line(struct edit *edit, struct span line)
{
    if (!is_value(line) || line.length == 0)
        return EDIT_BAD_VALUE;
    if (edit->bytes + line.length > EDIT_BYTES || !reserve(edit))
        return EDIT_TOO_LARGE;
    edit->headers[edit->count++] = (struct edit_header){{NULL, 0}, keep(edit, line)};
    return EDIT_OK;
}

enum edit_result edit_set(struct edit *edit, struct span name, struct span value)
{
    for (uint32_t i = 0; i < edit->count; i++) {
        if (!span_equals_nocase(edit->headers[i].name, name))
            continue;
        enum edit_result result = check(edit, name, value);
        if (result == EDIT_OK)
            edit->headers[i].value = keep(edit, value);
        return result;
    }
    return edit_add(edit, name, value);
}

enum edit_result edit_remove(struct edit *edit, struct span name, uint32_t keep_first)
{
    uint32_t kept = 0, found = 0;

    if (keep_first == 0 && edit->count > 0 && span_equals_nocase(edit->headers[0].name, name))
        return EDIT_FIRST;
    for (uint32_t i = 0; i < edit->count; i++)
        if (!span_equals_nocase(edit->headers[i].name, name) || found++ < keep_first)
            edit->headers[kept++] = edit->headers[i];
    edit->count = kept;
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
        return "the first header says what the message is and cannot be removed";
    case EDIT_TOO_LARGE:
        return "the message gets too large";
    case EDIT_OK:
        break;
    }
    return "fine";
}

struct message *edit_build(const struct edit *edit)
{
    struct message_builder builder;
    size_t bytes = 1;

    for (uint32_t i = 0; i < edit->count; i++)
        bytes += edit->headers[i].name.length + edit->headers[i].value.length + 4;
    message_builder_init(&builder);
    builder.capacity = bytes; // once, and enough
    builder.bytes = memory_new(bytes);
    builder.header_capacity = edit->count + 1;
    builder.headers = memory_new(builder.header_capacity * sizeof *builder.headers);
    for (uint32_t i = 0; i < edit->count; i++) {
        if (edit->headers[i].name.length == 0)
            message_add_line(&builder, edit->headers[i].value);
        else
            message_add(&builder, edit->headers[i].name, edit->headers[i].value);
    }
    return message_build(&builder);
}
