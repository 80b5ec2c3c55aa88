// core/hub/cluster_stream.c: the numbered events of a server that another node owns: each one once, in their order.
// What is missing is fetched from the owner; what cannot be had any more is told to the clients.
#include "hub/cluster_inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "server/role.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdlib.h>

#define GAP_MS 1500                  // longest wait for missing events
#define SHADOW_MS 500                // until then the own lane may have had the event before the stream was followed
#define HELD_BYTES ((size_t)8 << 20) // most that is held meanwhile

static uint64_t boot_of(const struct bus_letter *letter)
{
    return cluster_number(letter->head, "Boot", 16);
}

static uint64_t epoch_of(const struct bus_letter *letter)
{
    return cluster_number(letter->head, "Epoch", 10);
}

/** Is it of the stream that will be followed? */
static bool is_next(const struct stream *stream, const struct bus_letter *letter)
{
    return stream->then_boot != 0 && boot_of(letter) == stream->then_boot && epoch_of(letter) == stream->then_epoch;
}

// --- events ---------------------------------------------------------------------------------------------------------

/** Gives an event (taken) to clients, or holds it while they get the own lane's. */
static void give_event(struct shared_server *shared, struct message *message)
{
    const struct stream *stream = &shared->stream;

    if (stream->shadow_ms == 0)
        remote_take_event(shared->server, message);
    else
        remote_hold_event(shared->server, message, clock_ms() - stream->shadow_ms >= SHADOW_MS);
}

/** Handles a part of a long event, which is given when it is whole. */
static void give_part(struct shared_server *shared, const struct bus_letter *letter, uint64_t number)
{
    struct stream *stream = &shared->stream;
    struct message *message;
    struct span whole;

    if (number != stream->next || !parts_add(&stream->parts, letter, &whole))
        return;
    message = reread_message(shared->cluster->reread, whole, true);
    parts_clear(&stream->parts);
    stream->next++;
    if (message != NULL)
        give_event(shared, message);
}

/** Notes up to which number events have come. The own lane may still have those that were given up, and other nodes may
 *  have had them: for a while the number stays before the first of these, so that an owner to be goes on from there. */
static void note_followed(struct shared_server *shared)
{
    struct stream *stream = &shared->stream;

    if (stream->gave_up_ms != 0 && clock_ms() - stream->gave_up_ms < OFFER_MS)
        return;
    stream->gave_up_ms = 0;
    ownership_followed(shared->owned, stream->next - 1);
}

/** Gives the events of a body from number `stream->next` on. @param first  number of the first one */
static void give_events(struct shared_server *shared, const struct bus_letter *letter, uint64_t first)
{
    struct stream *stream = &shared->stream;
    struct parcel parcel = parcel_of(letter);
    struct message *message;
    struct span wire;

    if (parts_has(letter))
        give_part(shared, letter, first);
    for (uint64_t number = first; parcel_next(&parcel, &wire); number++) {
        if (number != stream->next)
            continue; // it was here before
        message = reread_message(shared->cluster->reread, wire, true);
        stream->next++;
        if (message != NULL)
            give_event(shared, message);
    }
    note_followed(shared);
    if (letter->head != NULL && cluster_number(letter->head, "Release", 10) == 1)
        duty_take_release(shared, boot_of(letter), first - 1);
}

/** Asks the owner for the events from `next` to `last`. */
static void ask_for_gap(struct shared_server *shared, uint64_t last, uint64_t now)
{
    struct stream *stream = &shared->stream;
    struct message_builder head;
    char reply[SUBJECT_BYTES];

    if (!stream->catches_up) { // else nothing went wrong
        metric_add(&shared->cluster->counts->gaps, 1);
        shared->counts.gaps++;
    }
    stream->gap_since_ms = now;
    stream->gap_until_ms = now + GAP_MS;
    stream->gap_last = last;
    await_begin(shared, AWAIT_GAP, reply);
    log_debug(&shared->server->log, "events missing first=%" PRIu64 " last=%" PRIu64, stream->next, last);
    cluster_begin_head(shared->cluster, &head);
    message_addf(&head, "Epoch", "%" PRIu64, stream->epoch);
    message_addf(&head, "First", "%" PRIu64, stream->next);
    message_addf(&head, "Last", "%" PRIu64, last);
    cluster_publish(shared, SUBJECT_GAP, reply, BUS_IMPORTANT, &head, NULL);
}

/** What was missing is there, or given up: gives what was held, up to the next gap. */
static void give_held(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;
    struct bus_letter *letter;

    stream->gap_until_ms = 0;
    stream->catches_up = false;
    await_end(shared, AWAIT_GAP);
    while ((letter = held_take(stream)) != NULL) {
        uint64_t first = cluster_number(letter->head, "First", 10);
        if (first > stream->next) {
            held_put_back(stream, letter);
            ask_for_gap(shared, first - 1, now);
            return;
        }
        give_events(shared, letter, first);
        bus_letter_destroy(shared->cluster->bus, letter);
    }
}

/** The next event has this number, also in the ring of the latest ones (struct role), unless that has the own lane's.
 */
static void number_from(struct shared_server *shared, uint64_t next)
{
    struct offer *offer = &shared->server->role->offer;

    shared->stream.next = next;
    note_followed(shared);
    if (role_is_own(shared->server))
        return;
    offer_clear(offer);
    offer->last = next - 1;
}

/** Tells clients that events are lost, and goes on after them. @param until  number of the next event */
static void skip_to(struct shared_server *shared, uint64_t until)
{
    struct stream *stream = &shared->stream;

    if (until <= stream->next)
        return;
    log_warn(&shared->server->log, "events lost on the bus count=%" PRIu64, until - stream->next);
    server_tell_skipped(shared->server, until - stream->next);
    metric_add(&shared->cluster->counts->lost, until - stream->next);
    shared->counts.lost += until - stream->next;
    stream->gave_up_ms = clock_ms();
    number_from(shared, until);
}

/** The missing events are not waited for any longer. */
static void give_up(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;
    uint64_t until = doubt_gap_end(shared);

    if (until <= stream->gap_last)
        held_drop_opener(shared);
    skip_to(shared, until);
    give_held(shared, now);
}

// --- which stream ---------------------------------------------------------------------------------------------------

void stream_init(struct shared_server *shared)
{
    shared->stream = (struct stream){0};
    shared->stream.held_end = &shared->stream.held;
}

void stream_end(struct shared_server *shared)
{
    held_clear(shared);
    parts_clear(&shared->stream.parts);
    await_end(shared, AWAIT_STATE);
    await_end(shared, AWAIT_GAP);
    stream_init(shared);
}

void stream_follow(struct shared_server *shared, uint64_t boot, uint64_t epoch)
{
    stream_end(shared);
    shared->stream.boot = boot;
    shared->stream.epoch = epoch;
    state_ask(shared, clock_ms());
}

void stream_start(struct shared_server *shared, uint64_t boot, uint64_t epoch)
{
    stream_follow(shared, boot, epoch);
    shared->stream.known = true;
    number_from(shared, 1);
}

void stream_begin(struct shared_server *shared, uint64_t sequence)
{
    struct stream *stream = &shared->stream;

    await_end(shared, AWAIT_STATE);
    if (stream->known) {
        if (stream->catches_up)
            stream_expect(shared, sequence, clock_ms()); // else its events come in order with its states
        stream->catches_up = stream->catches_up && stream->gap_until_ms != 0;
        return;
    }
    stream->known = true;
    if (stream->agreed != 0) { // it was followed before, and its numbers were wrong
        number_from(shared, stream->agreed + 1);
        skip_to(shared, sequence + 1);
    }
    number_from(shared, sequence + 1);
}

/** The followed stream has come to its end, where the next one begins: that one is followed. */
static void switch_over(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;

    role_leave_out(shared->server, stream->then_after);
    stream->boot = stream->then_boot;
    stream->epoch = stream->then_epoch;
    stream->then_boot = 0;
    stream->asked_ms = stream->gave_up_ms = 0;
    stream->told = stream->told_ms = stream->agreed = stream->denials = 0;
    number_from(shared, 1);
    state_ask(shared, now); // its name and address
    give_held(shared, now);
}

void stream_continue(struct shared_server *shared, uint64_t boot, uint64_t epoch, uint64_t after)
{
    struct stream *stream = &shared->stream;
    uint64_t now = clock_ms();

    if (stream->then_boot == boot && stream->then_epoch == epoch)
        return;
    stream->then_boot = boot;
    stream->then_epoch = epoch;
    stream->then_after = after;
    stream->then_until_ms = now + GAP_MS;
    if (stream->next > after || !shared->hears)
        switch_over(shared, now);
    else
        stream_expect(shared, after, now);
}

/** Has the followed stream come to its end? */
static void stream_look(struct shared_server *shared, uint64_t now)
{
    const struct stream *stream = &shared->stream;

    if (stream->then_boot != 0 && stream->next > stream->then_after)
        switch_over(shared, now);
}

// --- what comes -----------------------------------------------------------------------------------------------------

bool stream_take(struct shared_server *shared, struct bus_letter *letter)
{
    struct stream *stream = &shared->stream;
    uint64_t first = cluster_number(letter->head, "First", 10), now;

    if (first == 0 || !shared->hears || (!held_is_followed(stream, letter) && !is_next(stream, letter)))
        return false;
    if (first <= stream->next && held_is_followed(stream, letter)) {
        give_events(shared, letter, first);
        if (stream->gap_until_ms != 0 && stream->next > stream->gap_last)
            give_held(shared, clock_ms()); // what was missing was only late
        if (stream->then_boot != 0)
            stream_look(shared, clock_ms());
        return false;
    }
    now = clock_ms();
    if (stream->held_bytes + letter->body.length > HELD_BYTES) // the owner does not answer
        give_up(shared, now);
    held_add(stream, letter);
    if (stream->gap_until_ms == 0 && held_is_followed(stream, letter))
        ask_for_gap(shared, first - 1, now);
    return true;
}

void stream_take_gap(struct shared_server *shared, const struct bus_letter *letter)
{
    struct stream *stream = &shared->stream;
    uint64_t first = cluster_number(letter->head, "First", 10), now = clock_ms();

    if (epoch_of(letter) != stream->epoch || first > stream->gap_last + 1)
        return; // not what was asked for
    if (first > stream->next)
        skip_to(shared, first); // the owner does not keep these any more
    uint64_t before = stream->next;
    if (first > 0)
        give_events(shared, letter, first);
    if (!stream->catches_up) {
        metric_add(&shared->cluster->counts->repaired, stream->next - before);
        shared->counts.repaired += stream->next - before;
    }
    if (cluster_number(letter->head, "Done", 10) != 1)
        return;
    skip_to(shared, stream->gap_last + 1); // nothing, if all came
    give_held(shared, now);
    stream_look(shared, now);
}

void stream_expect(struct shared_server *shared, uint64_t sequence, uint64_t now)
{
    struct stream *stream = &shared->stream;

    if (!stream->known || stream->gap_until_ms != 0 || sequence < stream->next)
        return;
    if (shared->hears)
        ask_for_gap(shared, sequence, now);
    else
        number_from(shared, sequence + 1);
}

bool stream_is_calm(const struct stream *stream)
{
    return stream->known && !stream->catches_up && stream->gap_until_ms == 0 && stream->then_boot == 0 &&
           stream->shadow_ms == 0;
}

void stream_catch_up(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;

    if (!stream->known)
        return; // its state is asked for already
    stream->catches_up = true;
    stream->asked_ms = 0;
    state_ask(shared, now);
}

void stream_tick(struct shared_server *shared, uint64_t now)
{
    struct stream *stream = &shared->stream;

    if (stream->boot != 0 && (!stream->known || shared->awaited[AWAIT_STATE].number != 0))
        state_ask(shared, now);
    if (stream->gap_until_ms != 0 && now >= stream->gap_until_ms) {
        give_up(shared, now);
        stream_look(shared, now);
    }
    if (stream->then_boot != 0 && now >= stream->then_until_ms) {
        skip_to(shared, stream->then_after + 1);
        switch_over(shared, now);
    }
}
