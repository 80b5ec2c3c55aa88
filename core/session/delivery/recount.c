// core/session/delivery/recount.c: see recount.h.
#include "session/delivery/recount.h"

#include <inttypes.h>
#include <stdio.h>

/** Returns the copy of `message` in which header `index` has that number. Releases `message`. */
static struct message *with_number(struct message *message, uint32_t index, uint64_t number)
{
    struct message *copy;
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number);
    copy = message_with_value(message, index, span_of(text));
    message_unref(message);
    return copy;
}

static bool is_count(struct span name)
{
    return span_is(name, "ListItems") || span_is(name, "Items") || span_is(name, "Total");
}

struct message *recount_items(struct message *message, const struct entry *entry)
{
    struct message *counted = message_ref(message);
    uint64_t count, withheld = entry->ask->withheld;
    struct span name, value;

    for (uint32_t i = 0; entry->part.final && withheld > 0 && i < message->header_count; i++) {
        message_header(message, i, &name, &value);
        if (is_count(name) && span_number(value, 0, UINT64_MAX, &count)) // StatusComplete has two of them
            counted = with_number(counted, i, count > withheld ? count - withheld : 0);
    }
    return counted;
}
