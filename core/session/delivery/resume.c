// core/session/delivery/resume.c: see resume.h.
#include "session/delivery/resume.h"

#include "ami/event_filter.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/feeds.h"
#include "session/delivery/kept.h"

#include <inttypes.h>
#include <stdlib.h>

/** The result of a look for what a client has missed. */
struct outcome {
    const char *reason; // why nothing of what was missed can be sent; NULL: all of it can
    uint64_t count;     // messages that were missed
    bool count_known;
};

const struct session_resume *resume_of(const struct session *session)
{
    static const struct session_resume none;

    return session->resume == NULL ? &none : session->resume;
}

struct session_resume *resume_make(struct session *session)
{
    if (session->resume == NULL)
        session->resume = memory_zero(1, sizeof *session->resume);
    return session->resume;
}

void resume_ask(struct session *session, struct span id)
{
    struct session_resume *resume;

    if (id.length == 0 && session->resume == NULL)
        return;
    resume = resume_make(session);
    free(resume->id);
    resume->id =
        id.length == 0 ? NULL : memory_text_of(id.bytes, id.length < RESUME_ID_SIZE ? id.length : RESUME_ID_SIZE);
}

bool resume_is_elsewhere(const struct session *session, struct span id, uint32_t *worker)
{
    const struct sessions *sessions = session->sessions;
    struct resume_id parsed;
    uint32_t keeper;

    if (session->detached || sessions->config->resume.keep_ms == 0 || sessions->drain != NULL ||
        !resume_id_parse(id, &parsed) || strcmp(parsed.epoch, kept_epoch(sessions->kept.shared)) != 0 ||
        parsed.worker >= kept_id_workers(sessions->kept.shared))
        return false;
    keeper = kept_worker_of(sessions->kept.shared, parsed.worker);
    if (keeper == sessions->worker)
        return false;
    *worker = keeper;
    return true;
}

void resume_begin_ids(struct session *session, enum resume_ids ids, amp_id_frame *frame)
{
    if (session->resume != NULL || ids != RESUME_NO_IDS) {
        resume_make(session)->ids = ids;
        session->resume->frame = frame;
    }
    feeds_choose(session);
}

bool resume_is_pending(const struct session *session)
{
    return resume_of(session)->id != NULL;
}

bool resume_excuses(const struct session *session)
{
    uint64_t until_ms = resume_of(session)->until_ms;

    return until_ms != 0 && clock_ms() < until_ms;
}

void resume_fini(struct session *session)
{
    if (session->resume != NULL)
        free(session->resume->id);
    free(session->resume);
    session->resume = NULL;
}

/** Can the session read the feed, with the filters that it has? */
static bool resume_suits(const struct session *session, const struct view_feed *found, const struct view_feed *wanted)
{
    return found == wanted || (wanted != NULL && feeds_suits(found, session, wanted->mask, wanted->everything));
}

/** Finds the feed to go on with. Filters of `Action: Filter` belong to it: a session that has set none gets them.
 *  @return NULL: what `found` has sent is not what the session is to see */
static struct view_feed *find_same(struct session *session, struct view_feed *found)
{
    struct event_filters **filters = &session->events.filters;

    if (resume_suits(session, found, feeds_wanted(session)))
        return found;
    if (*filters != NULL || found->filters == NULL || !kept_is_of_user(found->kept, session->user))
        return NULL;
    *filters = event_filters_ref(found->filters);
    if (resume_suits(session, found, feeds_wanted(session)))
        return found;
    event_filters_unref(*filters);
    *filters = NULL;
    return NULL;
}

/** Looks for what the client has missed.
 *  @param feed  set to the feed in which it is, behind message `number`; unchanged if nothing can be sent */
static struct outcome look_up(struct session *session, struct span text, struct view_feed **feed, uint64_t *number)
{
    const struct sessions *sessions = session->sessions;
    struct view_feed *found = NULL;
    struct resume_id id;
    bool changed = false;

    if (sessions->config->resume.keep_ms == 0)
        return (struct outcome){"off", 0, false};
    if (!resume_id_parse(text, &id) || id.worker >= kept_id_workers(sessions->kept.shared))
        return (struct outcome){"unknown", 0, false};
    if (strcmp(id.epoch, kept_epoch(sessions->kept.shared)) != 0)
        return (struct outcome){"restarted", 0, false};
    // For an id of another worker nothing is found: sessions do not move while the proxy goes down.
    if (kept_worker_of(sessions->kept.shared, id.worker) == sessions->worker)
        found = kept_find(sessions, id.tag, &changed);
    if (changed || found == NULL)
        return (struct outcome){changed ? "another view" : "too old", 0, false};
    *feed = find_same(session, found);
    if (*feed == NULL)
        return (struct outcome){"another view", 0, false};
    const struct feed_past *past = found->feed.past;
    *number = id.number;
    if (id.number > past->count)
        return (struct outcome){"unknown", 0, false};
    return (struct outcome){id.number < past->floor ? "too old" : NULL, past->count - id.number, true};
}

static struct message *message_of(const struct outcome *outcome)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", outcome->reason == NULL ? "Resumed" : "EventsSkipped");
    message_addf(&builder, "Privilege", "system,all");
    if (outcome->reason == NULL)
        message_addf(&builder, "Events", "%" PRIu64, outcome->count);
    else if (outcome->count_known)
        message_addf(&builder, "Dropped", "%" PRIu64, outcome->count);
    if (outcome->reason != NULL)
        message_addf(&builder, "Reason", "%s", outcome->reason);
    return message_build(&builder);
}

/** Gives the session a message (taken) of its own that carries the id of a place in the feed. */
static void give_with_id(struct session *session, struct message *message, struct span id)
{
    struct span bytes = encode_for(session, message, 0, id);

    if (session->sessions->encoding_failed)
        session_plugin_failed(session, session->format.output, ENCODING_FAILED);
    else
        output_add(&session->output, bytes.bytes, bytes.length);
    encode_forget(session->sessions);
    message_unref(message);
    if (!session_is_dead(session))
        sessions_mark_dirty(session);
}

static void note_told(struct session *session, const struct view_feed *feed)
{
    if (feed != NULL && feed->kept != NULL)
        resume_make(session)->told = feed->kept->number;
    else if (session->resume != NULL)
        session->resume->told = 0;
}

/** Moves the session to its feed, at the place of the id if that is kept, and tells the client.
 *  @param text  the id of the last message that the client has received
 *  @return true: the session goes on there */
static bool resume_settle_at(struct session *session, struct span text)
{
    struct sessions *sessions = session->sessions;
    struct view_feed *feed = NULL;
    char own[RESUME_ID_SIZE];
    uint64_t number = 0;
    struct outcome outcome = look_up(session, text, &feed, &number);
    struct log_context log = session_log(session);

    if (feed == NULL)
        feed = feeds_wanted(session);

    if (outcome.reason == NULL) {
        log_info(&log, "session resumed events=%" PRIu64, outcome.count);
        resume_make(session)->until_ms = clock_ms() + sessions->config->resume.keep_ms;
        give_with_id(session, message_of(&outcome), text);
        if (!session_is_dead(session))
            feeds_move_behind(session, feed, number);
    } else {
        log_info(&log, "session not resumed reason=\"%s\" dropped=%" PRIu64, outcome.reason, outcome.count);
        feeds_move(session, feed);
        struct span id =
            feed == NULL || feed->kept == NULL ? (struct span){0} : kept_id(feed, feed->feed.past->count, own);
        give_with_id(session, message_of(&outcome), id);
    }
    note_told(session, feed);
    return outcome.reason == NULL && !session_is_dead(session);
}

/** Sends the id of its place to a session with ids that reads another kept feed than before, as the connection may be
 *  lost before the next message. */
static void tell_place(struct session *session)
{
    const struct view_feed *feed = session->view_feed;
    struct message_builder builder;
    char text[RESUME_ID_SIZE];

    if (feed == NULL || feed->kept == NULL || feed->kept->number == resume_of(session)->told)
        return;
    note_told(session, feed);
    message_builder_init(&builder);
    message_addf(&builder, "Event", "ResumePoint");
    message_addf(&builder, "Privilege", "system,all");
    give_with_id(session, message_build(&builder), kept_id(feed, feed->feed.past->count, text));
}

bool resume_settle(struct session *session)
{
    struct session_resume *resume = session->resume;
    char *id = resume == NULL ? NULL : resume->id;
    bool resumed;

    if (session_is_ending(session) || !session->authenticated || session->format.input == NULL ||
        !session_is_encoded(session) || session->wait.why == WAIT_MOVE)
        return false;
    if (id != NULL && session->sessions->kept.state == KEPT_LEFT)
        return false; // it is told to go, and comes back to the process that has taken over
    if (id == NULL) {
        tell_place(session);
        return false;
    }
    resume->id = NULL;
    if (resume->ids == RESUME_NO_IDS && session->format.protocol == NULL)
        resume->ids = RESUME_HEADER_IDS; // a client that has resumed once will do so again
    resumed = resume_settle_at(session, span_of(id));
    free(id);
    return resumed;
}
