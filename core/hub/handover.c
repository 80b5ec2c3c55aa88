// core/hub/handover.c: see handover.h.
#include "hub/handover.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "hub/inside.h"
#include "letters/letters.h"
#include "session/delivery/kept.h"
#include "session/delivery/past_file.h"

#include <event2/event.h>
#include <stdlib.h>

#define FENCE_LIMIT_S 4   // for the servers to answer a Ping: the other process waits 8 s for the feeds
#define SUBTRACT_MS 10000 // for what the earlier process has heard, and this one not yet

/** Is it an event that every client of the server hears? Others are about this connection. */
static bool is_common(const struct message *message)
{
    return message->from_server && !span_is(message_name(message), "FullyBooted");
}

static void send_step(const struct hub *hub, enum handover_step step, struct past *past)
{
    for (uint32_t i = 0; i < hub->worker_count; i++) {
        struct handover *letter = memory_zero(1, sizeof *letter);
        letter->letter.kind = WORKER_HANDOVER;
        letter->step = step;
        letter->file = hub->handover.file;
        letter->past = past == NULL ? NULL : past_ref(past);
        worker_send(hub->outboxes[i].worker, &letter->letter);
    }
}

// --- the earlier process ----------------------------------------------------------------------------------------

void hub_begin_giving(struct hub *hub)
{
    if (hub->handover.state == HANDOVER_NONE)
        hub->handover.state = HANDOVER_HEARS;
}

static void close_file(struct hub_handover *handover)
{
    if (handover->file == NULL)
        return;
    past_file_fini(handover->file);
    free(handover->file);
    handover->file = NULL;
}

/** The workers write their feeds. */
static void give_feeds(struct hub *hub)
{
    struct hub_handover *handover = &hub->handover;
    struct error err;

    handover->file = memory_zero(1, sizeof *handover->file);
    if (!past_file_init(handover->file, &err)) {
        close_file(handover);
        hub->owner.past_given(hub->owner.context, -1, err.text);
        return;
    }
    hub_send_batches(hub); // all that was heard is in the feeds
    handover->state = HANDOVER_GIVES;
    handover->asked = hub->worker_count;
    send_step(hub, HANDOVER_GIVE, NULL);
}

/** Nobody waits for the answers of the servers any more. */
static void end_fence(struct hub_handover *handover)
{
    if (handover->fence != NULL)
        ask_withdraw(handover->fence);
    ask_unref(handover->fence);
    handover->fence = NULL;
    if (handover->limit != NULL)
        event_free(handover->limit);
    handover->limit = NULL;
}

static void on_fence_limit(evutil_socket_t fd, short what, void *argument)
{
    struct hub *hub = argument;
    (void)fd;
    (void)what;

    end_fence(&hub->handover);
    hub->owner.past_given(hub->owner.context, -1, "a server did not answer a Ping in time");
}

void hub_on_fence(struct hub *hub, const struct answer_part *part, const struct ask *ask)
{
    struct hub_handover *handover = &hub->handover;

    if (ask != handover->fence || !part->final)
        return;
    end_fence(handover);
    if (handover->heard.overflowed)
        hub->owner.past_given(hub->owner.context, -1, "more was heard meanwhile than can be compared");
    else
        give_feeds(hub);
}

/** Sends a Ping to each server that is up. The last answer shows that everything was read that the servers had sent, or
 *  had waiting, when the other process heard them already. A lane that is lost has been read to its end. */
static void begin_fence(struct hub *hub)
{
    struct hub_handover *handover = &hub->handover;
    struct timeval limit = {FENCE_LIMIT_S, 0};
    struct message_builder builder;
    struct message *action;
    struct ask *fence;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "Ping");
    action = message_build(&builder);
    fence = ask_create(action, NULL);
    fence->of_handover = fence->all_servers = true;
    fence->worker = UINT32_MAX;
    handover->fence = ask_ref(fence);
    message_unref(action);
    handover->limit = event_new(hub->base, -1, 0, on_fence_limit, hub);
    event_add(handover->limit, &limit);
    servers_ask(hub->servers, fence); // may answer at once, if no server is up
    ask_unref(fence);
}

bool hub_give_past(struct hub *hub, struct error *err)
{
    struct hub_handover *handover = &hub->handover;

    if (handover->state != HANDOVER_HEARS || handover->file != NULL || handover->fence != NULL)
        return error_set(err, "it is not the time for it");
    begin_fence(hub);
    return true;
}

static void write_heard(struct past_file *file, const struct heard *heard)
{
    struct past_record record = {
        .kind = PAST_HEARD, .count = (uint32_t)heard->count, .length = heard->count * sizeof(struct past_heard)};
    uint64_t offset = past_file_add(file, &record);

    for (size_t i = 0; i < heard->count; i++) {
        struct past_heard one = {heard->messages[i].text, heard->messages[i].note};
        past_file_write(file, &offset, &(struct iovec){&one, sizeof one}, 1);
    }
}

void hub_on_given(struct hub *hub)
{
    struct hub_handover *handover = &hub->handover;
    struct error err;

    if (--handover->asked > 0)
        return;
    if (handover->state == HANDOVER_GIVES) { // else it was taken back meanwhile
        write_heard(handover->file, &handover->heard);
        bool finished =
            past_file_finish(handover->file, kept_epoch(hub->shared.kept), kept_id_workers(hub->shared.kept), &err);
        hub->owner.past_given(hub->owner.context, finished ? handover->file->fd : -1, finished ? NULL : err.text);
    }
    close_file(handover);
}

void hub_take_back(struct hub *hub)
{
    struct hub_handover *handover = &hub->handover;

    if (handover->state == HANDOVER_GIVES) {
        hub_send_batches(hub); // held, as what came before
        send_step(hub, HANDOVER_TAKE_BACK, NULL);
    }
    hub_leave_past(hub);
}

void hub_leave_past(struct hub *hub)
{
    struct hub_handover *handover = &hub->handover;

    end_fence(handover);
    if (handover->state != HANDOVER_HEARS && handover->state != HANDOVER_GIVES)
        return;
    heard_clear(&handover->heard);
    handover->state = HANDOVER_NONE;
}

// --- the later process ------------------------------------------------------------------------------------------

void hub_hold(struct hub *hub)
{
    hub->handover.state = HANDOVER_HOLDS;
    hub->handover.began_ms = clock_ms();
}

bool hub_knows_channels(const struct hub *hub)
{
    return hub->channel_lists == 0;
}

/** Reads what the earlier process has heard since this one began. What it heard before cannot come here any more. */
static void read_heard(const struct past *past, uint64_t since_ms, struct heard *heard)
{
    struct past_reader reader = past_begin(past), inside;
    struct past_record record;
    struct past_heard one;

    while (past_next(&reader, &record, &inside)) {
        while (record.kind == PAST_HEARD && past_take(&inside, &one, sizeof one)) {
            if (one.ms >= since_ms)
                heard_add(heard, &one.text, 0);
        }
    }
    heard_sort(heard);
}

/** Marks the entries of a batch that the earlier process has passed on. @param own  what was held, by serial number */
static void mark_batch(struct batch *batch, const struct heard *own)
{
    size_t at = 0;

    for (uint32_t i = 0; batch != NULL && i < batch->count; i++) {
        struct entry *entry = &batch->entries[i];
        while (at < own->count && own->messages[at].note < entry->serial)
            at++;
        if (entry->kind == ENTRY_CHANNEL) // what it reveals was heard by both
            entry->passed_on = true;
        else if (at < own->count && own->messages[at].note == entry->serial)
            entry->passed_on = entry->passed_on || own->messages[at].taken > 0;
    }
}

static void hub_subtract(struct hub *hub, const struct past *past)
{
    struct heard *own = &hub->handover.heard, *earlier = &hub->handover.earlier;

    read_heard(past, hub->handover.began_ms, earlier);
    for (size_t i = 0; i < own->count; i++)
        own->messages[i].taken = heard_take(earlier, &own->messages[i].text);
    for (uint32_t i = 0; i < hub->worker_count; i++)
        mark_batch(hub->outboxes[i].batch, own);
    log_debug(NULL, "heard by both processes messages=%zu of=%zu to_come=%zu", own->count, earlier->count,
              earlier->left);
    heard_clear(own);
}

bool hub_take_past(struct hub *hub, int fd, struct error *err)
{
    struct past *past;

    if (hub->handover.state != HANDOVER_HOLDS)
        return error_set(err, "too much came meanwhile");
    past = past_open(fd, err);
    if (past == NULL)
        return false;
    kept_succeed(hub->shared.kept, past_head(past)->epoch, past_head(past)->workers);
    hub_subtract(hub, past);
    send_step(hub, HANDOVER_TAKE, past);
    past_unref(past);
    hub->handover.state = HANDOVER_NONE;
    hub->handover.until_ms = clock_ms() + SUBTRACT_MS;
    hub_send_batches(hub);
    return true;
}

void hub_release(struct hub *hub)
{
    if (hub->handover.state != HANDOVER_HOLDS)
        return;
    heard_clear(&hub->handover.heard);
    hub->handover.state = HANDOVER_NONE;
    hub_send_batches(hub);
}

// --- both -------------------------------------------------------------------------------------------------------

/** Holds what comes as long as it is less than what may be kept. @return it is about this connection alone, so that
 *  clients that came from the earlier process need not hear of it */
static bool hub_hold_event(struct hub *hub, const struct message *message, uint64_t serial)
{
    struct hub_handover *handover = &hub->handover;
    struct fingerprint text;

    handover->held_bytes += message->byte_count;
    if (handover->held_bytes > hub->config->resume.memory || handover->heard.overflowed) {
        hub_release(hub);
        return false;
    }
    if (!is_common(message))
        return true;
    text = fingerprint_of_message(message);
    heard_add(&handover->heard, &text, serial);
    return false;
}

/** Takes the event out of what the earlier process has heard, and this one not yet. */
static bool take_earlier(struct hub_handover *handover, const struct fingerprint *text)
{
    if (handover->earlier.left > 0 && clock_ms() <= handover->until_ms)
        return heard_take(&handover->earlier, text);
    heard_clear(&handover->earlier);
    return false;
}

bool hub_note_heard(struct hub *hub, const struct message *message, uint64_t serial)
{
    struct hub_handover *handover = &hub->handover;
    struct fingerprint text;

    if (handover->state == HANDOVER_NONE && handover->earlier.count == 0)
        return false;
    if (handover->state == HANDOVER_HOLDS)
        return hub_hold_event(hub, message, serial);
    if (handover->state == HANDOVER_GIVES && kept_held_bytes(hub->shared.kept) > hub->config->resume.memory)
        hub->owner.give_up(hub->owner.context, "more came meanwhile than resume.memory");
    if ((handover->state != HANDOVER_HEARS && handover->earlier.count == 0) || !is_common(message))
        return false;
    text = fingerprint_of_message(message);
    if (handover->state == HANDOVER_HEARS)
        heard_add(&handover->heard, &text, clock_ms());
    return handover->earlier.count > 0 && take_earlier(handover, &text);
}

void hub_end_handover(struct hub *hub)
{
    end_fence(&hub->handover);
    close_file(&hub->handover);
    heard_clear(&hub->handover.heard);
    heard_clear(&hub->handover.earlier);
}
