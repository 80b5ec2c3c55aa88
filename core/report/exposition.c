// core/report/exposition.c: see exposition.h.
#include "report/exposition.h"

#include "base/memory.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void exposition_put(struct exposition *out, const char *bytes, size_t length)
{
    if (length >= out->capacity - out->length) {
        out->capacity = (out->capacity + length) * 2 + 4096;
        out->bytes = memory_grow(out->bytes, out->capacity);
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
    out->bytes[out->length] = '\0';
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

static void add_escaped(struct exposition *out, const char *value)
{
    while (*value != '\0') {
        size_t length = utf8_length((struct span){value, strnlen(value, 4)});
        if (*value == '\n')
            add_text(out, "\\n");
        else if (*value == '"' || *value == '\\')
            exposition_put(out, *value == '"' ? "\\\"" : "\\\\", 2);
        else if (length == 0)
            add_text(out, UTF8_REPLACEMENT);
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
