// outbox.h: the way of messages to one client, with the faults that are asked for: drop, stall, cut, split.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"

struct bufferevent;
struct evbuffer;
struct event;
struct event_base;

/** A client that lets this many bytes wait is dropped. */
enum { OUTBOX_LIMIT = 100 * 1024 * 1024 };

struct outbox {
    struct bufferevent *stream; // borrowed
    struct faults faults;       // drop_after and stall_after count down
    struct evbuffer *held;      // bytes not handed to the stream yet: paced or stalled
    size_t *pieces;             // lengths of the pieces of `held` that are written one at a time
    size_t first_piece;
    size_t piece_count;
    size_t piece_capacity;
    struct event *pace;  // pause between two pieces
    struct event *awake; // end of a stall
    bool stalled;
    bool dropped; // the last message before a drop was written: close when it is out
};

void outbox_init(struct outbox *box, struct bufferevent *stream, struct event_base *base, const struct faults *faults);
void outbox_fini(struct outbox *box);

/** Writes one whole message, or drops it once the connection is to be dropped. */
void outbox_message(struct outbox *box, const char *bytes, size_t length);

/** Writes many messages at once. Only while outbox_is_plain(). */
void outbox_bulk(struct outbox *box, const char *bytes, size_t length);

/** Has no fault to apply, so that messages need not be counted? */
bool outbox_is_plain(const struct outbox *box);

/** Stops reading and writing. @param ms  how long, < 0: for ever */
void outbox_stall(struct outbox *box, int64_t ms);

/** To be called when the stream has written all it had. */
void outbox_on_drained(struct outbox *box);

/** Bytes that the client has not got yet. */
size_t outbox_pending(const struct outbox *box);
