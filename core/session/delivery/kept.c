// core/session/delivery/kept.c: see kept.h.
#include "session/delivery/kept.h"

#include "base/clock.h"
#include "base/memory.h"
#include "config/same_view.h"
#include "session/client/set.h"
#include "session/delivery/feed_chunk.h"
#include "session/delivery/feeds.h"
#include "session/delivery/handover.h"
#include "session/delivery/kept_shared.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/resume.h"

#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>

#define SLICES 8 // parts of `keep`: messages of one part are dropped together
#define LARGEST_CHUNK ((size_t)256 * 1024)
#define PIECES 32 // parts of `memory`: a chunk, which is dropped whole, is at most one
#define LONGEST_TICK_MS 1000
// `memory` may be exceeded by this part of it while another worker has not dropped its older messages yet.
#define PART_EXCEEDED 8

/** The tag of a kept feed whose user's rules have changed. */
struct kept_tag {
    struct kept_tag *next;
    char tag[RESUME_TAG_SIZE];
    uint64_t until_ms;
};

// --- one feed ---------------------------------------------------------------------------------------------------

bool kept_is_wanted(const struct session *session)
{
    return resume_of(session)->ids != RESUME_NO_IDS && session->sessions->config->resume.keep_ms > 0 &&
           !own_frame_is_wanted(session);
}

bool kept_is_of_user(const struct kept_feed *kept, const struct user_config *user)
{
    if (kept->user == NULL || user == NULL)
        return kept->user == NULL && user == NULL;
    return strcmp(kept->user, user->name) == 0;
}

bool kept_suits(const struct view_feed *feed, const struct session *session)
{
    if (feed->kept == NULL || !kept_is_wanted(session))
        return feed->kept == NULL && !kept_is_wanted(session);
    return !feed->kept->changed && kept_is_of_user(feed->kept, session->user);
}

static void start_timer(struct sessions *sessions)
{
    struct kept *kept = &sessions->kept;
    uint64_t period_ms = sessions->config->resume.keep_ms / SLICES;

    if (kept->timing || period_ms == 0)
        return;
    if (period_ms > LONGEST_TICK_MS)
        period_ms = LONGEST_TICK_MS;
    event_add(kept->timer, &(struct timeval){(time_t)(period_ms / 1000), (suseconds_t)(period_ms % 1000 * 1000)});
    kept->timing = true;
}

static void set_sizes(struct sessions *sessions)
{
    const struct config *config = sessions->config;
    size_t piece = (size_t)config->resume.memory / PIECES;

    sessions->kept.keeping.slice_ms = config->resume.keep_ms / SLICES;
    sessions->kept.keeping.largest_chunk = piece < (size_t)FEED_SMALLEST_CHUNK ? (size_t)FEED_SMALLEST_CHUNK
                                           : piece < LARGEST_CHUNK             ? piece
                                                                               : LARGEST_CHUNK;
}

/** Notes when the last session left the feed; 0: it has a session. A kept feed without sessions that shows other
 *  clients' answers counts as promiscuous, so that the hub goes on sending these. Events matter for it. */
static void set_left(struct sessions *sessions, struct view_feed *feed, uint64_t left_ms)
{
    int more = (left_ms != 0) - (feed->kept->left_ms != 0);

    if (more > 0)
        sessions->promiscuous += feed->everything;
    else if (more < 0)
        sessions->promiscuous -= feed->everything;
    feed->kept->left_ms = left_ms;
    sessions_change_audience(sessions, more);
    sessions_count_changed(sessions);
}

static void kept_set_up(struct sessions *sessions, struct view_feed *feed, struct kept_feed *kept)
{
    kept_note_time(sessions);
    set_sizes(sessions);
    kept->id_length = resume_id_begin(kept->id, sessions->kept.shared->epoch, kept->worker, kept->tag);
    kept->held_end = &kept->held;
    kept->number = ++sessions->kept.numbered;
    feed->kept = kept;
    set_left(sessions, feed, sessions->kept.keeping.now_ms); // until a session enters it
    feed_past_begin(&feed->feed, &sessions->kept.keeping);
    sessions->kept.count++;
    start_timer(sessions);
}

void kept_begin(struct view_feed *feed, const struct session *session)
{
    struct kept_feed *kept;

    if (!kept_is_wanted(session))
        return;
    kept = memory_zero(1, sizeof *kept);
    resume_id_random(kept->tag, sizeof kept->tag);
    kept->worker = session->sessions->worker;
    kept->only_reader = session->id;
    kept->user = session->user == NULL ? NULL : memory_text(session->user->name);
    kept_set_up(session->sessions, feed, kept);
}

void kept_begin_inherited(struct sessions *sessions, struct view_feed *feed, const char *tag, const char *user,
                          uint32_t worker)
{
    struct kept_feed *kept = memory_zero(1, sizeof *kept);

    memcpy(kept->tag, tag, sizeof kept->tag);
    kept->worker = worker;
    kept->inherited = true;
    kept->user = user == NULL ? NULL : memory_text(user);
    kept_set_up(sessions, feed, kept);
}

void kept_end(struct sessions *sessions, struct view_feed *feed)
{
    if (feed->kept == NULL)
        return;
    set_left(sessions, feed, 0);
    feed_past_end(&feed->feed);
    handover_forget(sessions, feed->kept);
    free(feed->kept->user);
    free(feed->kept);
    feed->kept = NULL;
    sessions->kept.count--;
}

void kept_enter(struct sessions *sessions, struct view_feed *feed)
{
    if (feed->kept != NULL)
        set_left(sessions, feed, 0);
}

bool kept_stays(struct sessions *sessions, struct view_feed *feed)
{
    if (feed->kept == NULL || sessions->config->resume.keep_ms == 0 || feed->kept->changed)
        return false;
    if (feed->kept->left_ms == 0)
        set_left(sessions, feed, clock_ms());
    return true;
}

struct span kept_id(const struct view_feed *feed, uint64_t number, char text[RESUME_ID_SIZE])
{
    return resume_id_write(text, (struct span){feed->kept->id, feed->kept->id_length}, number);
}

struct view_feed *kept_find(const struct sessions *sessions, const char *tag, bool *changed)
{
    struct view_feed *found = NULL;

    *changed = false;
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept != NULL && resume_id_is_tag(feed->kept->tag, tag))
            found = feed;
    }
    for (const struct kept_tag *gone = sessions->kept.gone; gone != NULL; gone = gone->next)
        *changed = *changed || resume_id_is_tag(gone->tag, tag);
    return found;
}

// --- all of a worker --------------------------------------------------------------------------------------------

void kept_note_time(struct sessions *sessions)
{
    sessions->kept.keeping.now_ms = clock_ms();
}

/** Returns the feed with the oldest message, and sets `oldest_ms`. @return NULL: no message is kept */
static struct view_feed *find_oldest(const struct sessions *sessions, uint64_t *oldest_ms)
{
    struct view_feed *found = NULL;

    *oldest_ms = UINT64_MAX;
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        uint64_t ms = feed->kept == NULL ? UINT64_MAX : feed_past_oldest_ms(&feed->feed);
        if (ms < *oldest_ms) {
            *oldest_ms = ms;
            found = feed;
        }
    }
    return found;
}

/** Returns the feed that has been without a session for longest. @return NULL: each feed has one */
static struct view_feed *find_left(const struct sessions *sessions)
{
    struct view_feed *found = NULL;

    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->kept != NULL && feed->kept->left_ms != 0 &&
            (found == NULL || feed->kept->left_ms < found->kept->left_ms))
            found = feed;
    }
    return found;
}

/** Has another worker an older message? It drops that after its next batch: each batch is sent to all workers. */
static bool is_older_elsewhere(const struct sessions *sessions, uint64_t oldest_ms)
{
    struct kept_shared *shared = sessions->kept.shared;

    for (uint32_t i = 0; i < shared->workers; i++) {
        if (i != sessions->worker && atomic_load_explicit(&shared->oldest_ms[i], memory_order_relaxed) < oldest_ms)
            return true;
    }
    return false;
}

static void publish_oldest(const struct sessions *sessions)
{
    uint64_t oldest_ms;

    find_oldest(sessions, &oldest_ms);
    atomic_store_explicit(&sessions->kept.shared->oldest_ms[sessions->worker], oldest_ms, memory_order_relaxed);
}

/** Returns the bytes by which all workers together exceed `resume.memory`; 0: they do not. */
static size_t kept_excess(const struct sessions *sessions)
{
    size_t bytes = atomic_load_explicit(&sessions->kept.shared->bytes, memory_order_relaxed);
    uint64_t limit = sessions->config->resume.memory;

    return bytes > limit ? (size_t)(bytes - limit) : 0;
}

/** Has the worker so many kept feeds that they exceed its part of `resume.memory`, even if they are empty? */
static bool has_too_many(const struct sessions *sessions)
{
    return sessions->kept.count * FEED_SMALLEST_CHUNK >
           sessions->config->resume.memory / sessions->kept.shared->workers;
}

void kept_trim(struct sessions *sessions)
{
    uint64_t limit = sessions->config->resume.memory, oldest_ms;

    if (sessions->kept.count == 0 || kept_excess(sessions) == 0)
        return;
    publish_oldest(sessions);
    for (size_t more = kept_excess(sessions); more > 0; more = kept_excess(sessions)) {
        struct view_feed *oldest = find_oldest(sessions, &oldest_ms);
        if (oldest != NULL && more < limit / PART_EXCEEDED && is_older_elsewhere(sessions, oldest_ms))
            break;
        if (oldest != NULL) {
            feed_past_drop_oldest(&oldest->feed);
            continue;
        }
        oldest = has_too_many(sessions) ? find_left(sessions) : NULL;
        if (oldest == NULL)
            break;
        feeds_destroy(sessions, oldest);
    }
    publish_oldest(sessions);
}

static void expire_feed(struct sessions *sessions, struct view_feed *feed, uint64_t now_ms)
{
    uint64_t keep_ms = sessions->config->resume.keep_ms;

    while (feed_past_oldest_ms(&feed->feed) != UINT64_MAX && feed_past_oldest_ms(&feed->feed) + keep_ms < now_ms)
        feed_past_drop_oldest(&feed->feed);
    if (feed->readers.first == NULL && feed->kept->left_ms != 0 && feed->kept->left_ms + keep_ms < now_ms) {
        log_debug(NULL, "kept feed ends worker=%" PRIu32 " messages=%" PRIu64, sessions->worker,
                  feed->feed.past->count);
        feeds_destroy(sessions, feed);
    }
}

static void forget_tags(struct kept *kept, uint64_t now_ms)
{
    struct kept_tag **link = &kept->gone;

    while (*link != NULL) {
        struct kept_tag *tag = *link;
        if (tag->until_ms > now_ms) {
            link = &tag->next;
            continue;
        }
        *link = tag->next;
        free(tag);
    }
}

void kept_expire(struct sessions *sessions)
{
    struct view_feed *next;

    kept_note_time(sessions);
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = next) {
        next = feed->next;
        if (feed->kept != NULL)
            expire_feed(sessions, feed, sessions->kept.keeping.now_ms);
    }
    forget_tags(&sessions->kept, sessions->kept.keeping.now_ms);
    kept_trim(sessions);
    publish_oldest(sessions);
}

static void on_tick(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    (void)fd;
    (void)what;

    kept_expire(sessions);
    if (sessions->kept.count > 0 || sessions->kept.gone != NULL)
        return;
    event_del(sessions->kept.timer);
    sessions->kept.timing = false;
}

void kept_init(struct sessions *sessions)
{
    sessions->kept.shared = sessions->link.kept;
    sessions->kept.keeping.bytes = &sessions->link.kept->bytes;
    sessions->kept.timer = event_new(sessions->base, -1, EV_PERSIST, on_tick, sessions);
}

void kept_fini(struct sessions *sessions)
{
    while (sessions->feeds != NULL)
        feeds_destroy(sessions, sessions->feeds);
    forget_tags(&sessions->kept, UINT64_MAX);
    event_free(sessions->kept.timer);
}

// --- reload -----------------------------------------------------------------------------------------------------

void kept_note_gone(struct sessions *sessions, const char *tag)
{
    struct kept_tag *gone = memory_zero(1, sizeof *gone);

    memcpy(gone->tag, tag, sizeof gone->tag);
    gone->until_ms = clock_ms() + sessions->config->resume.keep_ms + 1;
    gone->next = sessions->kept.gone;
    sessions->kept.gone = gone;
    start_timer(sessions);
}

/** Marks a feed whose user's rules have changed, and keeps its tag, so that a client that comes back is told why. */
static void kept_retire(struct sessions *sessions, struct view_feed *feed)
{
    kept_note_gone(sessions, feed->kept->tag);
    feed->kept->changed = true;
}

void kept_reconfigure(struct sessions *sessions, const struct config *before)
{
    struct config *config = sessions->config;
    struct view_feed *next;

    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = next) {
        next = feed->next;
        if (feed->kept == NULL)
            continue;
        const char *name = feed->kept->user;
        const struct user_config *user = name == NULL ? NULL : config_find_user(config, span_of(name));
        const struct user_config *earlier = name == NULL ? NULL : config_find_user(before, span_of(name));
        bool is_same = (name == NULL || (user != NULL && earlier != NULL)) &&
                       config_same_view(before, earlier, config, user) && config->resume.keep_ms > 0;
        if (is_same)
            feed->view = scripts_view(sessions->scripts.current, config, user);
        else
            kept_retire(sessions, feed);
        if (!is_same && feed->readers.first == NULL)
            feeds_destroy(sessions, feed);
    }
    set_sizes(sessions);
}
