// contrib/ampctl/json.c: see json.h.
#include "json.h"

#include "base/memory.h"

#include <stdlib.h>

/** Converts Latin-1 to UTF-8. */
static json_t *json_of_bytes(struct span text)
{
    char *utf8 = memory_new(text.length * 3 + 1);
    size_t length = 0;
    json_t *result;

    for (size_t i = 0; i < text.length; i++) {
        unsigned char byte = (unsigned char)text.bytes[i];
        if (byte == 0) {
            memcpy(utf8 + length, "\xef\xbf\xbd", 3);
            length += 3;
        } else if (byte < 0x80) {
            utf8[length++] = (char)byte;
        } else {
            utf8[length++] = (char)(0xc0 | byte >> 6);
            utf8[length++] = (char)(0x80 | (byte & 0x3f));
        }
    }
    result = json_stringn(utf8, length);
    free(utf8);
    return result;
}

json_t *json_of_text(struct span text)
{
    json_t *result = NULL;

    if (text.length == 0)
        return json_string("");
    if (memchr(text.bytes, '\0', text.length) == NULL)
        result = json_stringn(text.bytes, text.length);
    return result != NULL ? result : json_of_bytes(text);
}

/** Reads `12.5`: a number with one digit behind the point. @return false: it is none */
static bool read_tenths(struct span text, double *number)
{
    struct span whole = {text.bytes, text.length > 2 ? text.length - 2 : 0};
    uint64_t before, tenths;

    if (text.length < 3 || text.bytes[text.length - 2] != '.' || !span_number(whole, 0, INT64_MAX, &before) ||
        !span_number((struct span){text.bytes + text.length - 1, 1}, 0, 9, &tenths))
        return false;
    *number = (double)before + (double)tenths / 10;
    return true;
}

json_t *json_of_number(struct span text)
{
    uint64_t number;
    double real;

    if (text.length == 0)
        return json_null();
    if (span_number(text, 0, INT64_MAX, &number))
        return json_integer((json_int_t)number);
    return read_tenths(text, &real) ? json_real(real) : json_of_text(text);
}

/** Adds a value; a second one of that name makes an array of both. Takes `value`. */
static void json_add(json_t *object, const char *name, json_t *value)
{
    json_t *old = json_object_get(object, name);
    json_t *list;

    if (old == NULL) {
        if (json_object_set_new(object, name, value) == 0)
            return;
        json_object_set_new(object, "UnparsedText", json_of_text(span_of(name))); // a name that is no UTF-8
    } else if (json_is_array(old)) {
        json_array_append_new(old, value);
    } else {
        list = json_array();
        json_array_append(list, old);
        json_array_append_new(list, value);
        json_object_set_new(object, name, list);
    }
}

json_t *json_of_message(const struct message *message, bool hidden_id)
{
    json_t *object = json_object();
    struct span name, value;

    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (hidden_id && span_is(name, "ActionID"))
            continue;
        char *key = name.length > 0 ? memory_text_of(name.bytes, name.length) : memory_text("UnparsedText");
        json_add(object, key, json_of_text(value));
        free(key);
    }
    return object;
}

void json_print(json_t *value)
{
    json_dumpf(value, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(value);
}
