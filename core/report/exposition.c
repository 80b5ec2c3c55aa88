// core/report/exposition.c: see exposition.h.
#include "report/exposition.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void exposition_put(struct exposition *out, const char *bytes, size_t length)
{
    if (length > out->capacity - out->length) {
        out->capacity = (out->capacity + length) * 2 + 4096;
        out->bytes = memory_grow(out->bytes, out->capacity);
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

static void add_text(struct exposition *out, const char *text)
{
    exposition_put(out, text, strlen(text));
}

void exposition_fini(struct exposition *out)
{
    free(out->bytes);
    out->bytes = NULL;
    out->length = out->capacity = 0;
}

void exposition_begin(struct exposition *out, const char *name, enum exposition_type type, const char *help)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    // The older format has no families: these lines hold the counter's full name there.
    const char *end = type == EXPOSITION_COUNTER && !out->open_metrics ? "_total" : "";
    char line[512];

    out->name = name;
    out->type = type;
    snprintf(line, sizeof line, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, end, help, name, end, types[type]);
    add_text(out, line);
}

/** Returns the length of the UTF-8 character at `bytes`; 0: it is not UTF-8. */
static size_t character_length(const unsigned char *text)
{
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc2 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf5 ? 4
                                     : 0;

    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
    }
    bool too_long = (text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xf0 && text[1] < 0x90);
    bool is_no_character = (text[0] == 0xed && text[1] >= 0xa0) || (text[0] == 0xf4 && text[1] >= 0x90);
    return too_long || is_no_character ? 0 : length;
}

static void add_escaped(struct exposition *out, const char *value)
{
    while (*value != '\0') {
        size_t length = character_length((const unsigned char *)value);
        if (*value == '\n')
            add_text(out, "\\n");
        else if (*value == '"' || *value == '\\')
            exposition_put(out, *value == '"' ? "\\\"" : "\\\\", 2);
        else if (length == 0)
            add_text(out, "\xef\xbf\xbd");
        else
            exposition_put(out, value, length);
        value += length == 0 ? 1 : length;
    }
}

static void add_name(struct exposition *out, const char *suffix, const struct exposition_label *labels)
{
    add_text(out, out->name);
    add_text(out, out->type == EXPOSITION_COUNTER ? "_total" : suffix);
    if (labels == NULL || labels->key == NULL)
        return;
    for (size_t i = 0; labels[i].key != NULL; i++) {
        add_text(out, i == 0 ? "{" : ",");
        add_text(out, labels[i].key);
        add_text(out, "=\"");
        add_escaped(out, labels[i].value);
        add_text(out, "\"");
    }
    add_text(out, "}");
}

void exposition_count(struct exposition *out, const char *suffix, const struct exposition_label *labels, uint64_t value)
{
    char number[32];

    add_name(out, suffix, labels);
    snprintf(number, sizeof number, " %" PRIu64 "\n", value);
    add_text(out, number);
}

void exposition_value(struct exposition *out, const char *suffix, const struct exposition_label *labels, double value)
{
    char number[64];

    add_name(out, suffix, labels);
    snprintf(number, sizeof number, " %.6f\n", value);
    add_text(out, number);
}

void exposition_end(struct exposition *out)
{
    if (out->open_metrics)
        add_text(out, "# EOF\n");
}
