// core/session/connection/survey.c: see survey.h.
#include "session/connection/survey.h"

#include "base/clock.h"
#include "base/memory.h"
#include "letters/survey.h"
#include "session/client/set.h"

#include <inttypes.h>

#define SLOW_MS 1000

static struct span argument_of(const struct survey *survey, const char *name)
{
    struct span value = {"", 0};

    message_find(survey->arguments, name, &value);
    return value;
}

// --- sessions ---------------------------------------------------------------------------------------------------

/** Returns what the session has not been sent yet, in the proxy and in the kernel. */
static uint64_t survey_backlog(const struct session *session)
{
    return session->detached ? 0 : output_backlog(&session->output) + transport_unsent(&session->transport);
}

/** Has the client read nothing for a while, although there is something to read? */
static bool survey_is_slow(const struct session *session, uint64_t now_ms)
{
    return session->lagging ||
           (transport_is_writing(&session->transport) && (uint32_t)now_ms - session->reading.full_ms >= SLOW_MS);
}

static void add_last(struct message_builder *builder, const struct session *session, uint64_t now_ms)
{
    const char *name = session->last.action != NULL ? session->last.action : session->last.name;
    uint64_t at_ms = session->last.at_ms > session->opened_ms ? session->last.at_ms : session->opened_ms;

    if (name == NULL)
        return;
    message_addf(builder, "LastAction", "%s", name);
    message_addf(builder, "LastActionAge", "%" PRIu64, now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0);
}

static struct message *survey_describe(const struct session *session, uint64_t now_ms)
{
    struct session_shown shown;
    struct message_builder builder;
    const struct directory_entry *entry = &shown.entry;

    publish_describe(session, &shown);
    message_builder_init(&builder);
    message_addf(&builder, "Event", "SessionStatus");
    message_addf(&builder, "Session", "%" PRIu64, entry->id);
    message_addf(&builder, "User", "%s", entry->user);
    message_addf(&builder, "Address", "%s", entry->address);
    message_addf(&builder, "Input", "%s", entry->input);
    message_addf(&builder, "Output", "%s", entry->output);
    message_addf(&builder, "LoggedIn", "%s", entry->authenticated ? "yes" : "no");
    message_addf(&builder, "Encrypted", "%s", entry->encrypted ? "yes" : "no");
    message_addf(&builder, "Connection", "%s", entry->detached ? "none" : "open");
    if (entry->token[0] != '\0')
        message_addf(&builder, "Token", "%s", entry->token);
    message_addf(&builder, "Age", "%" PRIu64, (now_ms - session->opened_ms) / 1000);
    message_addf(&builder, "Sent", "%" PRIu64, transport_sent(&session->transport));
    message_addf(&builder, "Backlog", "%" PRIu64, survey_backlog(session));
    message_addf(&builder, "Slow", "%s", survey_is_slow(session, now_ms) ? "yes" : "no");
    message_addf(&builder, "InFlight", "%" PRIu32, session->asks.count);
    add_last(&builder, session, now_ms);
    return message_build(&builder);
}

/** Returns the session's rank in the order that is asked for. */
static uint64_t survey_rank(const struct session *session, struct span order)
{
    if (span_is(order, "traffic"))
        return transport_sent(&session->transport);
    return span_is(order, "backlog") ? survey_backlog(session) : session->id;
}

static void survey_sessions(struct sessions *sessions, struct survey *survey)
{
    struct span order = argument_of(survey, "Sort");
    uint64_t before = UINT64_MAX, most = SURVEY_SESSIONS_MOST, now_ms = clock_ms();
    struct survey_items chosen = {0};

    (void)span_number(argument_of(survey, "Before"), 1, UINT64_MAX, &before);
    (void)span_number(argument_of(survey, "Most"), 1, SURVEY_SESSIONS_MOST, &most);
    for (struct list_node *node = sessions->all.first; node != NULL; node = node->next) {
        const struct session *session = SESSION_AT(node, all);
        if (session->id < before && session->exported == NULL)
            survey_add(&chosen, (struct survey_item){.rank = survey_rank(session, order), .session = session->id});
    }
    survey_choose(&chosen, most);               // before they are described: there may be many
    for (size_t i = 0; i < chosen.count; i++) { // all of these are there: nothing has run meanwhile
        const uint64_t *id = &chosen.list[i].session;
        struct map_node *node = map_find(&sessions->by_id, 0, (struct span){(const char *)id, sizeof *id});
        chosen.list[i].message = survey_describe((struct session *)(void *)node, now_ms);
    }
    survey->items = chosen;
}

// --- scripts ----------------------------------------------------------------------------------------------------

static void on_script(void *visitor, const struct script_report *report)
{
    struct survey *survey = visitor;
    struct survey_item item = {.kind = report->kind,
                               .name = memory_text(report->name),
                               .counts = {[SURVEY_SEEN] = report->seen,
                                          [SURVEY_ENTERED] = report->entered,
                                          [SURVEY_PASSED] = report->passed,
                                          [SURVEY_DROPPED] = report->dropped,
                                          [SURVEY_CHANGED] = report->changed,
                                          [SURVEY_FAILED] = report->failed,
                                          [SURVEY_USES] = 1,
                                          [SURVEY_OBSERVED] = report->observed,
                                          [SURVEY_QUARANTINED] = report->quarantined}};
    survey_add(&survey->items, item);
}

/** Ends the quarantine of a filter. The answer has an item if there was one. */
static void survey_release(struct sessions *sessions, struct survey *survey)
{
    struct span name = argument_of(survey, "Filter");
    uint32_t count = script_state_release(scripts_state(sessions->scripts.current), name);

    if (count > 0)
        survey_add(&survey->items, (struct survey_item){.kind = "filter",
                                                        .name = memory_text_of(name.bytes, name.length),
                                                        .counts = {[SURVEY_USES] = count}});
}

void survey_answer(struct sessions *sessions, struct survey *survey)
{
    switch (survey->kind) {
    case SURVEY_SESSIONS:
        survey_sessions(sessions, survey);
        break;
    case SURVEY_SCRIPTS:
        script_state_report(scripts_state(sessions->scripts.current), on_script, survey);
        survey_merge(&survey->items); // one item for all users of a filter
        break;
    case SURVEY_RELEASE:
        survey_release(sessions, survey);
        break;
    }
}
