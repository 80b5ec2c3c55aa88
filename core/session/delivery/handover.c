// core/session/delivery/handover.c: see handover.h: what the earlier process does. handover_take.c: the later one.
#include "session/delivery/handover.h"

#include "ami/event_filter.h"
#include "base/memory.h"
#include "config/same_view.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/exported.h"
#include "session/delivery/feed_chunk.h"
#include "session/delivery/feeds.h"
#include "session/delivery/kept.h"
#include "session/delivery/kept_shared.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/past_file.h"

#include <stdlib.h>

#define PIECE(bytes, length) ((struct iovec){memory_writable(bytes), length})

/** Returns the bytes that the chunks with messages take in the file. @param count  set to their number */
static uint64_t measure_chunks(const struct feed *feed, uint32_t *count)
{
    uint64_t length = 0;

    *count = 0;
    for (const struct feed_chunk *chunk = feed_past_first(feed); chunk != NULL; chunk = chunk->next) {
        if (chunk->end_count == 0)
            continue;
        length += sizeof(struct past_chunk) + chunk->end_count * sizeof *chunk->ends + chunk->used;
        (*count)++;
    }
    return length;
}

static void write_chunks(struct past_file *file, uint64_t offset, const struct feed *feed)
{
    for (const struct feed_chunk *chunk = feed_past_first(feed); chunk != NULL; chunk = chunk->next) {
        struct past_chunk head = {.before = chunk->before,
                                  .begun_ms = chunk->begun_ms,
                                  .last_ms = chunk->last_ms,
                                  .end_count = chunk->end_count,
                                  .used = (uint32_t)chunk->used};
        struct iovec pieces[] = {PIECE(&head, sizeof head), PIECE(chunk->ends, chunk->end_count * sizeof *chunk->ends),
                                 PIECE(chunk->bytes, chunk->used)};
        if (chunk->end_count > 0)
            past_file_write(file, &offset, pieces, 3);
    }
}

/** Joins the texts of filters, each with its NUL. The caller frees it. */
static char *join_filters(const struct event_filters *filters, size_t *length)
{
    char *texts = NULL;

    *length = 0;
    for (size_t i = 0; i < event_filters_count(filters); i++) {
        const char *source = event_filters_source(filters, i);
        size_t size = strlen(source) + 1;
        texts = memory_grow(texts, *length + size);
        memcpy(texts + *length, source, size);
        *length += size;
    }
    return texts;
}

/** Describes what the user of the feed sees. */
static struct fingerprint view_of(const struct sessions *sessions, const struct kept_feed *kept)
{
    const struct user_config *user =
        kept->user == NULL ? NULL : config_find_user(sessions->config, span_of(kept->user));
    char *text = config_view_text(sessions->config, user);
    struct fingerprint view = fingerprint_of(span_of(text));

    free(text);
    return view;
}

static void write_feed(struct sessions *sessions, const struct view_feed *feed, struct past_file *file)
{
    const struct kept_feed *kept = feed->kept;
    const char *user = kept->user == NULL ? "" : kept->user, *format = feed->format->name;
    size_t filters_length;
    char *filters = join_filters(feed->filters, &filters_length);
    struct past_feed head = {.everything = feed->everything,
                             .has_user = kept->user != NULL,
                             .ids = (uint8_t)feed->ids,
                             .worker = kept->worker,
                             .mask = feed->mask,
                             .user_length = (uint32_t)strlen(user),
                             .format_length = (uint32_t)strlen(format),
                             .filters_length = (uint32_t)filters_length,
                             .count = feed->feed.past->count,
                             .floor = feed->feed.past->floor,
                             .left_ms = kept->left_ms,
                             .view = view_of(sessions, kept),
                             .look = encode_look(sessions, feed->format, feed->ids, feed->id_frame)};
    struct past_record record = {.kind = PAST_FEED};
    struct iovec pieces[] = {PIECE(&head, sizeof head), PIECE(user, head.user_length),
                             PIECE(format, head.format_length), PIECE(filters, filters_length)};
    uint64_t offset;

    memcpy(head.tag, kept->tag, sizeof head.tag);
    record.length = sizeof head + head.user_length + head.format_length + head.filters_length +
                    measure_chunks(&feed->feed, &record.count);
    offset = past_file_add(file, &record);
    past_file_write(file, &offset, pieces, 4);
    write_chunks(file, offset, &feed->feed);
    free(filters);
}

void handover_give(struct sessions *sessions, struct past_file *file)
{
    sessions->kept.state = KEPT_HELD;
    for (const struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept != NULL && !feed->kept->changed && feed->frame == NULL)
            write_feed(sessions, feed, file);
    }
    exported_give(sessions, file);
    log_debug(NULL, "kept feeds handed on worker=%u feeds=%u", sessions->worker, sessions->kept.count);
}

void handover_forget(const struct sessions *sessions, struct kept_feed *kept)
{
    while (kept->held != NULL) {
        struct kept_message *gone = kept->held;
        kept->held = gone->next;
        atomic_fetch_sub_explicit(&sessions->kept.shared->held, gone->bytes, memory_order_relaxed);
        message_unref(gone->message);
        free(gone);
    }
    kept->held_end = &kept->held;
}

/** Leaves the feed's last message out of what its asker reads, if that has it already. */
static void leave_out(const struct sessions *sessions, const struct view_feed *feed, const struct kept_message *held,
                      size_t length)
{
    struct session *asker = handle_is_none(held->given_to) ? NULL : sessions_find(sessions, held->given_to);

    if (asker != NULL && asker->view_feed == feed)
        output_replace(&asker->output, "", 0, length);
}

static void append_held(struct sessions *sessions, struct view_feed *feed)
{
    for (const struct kept_message *held = feed->kept->held; held != NULL; held = held->next) {
        struct span bytes = encode_next(sessions, feed, held->message, held->serial);
        if (sessions->encoding_failed)
            feeds_end_readers(feed);
        if (bytes.length > 0) {
            feed_append(&feed->feed, bytes.bytes, bytes.length);
            leave_out(sessions, feed, held, bytes.length);
            feeds_grew(sessions, feed);
            metric_add(feed->events, feed->reader_count);
        }
        encode_forget(sessions);
    }
    handover_forget(sessions, feed->kept);
}

void handover_take_back(struct sessions *sessions)
{
    if (sessions->kept.state != KEPT_HELD)
        return;
    sessions->kept.state = KEPT_LIVE;
    kept_note_time(sessions);
    sessions->delivering = true; // a reader may end: its feed is freed after this
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept != NULL)
            append_held(sessions, feed);
    }
    feeds_end_delivery(sessions);
    kept_trim(sessions);
    exported_take_back(sessions);
}

void handover_leave(struct sessions *sessions)
{
    if (sessions->kept.state != KEPT_HELD)
        return;
    sessions->kept.state = KEPT_LEFT;
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept != NULL)
            handover_forget(sessions, feed->kept);
    }
    exported_leave(sessions);
}

/** A message that several feeds hold one after another is counted once. */
static void hold_message(struct sessions *sessions, struct kept_feed *kept, const struct message *message,
                         uint64_t serial)
{
    struct kept_message *held = memory_new(sizeof *held);
    size_t own = message == sessions->kept.last_held ? 0 : message->byte_count;

    *held = (struct kept_message){.message = message_ref(message), .serial = serial, .bytes = sizeof *held + own};
    *kept->held_end = held;
    kept->held_end = &held->next;
    kept->newest = held;
    sessions->kept.last_held = message;
    atomic_fetch_add_explicit(&sessions->kept.shared->held, held->bytes, memory_order_relaxed);
}

void handover_note_given(const struct session *session, uint64_t serial)
{
    const struct kept_feed *kept = session->view_feed == NULL ? NULL : session->view_feed->kept;

    if (kept != NULL && kept->held != NULL && kept->newest->serial == serial)
        kept->newest->given_to = session->handle;
}

bool handover_withholds(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                        uint64_t serial)
{
    struct kept_feed *kept = feed->kept;

    if (feed->exported != NULL)
        return exported_withholds(sessions, feed->exported);
    if (sessions->kept.state == KEPT_LIVE)
        return kept->inherited && sessions->kept.passed_on;
    if (sessions->kept.state == KEPT_LEFT)
        return true;
    hold_message(sessions, kept, message, serial);
    return true;
}
