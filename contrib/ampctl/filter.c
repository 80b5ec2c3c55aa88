// contrib/ampctl/filter.c: see filter.h.
#include "filter.h"

#include "base/memory.h"
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static void filter_add(const char ***list, size_t *count, const char *text)
{
    *list = memory_grow(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = text;
}

static bool read_one(struct filter *filter, const char *text, struct error *err)
{
    size_t length = strcspn(text, "=");
    bool exclude = text[0] == '!';

    if (text_has_control(text))
        return error_set(err, "tail: a filter has no control characters");
    if (text[length] == '=') {
        if (length == 0 || exclude || memchr(text, ' ', length) != NULL || memchr(text, ':', length) != NULL)
            return error_set(err, "tail: expected HEADER=VALUE; found \"%s\"", text);
        filter_add(&filter->conditions, &filter->condition_count, text);
    } else {
        const char *name = text + exclude;
        if (name[0] == '\0' || strpbrk(name, " :") != NULL)
            return error_set(err, "tail: expected the name of an event, !NAME or HEADER=VALUE; found \"%s\"", text);
        filter_add(exclude ? &filter->excluded : &filter->names,
                   exclude ? &filter->excluded_count : &filter->name_count, name);
    }
    return true;
}

bool filter_read(struct filter *filter, char **arguments, size_t count, struct error *err)
{
    *filter = (struct filter){0};
    for (size_t i = 0; i < count; i++) {
        if (!read_one(filter, arguments[i], err)) {
            filter_fini(filter);
            return false;
        }
    }
    return true;
}

void filter_fini(struct filter *filter)
{
    free(filter->names);
    free(filter->excluded);
    free(filter->conditions);
    *filter = (struct filter){0};
}

// --- here -------------------------------------------------------------------------------------------------------

static bool is_one_of(struct span name, const char *const *patterns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_matches(name, patterns[i], true))
            return true;
    }
    return false;
}

static bool condition_holds(const struct message *event, const char *condition)
{
    struct span wanted = {condition, strcspn(condition, "=")}, name, value;

    for (uint32_t i = 0; i < event->header_count; i++) {
        message_header(event, i, &name, &value);
        if (span_equals_nocase(name, wanted) && text_matches(value, condition + wanted.length + 1, false))
            return true;
    }
    return false;
}

bool filter_passes(const struct filter *filter, const struct message *event)
{
    struct span name = message_name(event);

    if (is_one_of(name, filter->excluded, filter->excluded_count) ||
        (filter->name_count > 0 && !is_one_of(name, filter->names, filter->name_count)))
        return false;
    for (size_t i = 0; i < filter->condition_count; i++) {
        if (!condition_holds(event, filter->conditions[i]))
            return false;
    }
    return true;
}

// --- at the proxy -----------------------------------------------------------------------------------------------

static void write_byte(FILE *out, unsigned char byte, bool fold)
{
    if (byte == '*')
        fputs("[^[:cntrl:]]*", out);
    else if (fold && byte < 128 && isalpha(byte) != 0)
        fprintf(out, "[%c%c]", tolower(byte), toupper(byte));
    else if (strchr(".[](){}+?|^$\\", byte) != NULL)
        fprintf(out, "\\%c", byte);
    else
        fputc(byte, out);
}

/** Writes a pattern of ours as a POSIX extended expression. */
static void write_pattern(FILE *out, const char *pattern, size_t length, bool fold)
{
    for (size_t i = 0; i < length; i++)
        write_byte(out, (unsigned char)pattern[i], fold);
}

static void write_name(FILE *out, const char *name)
{
    fputs("^[Ee]vent: *", out);
    write_pattern(out, name, strlen(name), true);
    fputs("[[:cntrl:]]", out);
}

/** @param start  what may stand before the header's line */
static void write_condition(FILE *out, const char *start, const char *condition)
{
    size_t length = strcspn(condition, "=");
    const char *value = condition + length + 1;

    fputs(start, out);
    write_pattern(out, condition, length, true);
    fputs(": *", out);
    write_pattern(out, value, strlen(value), false);
    fputs("[[:cntrl:]]", out);
}

char *filter_expression(const struct filter *filter, size_t index)
{
    size_t includes = filter->name_count > 0 ? filter->name_count : filter->condition_count > 0 ? 1 : 0, size;
    char *text = NULL;
    FILE *out;

    if (index >= includes + filter->excluded_count)
        return NULL;
    out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    if (index >= includes) {
        fputc('!', out);
        write_name(out, filter->excluded[index - includes]);
    } else if (filter->name_count > 0) {
        write_name(out, filter->names[index]);
        if (filter->condition_count > 0)
            write_condition(out, "(.*[[:cntrl:]])?", filter->conditions[0]);
    } else {
        write_condition(out, "(^|[[:cntrl:]])", filter->conditions[0]);
    }
    fclose(out);
    return text;
}
