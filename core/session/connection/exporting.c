// core/session/connection/exporting.c: see exporting.h.
#include "session/connection/exporting.h"

#include "base/clock.h"
#include "base/memory.h"
#include "exports/export.h"
#include "session/access/login.h"
#include "session/client/set.h"
#include "session/connection/formats.h"
#include "session/connection/opening.h"
#include "session/connection/sessions.h"
#include "session/delivery/exported.h"
#include "session/delivery/feeds.h"
#include "session/delivery/snapshot.h"
#include "session/scripting/host.h"

#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

/** The wait before an export whose session was ended begins again. */
static const struct timeval again_pause = {1, 0};

/** What an exported session speaks: nothing. */
static const struct amp_plugin no_input = {
    .size = sizeof(struct amp_plugin), .abi_minor = AMP_ABI_MINOR, .name = "export"};

static struct session *exporting_session(const struct exported *exported)
{
    return sessions_find(exported->sessions, exported->session);
}

static void exporting_free(struct exported *exported)
{
    struct sessions *sessions = exported->sessions;

    list_remove(exported->ending ? &sessions->exports_ending : &sessions->exports, &exported->node);
    if (exported->given)
        export_forget(exported->exporter);
    else
        export_destroy(exported->exporter);
    config_unref(exported->config);
    free(exported);
}

static struct span exporting_on_skipped(void *context, uint64_t dropped)
{
    return exported_encode_skipped(context, dropped);
}

/** Sends messages to the hub. @param records  taken */
static void exporting_on_publish(void *context, uint64_t serial, struct export_saved records)
{
    const struct exported *exported = context;
    const struct sessions *sessions = exported->sessions;
    struct shipment *shipment = memory_zero(1, sizeof *shipment);

    shipment->serial = serial;
    shipment->name = memory_text(exported->entry->name);
    shipment->subject = memory_text(export_subject(exported->entry));
    shipment->id = memory_text(exported->id);
    shipment->bytes = records.bytes;
    shipment->length = records.length;
    sessions->link.shipment(sessions->link.context, shipment);
}

/** Everything is posted, or the time is over. An export that has a session ends with it: drain.c looks for it. */
static void exporting_on_finished(void *context)
{
    struct exported *exported = context;

    if (exported->ending)
        exporting_free(exported);
}

// --- begin ------------------------------------------------------------------------------------------------------

static void exporting_log_in(struct session *session, const struct export_config *entry)
{
    const struct user_config *user = config_find_user(session->config, span_of(entry->user));

    formats_speak(session, &no_input);
    if (!session_is_dead(session))
        login_as(session, user, entry->events);
    if (!session_is_dead(session))
        script_host_tell(session, SCRIPT_SESSION_LOGIN);
    if (!session_is_dead(session))
        snapshot_tell(session);
}

static void exporting_begin(struct sessions *sessions, const struct export_config *entry)
{
    const struct amp_plugin *format = registry_find(sessions->registry, entry->format);
    struct exported *exported = memory_zero(1, sizeof *exported);
    struct export_form form = {format->content_type, format->list_content_type, format->list_begin,
                               format->list_between, format->list_end};
    struct export_owner owner = {exporting_on_skipped, exporting_on_publish, exporting_on_finished, exported};
    struct session *session = session_create_exported(sessions, exported, entry->name, format);

    exported->sessions = sessions;
    exported->session = session->handle;
    exported->format = format;
    exported->config = config_ref(sessions->config);
    exported->entry = entry;
    exported->exporter = export_create(sessions->base, entry, &form, &owner, sessions->link.metrics);
    resume_id_random(exported->tag, sizeof exported->tag);
    exported_set_id(exported);
    list_add_last(&sessions->exports, &exported->node);
    list_add_first(&sessions->all, &session->links.all);
    sessions->count++;
    sessions_count_changed(sessions);
    script_host_tell(session, SCRIPT_SESSION_OPENED);
    exporting_log_in(session, entry);
    sessions_mark_dirty(session);
}

// --- reload -----------------------------------------------------------------------------------------------------

/** Ends an export that the configuration does not have any more. */
static void exporting_end(const struct exported *exported)
{
    struct session *session = exporting_session(exported);

    exporting_flush(session);
    session_end(session, END_FINISHED);
}

/** Changes to the entry of the configuration in use. @return false: there is none that goes on with it */
static bool exporting_change(struct exported *exported)
{
    struct sessions *sessions = exported->sessions;
    const struct export_config *entry = config_find_export(sessions->config, exported->entry->name);
    struct session *session = exporting_session(exported);
    const struct user_config *user;

    if (entry == NULL || strcmp(entry->format, exported->entry->format) != 0)
        return false;
    exporting_flush(session); // what was encoded until now
    user = config_find_user(sessions->config, span_of(entry->user));
    if (session->user != user || session->events.mask != entry->events)
        login_as(session, user, entry->events);
    export_configure(exported->exporter, entry);
    config_unref(exported->config);
    exported->config = config_ref(sessions->config);
    exported->entry = entry;
    return true;
}

static bool exporting_has(const struct list_head *list, const char *name)
{
    for (struct list_node *node = list->first; node != NULL; node = node->next) {
        if (strcmp(LIST_OBJECT(node, struct exported, node)->entry->name, name) == 0)
            return true;
    }
    return false;
}

/** Begins those of the configuration in use that are not there. */
static void exporting_begin_missing(struct sessions *sessions)
{
    const struct config *config = sessions->config;

    for (size_t i = 0; i < config->export_count; i++) {
        const struct export_config *entry = &config->exports[i];
        if (exported_is_here(sessions, span_of(entry->name)) && !exporting_has(&sessions->exports, entry->name))
            exporting_begin(sessions, entry);
    }
}

void exporting_reconfigure(struct sessions *sessions)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->exports);
    while ((node = list_step(&walk)) != NULL) {
        struct exported *exported = LIST_OBJECT(node, struct exported, node);
        if (!exporting_change(exported))
            exporting_end(exported);
    }
    exporting_begin_missing(sessions);
}

static void exporting_on_again(evutil_socket_t fd, short what, void *argument)
{
    struct sessions *sessions = argument;
    (void)fd;
    (void)what;

    if (sessions->drain != NULL)
        return;
    if (sessions->exports_ending.first != NULL) { // what it had goes first
        event_add(sessions->exports_again, &again_pause);
        return;
    }
    exporting_begin_missing(sessions);
    sessions_flush(sessions);
}

/** An export of the configuration has lost its session (an operator or a script has ended it): it gets a new one. */
static void exporting_want_again(struct sessions *sessions)
{
    if (sessions->exports_again == NULL)
        sessions->exports_again = event_new(sessions->base, -1, 0, exporting_on_again, sessions);
    event_add(sessions->exports_again, &again_pause);
}

// --- while it runs ----------------------------------------------------------------------------------------------

void exporting_flush(struct session *session)
{
    exported_collect(session);
    if (session->state == SESSION_FINISHING)
        session_end(session, END_FINISHED);
}

/** What waits is still posted, for as long as the proxy would take to exit. */
static void exporting_let_end(struct exported *exported)
{
    struct sessions *sessions = exported->sessions;

    list_remove(&sessions->exports, &exported->node);
    exported->ending = true;
    list_add_last(&sessions->exports_ending, &exported->node);
    export_finish(exported->exporter, sessions->config->limits.drain_ms);
}

void exporting_ended(struct session *session)
{
    struct exported *exported = session->exported;

    session->exported = NULL;
    if (exported == NULL)
        return;
    exported->session = (struct handle){0};
    for (struct view_feed *feed = exported->sessions->feeds; feed != NULL; feed = feed->next) {
        if (feed->exported == exported)
            feed->exported = NULL; // it is freed when nothing is being delivered
    }
    if (exported->sessions->drain != NULL) {
        exporting_free(exported);
        return;
    }
    exporting_want_again(exported->sessions);
    exporting_let_end(exported);
}

/** Finds the export of the list that has sent the shipment: exports of different names may have the same serials. */
static bool exporting_settle(const struct list_head *list, const struct shipment *shipment)
{
    struct export_published published = {shipment->serial, shipment->taken, shipment->refused, shipment->is_down};

    for (struct list_node *node = list->first; node != NULL; node = node->next) {
        const struct exported *exported = LIST_OBJECT(node, struct exported, node);
        if (strcmp(exported->entry->name, shipment->name) == 0 && export_published(exported->exporter, &published))
            return true; // it may be gone
    }
    return false;
}

void exporting_take_shipment(struct sessions *sessions, const struct shipment *shipment)
{
    if (!exporting_settle(&sessions->exports, shipment))
        (void)exporting_settle(&sessions->exports_ending, shipment);
}

// --- the end ----------------------------------------------------------------------------------------------------

void exporting_drain(struct sessions *sessions)
{
    uint64_t now = clock_ms(), until = sessions->close_by_ms;

    for (struct list_node *node = sessions->exports.first; node != NULL; node = node->next) {
        struct exported *exported = LIST_OBJECT(node, struct exported, node);
        struct session *session = exporting_session(exported);
        exported->leaving = true;
        if (exported->given || session == NULL)
            continue; // ends at once
        exporting_flush(session);
        feeds_move(session, NULL);
        export_finish(exported->exporter, until > now ? until - now : 0);
    }
}

bool exporting_is_busy(const struct sessions *sessions, const struct session *session)
{
    if (session == NULL)
        return sessions->exports_ending.first != NULL;
    const struct exported *exported = session->exported;
    return !exported->given && (!exported->leaving || !export_is_empty(exported->exporter));
}

void exporting_fini(struct sessions *sessions)
{
    if (sessions->exports_again != NULL)
        event_free(sessions->exports_again);
    for (struct list_node *node; (node = list_take_first(&sessions->exports)) != NULL;)
        exporting_free(LIST_OBJECT(node, struct exported, node));
    for (struct list_node *node; (node = list_take_first(&sessions->exports_ending)) != NULL;)
        exporting_free(LIST_OBJECT(node, struct exported, node));
}
