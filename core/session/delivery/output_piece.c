// core/session/delivery/output_piece.c: see output_piece.h; and what adds private bytes to an output.
#include "session/delivery/output_piece.h"

#include "ami/message.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_PIECE 512
#define LARGEST_SHARED_PIECE 16384 // many list items share one block up to this size
#define LEAST_REFERENCE 65536      // a larger rest of a message is not copied

void output_piece_free(struct output_piece *piece)
{
    message_unref(piece->message);
    spares_give(piece, piece->shelf);
}

uint64_t output_position(const struct output *output)
{
    return output->cursor.feed == NULL ? output->cursor.position : output->cursor.feed->end;
}

static void link_piece(struct output *output, struct output_piece *added)
{
    if (output->last == NULL)
        output->first = added;
    else
        output->last->next = added;
    output->last = added;
}

char *output_append(struct output *output, const struct output_piece *piece, size_t length)
{
    spares_shelf shelf;
    struct output_piece *added = spares_take(sizeof *added + piece->capacity, &shelf);

    *added = *piece;
    added->shelf = shelf;
    added->length = length;
    added->bytes = added->own;
    link_piece(output, added);
    return added->own;
}

/** Makes room for `length` private bytes that are due at `position`. @return where they go */
static char *make_room(struct output *output, uint64_t position, size_t length, uint64_t skip)
{
    struct output_piece *last = output->last;

    output->private_bytes += length;
    if (length > output->largest)
        output->largest = length;
    if (last != NULL && last->kind == PIECE_ANSWER && last->position == position && last->skip == 0 && skip == 0 &&
        last->message == NULL && last->capacity - last->length >= length) {
        last->length += length;
        return last->own + last->length - length;
    }
    // Several answers at one position are the items of a list: more will follow, so the next block is larger.
    size_t capacity = last != NULL && last->position == position ? LARGEST_SHARED_PIECE : LEAST_PIECE;
    return output_append(
        output,
        &(struct output_piece){.position = position, .skip = skip, .capacity = capacity < length ? length : capacity},
        length);
}

void output_add_at(struct output *output, uint64_t position, const char *bytes, size_t length, uint64_t skip)
{
    char *to = make_room(output, position, length, skip);

    if (length > 0)
        memcpy(to, bytes, length);
}

void output_add_pieces(struct output *output, const struct span *pieces, int count)
{
    const struct span *behind = pieces + count;
    size_t length = 0;
    char *to;

    for (const struct span *piece = pieces; piece < behind; piece++)
        length += piece->length;
    if (length == 0)
        return;
    to = make_room(output, output_position(output), length, 0);
    for (const struct span *piece = pieces; piece < behind; piece++)
        to = piece->length > 0 ? mempcpy(to, piece->bytes, piece->length) : to;
}

/** Appends bytes of the message that are not copied. */
static void add_reference(struct output *output, struct message *message, struct span bytes)
{
    spares_shelf shelf;
    struct output_piece *added = spares_take(sizeof *added, &shelf);

    *added = (struct output_piece){.shelf = shelf,
                                   .position = output_position(output),
                                   .length = bytes.length,
                                   .capacity = bytes.length,
                                   .message = message_ref(message),
                                   .bytes = bytes.bytes};
    link_piece(output, added);
    output->private_bytes += bytes.length;
}

void output_add_message(struct output *output, struct message *message, const struct span *pieces, int count)
{
    size_t length = 0;

    if (count == 0 || pieces[count - 1].length < LEAST_REFERENCE) {
        output_add_pieces(output, pieces, count);
        return;
    }
    for (int i = 0; i < count; i++)
        length += pieces[i].length;
    output_add_pieces(output, pieces, count - 1);
    add_reference(output, message, pieces[count - 1]);
    if (length > output->largest)
        output->largest = length;
}

void output_add_items(struct output *output, struct message *items, size_t longest)
{
    add_reference(output, items, message_wire(items));
    if (longest > output->largest)
        output->largest = longest;
}

void output_add(struct output *output, const char *bytes, size_t length)
{
    if (length > 0)
        output_add_at(output, output_position(output), bytes, length, 0);
}
