// core/ami/privileges.c: see privileges.h.
#include "ami/privileges.h"

#include "ami/event_class.h"
#include "base/memory.h"

#include <stdlib.h>

#define PRIV_MARK "(Priv:"
#define PRIV_BYTES ((size_t)512) // bytes at the end of a line that are searched; all classes together have about 130

struct privilege {
    uint64_t key; // span_key_nocase()
    uint32_t classes;
    char name[PRIVILEGES_NAME_BYTES];
};

struct privileges {
    atomic_uint references;
    uint32_t count;
    struct privilege list[]; // by name, without case; no name twice
};

bool privileges_read(struct span value, uint32_t *classes)
{
    const size_t mark = sizeof PRIV_MARK - 1;
    size_t end = value.length, start, lowest;
    struct span text;

    while (end > 0 && (value.bytes[end - 1] == ' ' || value.bytes[end - 1] == '\t'))
        end--;
    if (end <= mark || value.bytes[end - 1] != ')')
        return false;
    lowest = end > PRIV_BYTES ? end - PRIV_BYTES : 0;
    for (start = end - mark; memcmp(value.bytes + start, PRIV_MARK, mark) != 0; start--) {
        if (start == lowest)
            return false;
    }
    start += mark;
    while (start < end - 1 && value.bytes[start] == ' ')
        start++;
    text = (struct span){value.bytes + start, end - 1 - start};
    *classes = event_class_of_privilege(text);
    if (*classes == 0 && !span_is(text, "<none>"))
        *classes = CLASS_UNKNOWN; // `all` alone, or a text that is not understood
    return true;
}

static int compare_classes(const void *a, const void *b)
{
    return span_compare_nocase(span_of(((const struct privilege *)a)->name), ((const struct privilege *)b)->name);
}

/** Returns the classes that both allow. */
static uint32_t narrower_class(uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return a | b;
    return (a & b) != 0 ? a & b : CLASS_UNKNOWN;
}

/** Sorts the list, and combines entries with the same name. */
static void put_in_order(struct privileges *privileges)
{
    uint32_t kept = 0;

    qsort(privileges->list, privileges->count, sizeof privileges->list[0], compare_classes);
    for (uint32_t i = 1; i < privileges->count; i++) {
        struct privilege *last = &privileges->list[kept], *next = &privileges->list[i];
        if (compare_classes(last, next) == 0)
            last->classes = narrower_class(last->classes, next->classes);
        else
            privileges->list[++kept] = *next;
    }
    privileges->count = kept + 1;
}

/** Adds an entry for header `index` if it describes an action. */
static void take_line(struct privileges *privileges, const struct message *answer, uint32_t index)
{
    struct privilege *entry = &privileges->list[privileges->count];
    struct span name, value;

    message_header(answer, index, &name, &value);
    if (name.length == 0 || name.length >= PRIVILEGES_NAME_BYTES || memchr(name.bytes, '\0', name.length) != NULL ||
        !privileges_read(value, &entry->classes))
        return;
    memcpy(entry->name, name.bytes, name.length);
    entry->name[name.length] = '\0';
    entry->key = span_key_nocase(name);
    privileges->count++;
}

struct privileges *privileges_parse(const struct message *answer)
{
    uint32_t most = answer->header_count < PRIVILEGES_MOST ? answer->header_count : PRIVILEGES_MOST;
    struct privileges *privileges;

    if (answer->kind != MESSAGE_RESPONSE || !span_is(message_name(answer), "Success"))
        return NULL;
    privileges = memory_zero(1, sizeof *privileges + most * sizeof privileges->list[0]);
    atomic_init(&privileges->references, 1);
    for (uint32_t i = 1; i < answer->header_count && privileges->count < most; i++)
        take_line(privileges, answer, i);
    if (privileges->count == 0) {
        free(privileges);
        return NULL;
    }
    put_in_order(privileges);
    return privileges;
}

struct privileges *privileges_ref(struct privileges *privileges)
{
    if (privileges != NULL)
        atomic_fetch_add_explicit(&privileges->references, 1, memory_order_relaxed);
    return privileges;
}

void privileges_unref(struct privileges *privileges)
{
    if (privileges != NULL && atomic_fetch_sub_explicit(&privileges->references, 1, memory_order_acq_rel) == 1)
        free(privileges);
}

uint32_t privileges_count(const struct privileges *privileges)
{
    return privileges == NULL ? 0 : privileges->count;
}

bool privileges_find(const struct privileges *privileges, struct span action, uint32_t *classes)
{
    uint32_t low = 0, high = privileges == NULL ? 0 : privileges->count;
    uint64_t key = span_key_nocase(action);

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct privilege *entry = &privileges->list[middle];
        int order = key != entry->key ? (key > entry->key ? 1 : -1) : span_compare_nocase(action, entry->name);
        if (order == 0) {
            *classes = entry->classes;
            return true;
        }
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}

bool privileges_permit(uint32_t classes, const struct action_info *info, uint32_t write)
{
    if (classes == 0)
        return write != 0 || (info != NULL && info->effect != EFFECT_CHANGES);
    return (write & classes) != 0;
}

bool privileges_allow(const struct privileges *privileges, struct span action, uint32_t write)
{
    const struct action_info *info;
    uint32_t classes;

    if (write == CLASS_ALL)
        return true; // no action requires more
    info = catalogue_find(action);
    if (privileges_find(privileges, action, &classes))
        return privileges_permit(classes, info, write);
    return info != NULL ? privileges_permit(info->classes, info, write) : write == CLASS_ALL;
}
