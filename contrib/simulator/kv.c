// kv.c: names and values in a sorted array; small numbers of them, so insertion moves memory.
#include "kv.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static size_t kv_position(const struct kv *kv, const char *name, bool *found)
{
    size_t low = 0;
    size_t high = kv->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(kv->pairs[middle].name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

const char *kv_find(const struct kv *kv, const char *name)
{
    bool found = false;
    size_t at = kv_position(kv, name, &found);
    return found ? kv->pairs[at].value : NULL;
}

void kv_set(struct kv *kv, const char *name, const char *value)
{
    bool found = false;
    size_t at = kv_position(kv, name, &found);
    char *copy = must_strdup(value);
    if (found) {
        free(kv->pairs[at].value);
        kv->pairs[at].value = copy;
        return;
    }
    if (kv->count == kv->capacity) {
        kv->capacity = kv->capacity == 0 ? 16 : kv->capacity * 2;
        kv->pairs = must_realloc(kv->pairs, kv->capacity * sizeof *kv->pairs);
    }
    memmove(&kv->pairs[at + 1], &kv->pairs[at], (kv->count - at) * sizeof *kv->pairs);
    kv->pairs[at] = (struct kv_pair){.name = must_strdup(name), .value = copy};
    kv->count++;
}

size_t kv_remove(struct kv *kv, const char *prefix, bool exact)
{
    size_t kept = 0;
    size_t length = strlen(prefix);
    for (size_t i = 0; i < kv->count; i++) {
        const char *name = kv->pairs[i].name;
        if (exact ? strcmp(name, prefix) == 0 : strncmp(name, prefix, length) == 0) {
            free(kv->pairs[i].name);
            free(kv->pairs[i].value);
        } else {
            kv->pairs[kept++] = kv->pairs[i];
        }
    }
    size_t removed = kv->count - kept;
    kv->count = kept;
    return removed;
}

void kv_fini(struct kv *kv)
{
    kv_remove(kv, "", false);
    free(kv->pairs);
    *kv = (struct kv){0};
}
