// core/session/delivery/output.c: see output.h.
#include "session/delivery/output_piece.h"

#include "base/memory.h"
#include "session/delivery/feed_past.h"

#include <stdlib.h>
#include <string.h>

#define PIECES 48

void output_fini(struct output *output)
{
    while (output->first != NULL) {
        struct output_piece *gone = output->first;
        output->first = gone->next;
        output_piece_free(gone);
    }
    output->last = NULL;
    output->private_bytes = output->frame_bytes = 0;
    feed_leave(&output->cursor);
}

void output_frame(struct output *output, struct span before, struct span after, size_t length)
{
    uint64_t end = output_position(output);
    char *first = output_append(
        output, &(struct output_piece){.kind = PIECE_BEFORE, .position = end - length, .capacity = before.length},
        before.length);
    char *second = output_append(
        output, &(struct output_piece){.kind = PIECE_AFTER, .position = end, .capacity = after.length}, after.length);

    if (before.length > 0)
        memcpy(first, before.bytes, before.length);
    if (after.length > 0)
        memcpy(second, after.bytes, after.length);
    output->frame_bytes += before.length + after.length;
}

void output_replace(struct output *output, const char *bytes, size_t length, size_t replaced)
{
    output_add_at(output, output_position(output) - replaced, bytes, length, replaced);
}

/** Moves the unread bytes of the feed up to `limit` to the end of the private bytes of `into`. */
static void take_feed(struct output *output, struct output *into, uint64_t limit)
{
    struct iovec pieces[PIECES];
    int count;

    while (output->cursor.position < limit && (count = feed_peek(&output->cursor, limit, pieces, PIECES)) > 0) {
        size_t taken = 0;
        for (int i = 0; i < count; i++) {
            output_add_at(into, 0, pieces[i].iov_base, pieces[i].iov_len, 0);
            taken += pieces[i].iov_len;
        }
        feed_advance(&output->cursor, taken);
    }
}

/** Turns all unread bytes, the feed's and the private ones, into private bytes in the same order. The cursor is then at
 *  the feed's end. */
static void make_private(struct output *output)
{
    struct output all = {0};

    for (struct output_piece *piece = output->first, *next; piece != NULL; piece = next) {
        next = piece->next;
        take_feed(output, &all, piece->position);
        output_add_at(&all, 0, piece->bytes + piece->written, piece->length - piece->written, 0);
        if (piece->skip > 0)
            feed_advance(&output->cursor, piece->skip);
        output_piece_free(piece);
    }
    if (output->cursor.feed != NULL)
        take_feed(output, &all, output->cursor.feed->end);
    output->first = all.first;
    output->last = all.last;
    output->private_bytes = all.private_bytes;
    output->frame_bytes = 0;
    output->in_frame = false;
}

static void due_now(struct output *output)
{
    for (struct output_piece *piece = output->first; piece != NULL; piece = piece->next)
        piece->position = output->cursor.position;
}

void output_go_back(struct output *output, struct feed *feed, uint64_t number)
{
    make_private(output);
    feed_leave(&output->cursor);
    if (!feed_past_enter(feed, &output->cursor, number))
        feed_enter(feed, &output->cursor);
    output->granted = feed->end;
    due_now(output);
}

void output_change_feed(struct output *output, struct feed *feed)
{
    if (output->cursor.feed == feed)
        return;
    make_private(output);
    feed_leave(&output->cursor);
    output->granted = 0;
    if (feed != NULL)
        feed_enter(feed, &output->cursor);
    due_now(output);
}

/** Collects what is to be written next, in the order in which output_consume() accounts for it. */
static int output_collect(const struct output *output, struct iovec *pieces)
{
    struct feed_cursor cursor = output->cursor; // a copy, as the output itself advances in output_consume()
    const struct output_piece *piece = output->first;
    int count = 0;

    while (count < PIECES) {
        if (piece != NULL && piece->position <= cursor.position) {
            if (piece->length > piece->written)
                pieces[count++] =
                    (struct iovec){memory_writable(piece->bytes + piece->written), piece->length - piece->written};
            cursor.position += piece->skip;
            piece = piece->next;
            continue;
        }
        if (cursor.feed == NULL)
            break;
        int more =
            feed_peek(&cursor, piece == NULL ? cursor.feed->end : piece->position, pieces + count, PIECES - count);
        if (more == 0)
            break;
        for (int i = count; i < count + more; i++)
            cursor.position += pieces[i].iov_len;
        count += more;
    }
    return count;
}

static void drop_first(struct output *output)
{
    struct output_piece *gone = output->first;

    if (gone->skip > 0)
        feed_advance(&output->cursor, gone->skip);
    if (gone->kind != PIECE_ANSWER)
        output->in_frame = gone->kind == PIECE_BEFORE && gone->length > 0;
    output->first = gone->next;
    if (output->first == NULL)
        output->last = NULL;
    output_piece_free(gone);
}

/** Is the first piece due and completely written? */
static bool is_first_over(const struct output *output)
{
    const struct output_piece *piece = output->first;

    return piece != NULL && piece->position <= output->cursor.position && piece->written == piece->length;
}

/** Accounts for `written` bytes in the order of output_collect(). */
static void output_consume(struct output *output, size_t written)
{
    while (written > 0 || is_first_over(output)) {
        struct output_piece *piece = output->first;
        if (piece != NULL && piece->position <= output->cursor.position) {
            size_t part = piece->length - piece->written;
            if (part > written)
                part = written;
            piece->written += part;
            *(piece->kind == PIECE_ANSWER ? &output->private_bytes : &output->frame_bytes) -= part;
            written -= part;
            if (piece->written < piece->length)
                return;
            drop_first(output);
            continue;
        }
        uint64_t limit = piece == NULL ? output->cursor.feed->end : piece->position;
        uint64_t part = limit - output->cursor.position;
        if (part > written)
            part = written;
        feed_advance(&output->cursor, part);
        written -= part;
    }
}

enum output_result output_flush(struct output *output, struct transport *transport)
{
    struct iovec pieces[PIECES];

    for (;;) {
        size_t wanted = 0;
        int count = output_collect(output, pieces);
        if (count == 0) {
            output_consume(output, 0); // pieces without bytes
            output->largest = 0;
            return transport_is_pending(transport) ? OUTPUT_WAITING : OUTPUT_DRAINED;
        }
        for (int i = 0; i < count; i++)
            wanted += pieces[i].iov_len;
        ssize_t written = transport_write(transport, pieces, count);
        if (written == TRANSPORT_END)
            return OUTPUT_FAILED;
        if (written == TRANSPORT_AGAIN)
            return OUTPUT_WAITING;
        output_consume(output, (size_t)written);
        if ((size_t)written < wanted)
            return OUTPUT_WAITING;
    }
}

bool output_is_empty(const struct output *output)
{
    struct iovec piece[PIECES];

    return output_collect(output, piece) == 0;
}

void output_take(struct output *output, void (*write)(void *context, const char *bytes, size_t length), void *context)
{
    struct iovec pieces[PIECES];
    int count;

    while ((count = output_collect(output, pieces)) > 0) {
        size_t taken = 0;
        for (int i = 0; i < count; i++) {
            write(context, pieces[i].iov_base, pieces[i].iov_len);
            taken += pieces[i].iov_len;
        }
        output_consume(output, taken);
    }
    output_consume(output, 0); // pieces without bytes
    output->largest = 0;
}

uint64_t output_backlog(const struct output *output)
{
    uint64_t from = output->cursor.position > output->granted ? output->cursor.position : output->granted;
    uint64_t unread = output->cursor.feed == NULL ? 0 : output->cursor.feed->end - from;
    size_t allowance = output->largest < output->private_bytes ? output->largest : output->private_bytes;

    return unread + output->private_bytes + output->frame_bytes - allowance;
}

/** Is a message with a frame partly written? */
static bool has_begun_frame(const struct output *output)
{
    const struct output_piece *first = output->first;

    if (first == NULL || first->kind == PIECE_ANSWER)
        return false;
    if (first->kind == PIECE_BEFORE)
        return first->written > 0;
    return output->in_frame || feed_rest_of_message(&output->cursor) > 0 || output->cursor.position >= first->position;
}

/** Moves the rest of a partly written message, with its frame, to the private bytes of `kept`. */
static void keep_begun(struct output *output, struct output *kept)
{
    bool whole = !has_begun_frame(output);

    if (whole)
        take_feed(output, kept, output->cursor.position + feed_rest_of_message(&output->cursor));
    while (!whole && output->first != NULL) {
        struct output_piece *piece = output->first;
        take_feed(output, kept, piece->position);
        output_add_at(kept, 0, piece->bytes + piece->written, piece->length - piece->written, 0);
        whole = piece->kind == PIECE_AFTER;
        output->first = piece->next;
        output_piece_free(piece);
    }
    output->in_frame = false;
}

uint64_t output_skip(struct output *output)
{
    struct output kept = {0};
    uint64_t dropped;

    if (output->cursor.feed == NULL)
        return 0;
    keep_begun(output, &kept);
    dropped = feed_unread_messages(&output->cursor);
    for (struct output_piece *piece = output->first, *next; piece != NULL; piece = next) {
        next = piece->next;
        if (piece->kind == PIECE_ANSWER) // frames are dropped with their messages
            output_add_at(&kept, 0, piece->bytes + piece->written, piece->length - piece->written, 0);
        dropped -= piece->skip > 0; // the session's own copy of that message stays
        output_piece_free(piece);
    }
    feed_advance(&output->cursor, output->cursor.feed->end - output->cursor.position);
    output->first = kept.first;
    output->last = kept.last;
    output->private_bytes = kept.private_bytes;
    output->frame_bytes = 0;
    due_now(output);
    return dropped;
}
