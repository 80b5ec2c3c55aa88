// core/session/delivery/recount.c: see recount.h.
#include "session/delivery/recount.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct message *recount_items(struct message *message, const struct entry *entry)
{
    static const char *const headers[] = {"ListItems", "Items", "Total", NULL};
    struct span name, value;

    for (uint32_t i = 0; entry->part.final && entry->ask->withheld > 0 && i < message->header_count; i++) {
        char text[24];
        message_header(message, i, &name, &value);
        for (const char *const *header = headers; *header != NULL; header++) {
            if (!span_is(name, *header) || value.length == 0 || value.length >= sizeof text)
                continue;
            memcpy(text, value.bytes, value.length);
            text[value.length] = '\0';
            unsigned long count = strtoul(text, NULL, 10), withheld = entry->ask->withheld;
            snprintf(text, sizeof text, "%lu", count > withheld ? count - withheld : 0);
            return message_with_value(message, i, span_of(text));
        }
    }
    return message_ref(message);
}
