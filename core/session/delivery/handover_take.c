// core/session/delivery/handover_take.c: see handover.h: what the later process does.
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
#include "session/delivery/past_file.h"

#include <inttypes.h>
#include <stdlib.h>

/** What the record of a feed says. Texts are lent. */
struct inherited {
    struct past_feed feed;
    uint32_t chunks;
    struct past_reader rest; // at the first chunk
    struct span user, format, filters;
};

static struct span take_span(struct past_reader *reader, uint32_t length)
{
    return (struct span){past_bytes(reader, length), length};
}

/** past_open() has checked the lengths. */
static struct inherited read_feed(const struct past_record *record, struct past_reader inside)
{
    struct inherited inherited = {.chunks = record->count};

    (void)past_take(&inside, &inherited.feed, sizeof inherited.feed);
    inherited.user = take_span(&inside, inherited.feed.user_length);
    inherited.format = take_span(&inside, inherited.feed.format_length);
    inherited.filters = take_span(&inside, inherited.feed.filters_length);
    inherited.rest = inside;
    return inherited;
}

/** Finds the user, who must see what they saw. @return false: they do not */
static bool find_user(const struct sessions *sessions, const struct inherited *inherited,
                      const struct user_config **user)
{
    const struct config *config = sessions->config;
    struct fingerprint view;
    char *text;

    *user = inherited->feed.has_user ? config_find_user(config, inherited->user) : NULL;
    if (inherited->feed.has_user && *user == NULL)
        return false;
    text = config_view_text(config, *user);
    view = fingerprint_of(span_of(text));
    free(text);
    return fingerprint_compare(&view, &inherited->feed.view) == 0;
}

static const struct amp_plugin *find_format(const struct sessions *sessions, struct span name)
{
    for (size_t i = 0; i < registry_count(sessions->registry); i++) {
        const struct amp_plugin *plugin = registry_at(sessions->registry, i);
        if (span_equals(span_of(plugin->name), name) && (plugin->capabilities & AMP_CAN_ENCODE) != 0)
            return plugin;
    }
    return NULL;
}

/** The frames that a protocol may give to amp_session_stream_ids(), with a NULL behind the last one; NULL: it does not
 *  say. */
static amp_id_frame *const *frames_of(const struct amp_plugin *plugin)
{
    const struct amp_protocol *protocol = (plugin->capabilities & AMP_IS_PROTOCOL) != 0 ? plugin->protocol : NULL;

    if (protocol == NULL || protocol->size < offsetof(struct amp_protocol, id_frames) + sizeof(amp_id_frame *const *))
        return NULL;
    return protocol->id_frames;
}

static bool looks_so(struct sessions *sessions, const struct amp_plugin *format, const struct inherited *inherited,
                     amp_id_frame *frame)
{
    struct fingerprint look = encode_look(sessions, format, (enum resume_ids)inherited->feed.ids, frame);

    return fingerprint_compare(&look, &inherited->feed.look) == 0;
}

/** Finds the frame with which messages look as they did; NULL may be one. @return false: there is none */
static bool find_frame(struct sessions *sessions, const struct amp_plugin *format, const struct inherited *inherited,
                       amp_id_frame **frame)
{
    *frame = NULL;
    if (inherited->feed.ids == RESUME_HEADER_IDS && looks_so(sessions, format, inherited, NULL))
        return true;
    for (size_t i = 0; i < registry_count(sessions->registry); i++) {
        amp_id_frame *const *frames = frames_of(registry_at(sessions->registry, i));
        for (; frames != NULL && *frames != NULL; frames++) {
            *frame = *frames;
            if (looks_so(sessions, format, inherited, *frames))
                return true;
        }
    }
    return false;
}

/** @param filters  set to one reference, or NULL  @return false: a filter is none */
static bool read_filters(struct span texts, struct event_filters **filters)
{
    *filters = NULL;
    while (texts.length > 0) {
        size_t length = strnlen(texts.bytes, texts.length); // the last one ends with a NUL, too
        enum event_filter_fault fault;
        struct event_filters *more = event_filters_read(*filters, (struct span){texts.bytes, length}, &fault);
        event_filters_unref(*filters);
        *filters = more;
        if (more == NULL)
            return false;
        texts = (struct span){texts.bytes + length + 1, texts.length - length - 1};
    }
    return true;
}

static void restore_chunks(struct feed *feed, const struct inherited *inherited)
{
    struct past_reader reader = inherited->rest;
    struct past_chunk head;

    feed_past_restore(feed, inherited->feed.floor);
    for (uint32_t i = 0; i < inherited->chunks && past_take(&reader, &head, sizeof head); i++) {
        struct feed_chunk chunk = {
            .end_count = head.end_count, .used = head.used, .begun_ms = head.begun_ms, .last_ms = head.last_ms};
        const char *ends = past_bytes(&reader, (uint64_t)head.end_count * sizeof *chunk.ends);
        feed_past_restore_chunk(feed, &chunk, ends, past_bytes(&reader, head.used));
    }
}

/** @return false: nobody can come back to the feed under this configuration */
static bool take_feed(struct sessions *sessions, const struct inherited *inherited)
{
    const struct amp_plugin *format = find_format(sessions, inherited->format);
    const struct user_config *user;
    struct event_filters *filters;
    struct view_feed *feed;
    amp_id_frame *frame;

    if ((inherited->feed.ids != RESUME_FRAME_IDS && inherited->feed.ids != RESUME_HEADER_IDS) || format == NULL ||
        !find_user(sessions, inherited, &user) || !find_frame(sessions, format, inherited, &frame) ||
        !read_filters(inherited->filters, &filters))
        return false;
    feed = feeds_add(sessions, format);
    feed->view = scripts_view(sessions->scripts.current, sessions->config, user);
    feed->filters = filters;
    feed->ids = (enum resume_ids)inherited->feed.ids;
    feed->id_frame = frame;
    feed->mask = inherited->feed.mask;
    feed->everything = inherited->feed.everything != 0;
    kept_begin_inherited(sessions, feed, inherited->feed.tag, user == NULL ? NULL : user->name, inherited->feed.worker);
    if (inherited->feed.left_ms != 0 && inherited->feed.left_ms < feed->kept->left_ms)
        feed->kept->left_ms = inherited->feed.left_ms;
    restore_chunks(&feed->feed, inherited);
    return true;
}

void handover_take(struct sessions *sessions, const struct past *past)
{
    struct past_reader reader = past_begin(past), inside;
    struct past_record record;
    uint32_t taken = 0, left = 0;

    while (past_next(&reader, &record, &inside)) {
        if (record.kind == PAST_EXPORT)
            exported_inherit(sessions, &record, inside);
        if (record.kind != PAST_FEED)
            continue;
        struct inherited inherited = read_feed(&record, inside);
        if (kept_worker_of(sessions->kept.shared, inherited.feed.worker) != sessions->worker)
            continue;
        bool done = take_feed(sessions, &inherited);
        if (!done)
            kept_note_gone(sessions, inherited.feed.tag);
        taken += done;
        left += !done;
    }
    kept_trim(sessions);
    log_debug(NULL, "kept feeds taken over worker=%" PRIu32 " feeds=%" PRIu32 " others=%" PRIu32, sessions->worker,
              taken, left);
}
