// core/hub/cluster_parts.c: a message that is too long for one message on the bus travels in parts, in their order:
// Part and Parts are the number of this one, from 1 on, and of all.
#include "hub/cluster_inside.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdlib.h>

#define PART_BYTES ((size_t)256 * 1024)
#define PARTS_BYTES ((size_t)1 << 30) // longest message of a server (ami/parser.h)

bool parts_are_needed(const struct message *message)
{
    return message->byte_count > BUS_BODY_LIMIT - PART_BYTES;
}

/** Returns the bytes of a message, with another ActionID unless `id` is NULL. @return the caller's */
static char *whole_of(const struct message *message, const struct span *id, size_t *length)
{
    struct span pieces[MESSAGE_SPLICE_PIECES] = {message_wire(message)};
    int count = id == NULL ? 1 : message_splice_action_id(message, id, pieces);
    char *whole = memory_new(message->byte_count + (id == NULL ? 0 : id->length + 64)), *to = whole;

    for (int i = 0; i < count; i++) {
        if (pieces[i].length > 0)
            to = mempcpy(to, pieces[i].bytes, pieces[i].length);
    }
    *length = (size_t)(to - whole);
    return whole;
}

void parts_publish(struct hub_cluster *cluster, const char *subject, struct message *message, const struct span *id,
                   void (*begin)(void *context, struct message_builder *head), void *context)
{
    size_t length, count;
    char *whole = whole_of(message, id, &length);

    count = (length + PART_BYTES - 1) / PART_BYTES;
    for (size_t i = 0; i < count; i++) {
        size_t left = length - i * PART_BYTES;
        struct bus_body *body = bus_body_create();
        struct message_builder head;
        begin(context, &head);
        message_addf(&head, "Part", "%zu", i + 1);
        message_addf(&head, "Parts", "%zu", count);
        bus_body_add_bytes(body, (struct span){whole + i * PART_BYTES, left < PART_BYTES ? left : PART_BYTES});
        bus_publish(cluster->bus, BUS_PLAIN, subject, NULL, message_build(&head), body);
    }
    free(whole);
}

bool parts_has(const struct bus_letter *letter)
{
    return cluster_number(letter->head, "Parts", 10) != 0;
}

bool parts_add(struct parts *parts, const struct bus_letter *letter, struct span *whole)
{
    uint64_t part = cluster_number(letter->head, "Part", 10), count = cluster_number(letter->head, "Parts", 10);

    if (part == 1)
        parts_clear(parts);
    if (part != parts->count + 1 || part > count || parts->length + letter->body.length > PARTS_BYTES) {
        parts_clear(parts); // one is missing: the message is lost
        return false;
    }
    parts->bytes = memory_grow(parts->bytes, parts->length + letter->body.length + 1);
    memcpy(parts->bytes + parts->length, letter->body.bytes, letter->body.length);
    parts->length += letter->body.length;
    parts->count = part;
    *whole = (struct span){parts->bytes, parts->length};
    return part == count;
}

void parts_clear(struct parts *parts)
{
    free(parts->bytes);
    *parts = (struct parts){0};
}
