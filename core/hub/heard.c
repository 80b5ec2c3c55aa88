// core/hub/heard.c: see heard.h.
#include "hub/heard.h"

#include "base/memory.h"

#include <stdlib.h>

#define MOST ((size_t)1 << 20) // 40 MiB: more than a takeover lasts

void heard_add(struct heard *heard, const struct fingerprint *text, uint64_t note)
{
    if (heard->count == MOST) {
        heard->overflowed = true;
        return;
    }
    if (heard->count == heard->capacity) {
        heard->capacity = heard->capacity == 0 ? 256 : heard->capacity * 2;
        heard->messages = memory_grow(heard->messages, heard->capacity * sizeof *heard->messages);
    }
    heard->messages[heard->count++] = (struct heard_message){.text = *text, .note = note};
    heard->left++;
}

static int heard_compare(const void *a, const void *b)
{
    const struct heard_message *one = a, *other = b;

    return fingerprint_compare(&one->text, &other->text);
}

void heard_sort(struct heard *heard)
{
    if (heard->count > 1)
        qsort(heard->messages, heard->count, sizeof *heard->messages, heard_compare);
}

bool heard_take(struct heard *heard, const struct fingerprint *text)
{
    size_t low = 0, high = heard->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (fingerprint_compare(&heard->messages[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t next = low < heard->count ? low + heard->messages[low].taken : low;
    if (next >= heard->count || fingerprint_compare(&heard->messages[next].text, text) != 0)
        return false;
    heard->messages[low].taken++;
    heard->left--;
    return true;
}

void heard_clear(struct heard *heard)
{
    free(heard->messages);
    *heard = (struct heard){0};
}
