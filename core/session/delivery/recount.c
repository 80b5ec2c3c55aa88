// core/session/delivery/recount.c: see recount.h.
#include "session/delivery/recount.h"

#include <inttypes.h>
#include <stdio.h>

struct message *recount_items(struct message *message, const struct entry *entry)
{
    static const char *const headers[] = {"ListItems", "Items", "Total", NULL};
    struct span name, value;

    for (uint32_t i = 0; entry->part.final && entry->ask->withheld > 0 && i < message->header_count; i++) {
        uint64_t count, withheld = entry->ask->withheld;
        char text[24];
        message_header(message, i, &name, &value);
        for (const char *const *header = headers; *header != NULL; header++) {
            if (!span_is(name, *header) || !span_number(value, 0, UINT64_MAX, &count))
                continue;
            snprintf(text, sizeof text, "%" PRIu64, count > withheld ? count - withheld : 0);
            return message_with_value(message, i, span_of(text));
        }
    }
    return message_ref(message);
}
