// core/bus/body.c: bodies of messages: pieces that are put together by the bus thread, so that the hub copies no bytes
// of messages that it has.
#include "bus/body.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/** A message, or bytes of the body's own. */
struct piece {
    struct message *message; // NULL: bytes
    char *bytes;
    size_t length;
};

#define FEW 4 // pieces that need no block of their own

struct bus_body {
    struct piece *pieces; // `few`, or a block
    size_t count, capacity, length;
    struct piece few[FEW];
};

struct bus_body *bus_body_create(void)
{
    struct bus_body *body = memory_new(sizeof *body);

    body->pieces = body->few;
    body->count = body->length = 0;
    body->capacity = FEW;
    return body;
}

void bus_body_destroy(struct bus_body *body)
{
    if (body == NULL)
        return;
    for (size_t i = 0; i < body->count; i++) {
        message_unref(body->pieces[i].message);
        free(body->pieces[i].bytes);
    }
    if (body->pieces != body->few)
        free(body->pieces);
    free(body);
}

static void body_add(struct bus_body *body, struct piece piece)
{
    if (body->count == body->capacity) {
        body->capacity *= 2;
        if (body->pieces == body->few) {
            body->pieces = memory_new(body->capacity * sizeof *body->pieces);
            memcpy(body->pieces, body->few, sizeof body->few);
        } else {
            body->pieces = memory_grow(body->pieces, body->capacity * sizeof *body->pieces);
        }
    }
    body->pieces[body->count++] = piece;
    body->length += piece.length;
}

void bus_body_add(struct bus_body *body, struct message *message)
{
    body_add(body, (struct piece){.message = message, .length = message_wire(message).length});
}

void bus_body_add_bytes(struct bus_body *body, struct span bytes)
{
    body_add(body, (struct piece){.bytes = memory_text_of(bytes.bytes, bytes.length), .length = bytes.length});
}

size_t bus_body_length(const struct bus_body *body)
{
    return body->length;
}

void bus_body_write(const struct bus_body *body, char *out)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct piece *piece = &body->pieces[i];
        if (piece->length > 0)
            memcpy(out, piece->message != NULL ? message_wire(piece->message).bytes : piece->bytes, piece->length);
        out += piece->length;
    }
}
