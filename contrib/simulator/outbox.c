// outbox.c: the way of messages to one client, and the faults on it.
#include "outbox.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/time.h>

#include "text.h"

static bool is_paced(const struct outbox *box)
{
    return box->faults.cut_ms >= 0 || box->faults.split_bytes > 0 || box->piece_count > 0;
}

static void outbox_write_piece(struct outbox *box)
{
    if (box->stalled || box->piece_count == 0)
        return;
    size_t length = box->pieces[box->first_piece++];
    if (--box->piece_count == 0)
        box->first_piece = 0;
    evbuffer_remove_buffer(box->held, bufferevent_get_output(box->stream), length);
}

static void on_pace(evutil_socket_t fd, short what, void *data)
{
    (void)fd;
    (void)what;
    outbox_write_piece(data);
}

static void on_awake(evutil_socket_t fd, short what, void *data)
{
    struct outbox *box = data;
    (void)fd;
    (void)what;
    box->stalled = false;
    bufferevent_enable(box->stream, EV_READ);
    if (is_paced(box))
        outbox_write_piece(box);
    else
        evbuffer_add_buffer(bufferevent_get_output(box->stream), box->held);
    bufferevent_trigger(box->stream, EV_READ, BEV_TRIG_IGNORE_WATERMARKS); // what had been read before the stall
}

void outbox_init(struct outbox *box, struct bufferevent *stream, struct event_base *base, const struct faults *faults)
{
    *box = (struct outbox){.stream = stream, .faults = *faults};
    box->held = evbuffer_new();
    box->pace = event_new(base, -1, 0, on_pace, box);
    box->awake = event_new(base, -1, 0, on_awake, box);
    if (box->held == NULL || box->pace == NULL || box->awake == NULL)
        abort();
}

void outbox_fini(struct outbox *box)
{
    event_free(box->pace);
    event_free(box->awake);
    evbuffer_free(box->held);
    free(box->pieces);
}

bool outbox_is_plain(const struct outbox *box)
{
    return box->faults.drop_after < 0 && box->faults.stall_after < 0 && !is_paced(box) && !box->stalled &&
           !box->dropped;
}

void outbox_bulk(struct outbox *box, const char *bytes, size_t length)
{
    evbuffer_add(bufferevent_get_output(box->stream), bytes, length);
}

static void outbox_add_piece(struct outbox *box, size_t length)
{
    size_t at = box->first_piece + box->piece_count;
    if (length == 0)
        return;
    if (at == box->piece_capacity) {
        box->piece_capacity = box->piece_capacity == 0 ? 64 : box->piece_capacity * 2;
        box->pieces = must_realloc(box->pieces, box->piece_capacity * sizeof *box->pieces);
    }
    box->pieces[at] = length;
    box->piece_count++;
}

static void outbox_add_pieces(struct outbox *box, size_t length)
{
    size_t limit = box->faults.split_bytes > 0 ? (size_t)box->faults.split_bytes : length;
    bool cut = box->faults.cut_ms >= 0;
    size_t halves[2] = {cut ? length / 2 : length, cut ? length - length / 2 : 0};
    for (int i = 0; i < 2; i++)
        for (size_t left = halves[i]; left > 0; left -= left < limit ? left : limit)
            outbox_add_piece(box, left < limit ? left : limit);
}

static void outbox_put(struct outbox *box, const char *bytes, size_t length)
{
    struct evbuffer *output = bufferevent_get_output(box->stream);
    if (is_paced(box)) {
        bool idle = box->piece_count == 0 && evbuffer_get_length(output) == 0;
        evbuffer_add(box->held, bytes, length);
        outbox_add_pieces(box, length);
        if (idle)
            outbox_write_piece(box);
        return;
    }
    evbuffer_add(box->stalled ? box->held : output, bytes, length);
}

void outbox_message(struct outbox *box, const char *bytes, size_t length)
{
    struct faults *faults = &box->faults;
    if (box->dropped)
        return;
    if (faults->stall_after == 0 && !box->stalled) {
        faults->stall_after = -1;
        outbox_stall(box, -1);
    }
    outbox_put(box, bytes, length);
    if (faults->stall_after > 0 && --faults->stall_after == 0) {
        faults->stall_after = -1;
        outbox_stall(box, -1);
    }
    if (faults->drop_after > 0)
        faults->drop_after--;
    if (faults->drop_after == 0)
        box->dropped = true;
}

void outbox_stall(struct outbox *box, int64_t ms)
{
    box->stalled = true;
    bufferevent_disable(box->stream, EV_READ);
    if (ms >= 0) {
        struct timeval wait = {ms / 1000, ms % 1000 * 1000};
        event_add(box->awake, &wait);
    }
}

void outbox_on_drained(struct outbox *box)
{
    if (box->piece_count == 0)
        return;
    int64_t ms = box->faults.cut_ms > 0 ? box->faults.cut_ms : 0;
    struct timeval wait = {ms / 1000, ms % 1000 * 1000};
    if (ms == 0)
        outbox_write_piece(box);
    else if (!evtimer_pending(box->pace, NULL))
        event_add(box->pace, &wait);
}

size_t outbox_pending(const struct outbox *box)
{
    return evbuffer_get_length(bufferevent_get_output(box->stream)) + evbuffer_get_length(box->held);
}
