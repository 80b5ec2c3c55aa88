// core/session/delivery/deliver.c: see deliver.h.
#include "session/delivery/deliver.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/audited.h"
#include "session/client/count.h"
#include "session/client/set.h"
#include "session/delivery/encode.h"
#include "session/delivery/event_actions.h"
#include "session/delivery/feeds.h"
#include "session/delivery/forms.h"
#include "session/delivery/give.h"
#include "session/delivery/handover.h"
#include "session/delivery/items.h"
#include "session/delivery/kept.h"
#include "session/delivery/own_frame.h"
#include "session/delivery/plain_answer.h"
#include "session/delivery/replay.h"
#include "session/delivery/reply.h"
#include "session/delivery/shared.h"
#include "session/scripting/calls.h"
#include "session/scripting/scripts.h"

/** What happened to an event in the feed of the asker: the session whose action raised the event. Lives in one call of
 *  deliver_event(); an asker that ends meanwhile is freed after the batch. */
struct raised {
    struct session *asker;        // NULL: no action raised it, or one of another worker's session
    const struct view_feed *feed; // the asker's feed when the event was appended; NULL: the asker reads none
    size_t appended;              // bytes that were appended to that feed
    bool withheld;                // the feed was not given the event, which the asker may see all the same
    struct message *unframed;     // the message that was appended, if its frame is still missing; one reference
};

/** Appends a message to the feed. @param is_whole  the view shows it as it came: it is the same for others
 *  @return its bytes; none: the format has no text for it, or the plugin failed */
static struct span append_bytes(struct sessions *sessions, struct view_feed *feed, const struct message *message,
                                bool is_whole, uint64_t serial)
{
    struct span bytes;

    if (is_whole && feed->shared != NULL) {
        bytes = shared_append(sessions, feed, message, serial);
    } else {
        bytes = encode_next(sessions, feed, message, serial);
        if (bytes.length > 0)
            feed_append(&feed->feed, bytes.bytes, bytes.length);
    }
    if (sessions->encoding_failed)
        feeds_end_readers(feed);
    return bytes;
}

/** Appends to the feed what its view shows of the message.
 *  @param raised  NULL: the message is an answer, to which the filters of `Action: Filter` do not apply
 *  @return false: what the view shows was not appended, because another process takes over */
static bool deliver_append(struct sessions *sessions, struct view_feed *feed, struct message *original,
                           enum script_source source, struct raised *raised, uint64_t serial)
{
    bool of_asker = raised != NULL && raised->asker != NULL && raised->asker->view_feed == feed;
    const struct message *message = view_judge(feed->view, &sessions->verdicts, original, source);
    if (of_asker)
        raised->feed = feed;
    if (message == NULL)
        return true;
    if (raised != NULL && feed->filters != NULL && !event_filters_pass(feed->filters, message)) {
        raised->withheld = raised->withheld || of_asker;
        return true;
    }
    if ((feed->kept != NULL || feed->exported != NULL) && handover_withholds(sessions, feed, message, serial)) {
        if (of_asker)
            raised->withheld = true; // its own copy is for this connection
        return false;
    }
    struct span bytes = append_bytes(sessions, feed, message, message == original, serial);
    if (bytes.length == 0)
        return true;
    if (sessions->own_frames)
        own_frame_readers(sessions, feed, message, serial, bytes, of_asker ? raised->asker : NULL);
    if (of_asker) {
        raised->appended = bytes.length;
        raised->unframed = own_frame_is_wanted(raised->asker) ? message_ref(message) : NULL;
    }
    feeds_grew(sessions, feed);
    if (source == SCRIPT_EVENT)
        metric_add(feed->events, feed->reader_count);
    return true;
}

/** Does `autofilter: on` withhold this answer or event from the session? It passes only messages with the ActionID that
 *  the session sent last, and the answer to an action without ActionID, which the session could not recognise. */
static bool is_filtered_on(const struct session *session, struct span id)
{
    if (session->events.autofilter != AUTOFILTER_ON || session->events.last_id == NULL || id.length == 0 ||
        session->format.collecting)
        return false;
    return !span_equals(id, span_of(session->events.last_id));
}

/** Returns the session whose action the entry belongs to; NULL: another worker's, or the session has ended. What
 *  follows the answer is for the user who asked. If another user has logged in since on the same connection (HTTP
 *  keep-alive), the result is NULL. */
static struct session *deliver_asker(const struct sessions *sessions, const struct entry *entry)
{
    const struct ask *ask = entry->ask;
    struct session *session;

    if (ask == NULL || ask->worker != sessions->worker)
        return NULL;
    session = sessions_find(sessions, ask->session);
    if (session != NULL && !entry_is_in_turn(entry) && session->identity != ask->identity)
        return NULL;
    return session;
}

/** Sends an event to one session alone, as its view shows it. */
static void give_event(struct session *session, struct message *message)
{
    const struct message *seen = view_judge(session->view, &session->sessions->verdicts, message, SCRIPT_EVENT);

    if (seen != NULL && event_filters_pass(session->events.filters, seen))
        session_give(session, message_ref(seen), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
}

/** Sends the asker a copy of the event with its own ActionID in place of the shared one in the feed. If the filters of
 *  `Action: Filter` pass only one of the two, the asker receives that one.
 *  @return true: the shared one in the feed was replaced, or the session has ended */
static bool give_own_copy(struct session *session, struct forms *forms, const struct raised *raised, uint64_t serial)
{
    struct sessions *sessions = session->sessions;
    struct span id = message_action_id(forms->entry->ask->action);

    if (id.length == 0 || (session->view_feed != NULL && session->view_feed->everything))
        return false; // the shared copy is the right one
    if (session->view_feed == NULL) {
        bool wanted = session->events.autofilter == AUTOFILTER_ON && session->events.last_id != NULL &&
                      event_class_visible(forms->entry->part.message->classes, session->events.mask & session->read);
        if (wanted && session_is_encoded(session) && !is_filtered_on(session, id))
            give_event(session, forms_restored(forms));
        return false;
    }
    if (raised->appended == 0 && !raised->withheld)
        return false; // its mask or its view hides the event
    const struct message *seen = view_judge(session->view, &sessions->verdicts, forms_restored(forms), SCRIPT_EVENT);
    if (seen == NULL || !event_filters_pass(session->events.filters, seen))
        return false;
    struct span bytes = encode_own(session, seen, serial);
    if (sessions->encoding_failed) {
        session_plugin_failed(session, session->format.output, ENCODING_FAILED);
        return true;
    }
    own_frame_send(session, seen, serial, bytes, raised->appended);
    if (session_is_dead(session))
        return true;
    handover_note_given(session, serial);
    if (raised->appended == 0)
        metric_add(session->view_feed->events, 1);
    sessions_mark_dirty(session);
    return raised->appended > 0;
}

/** Completes the delivery to the asker: its own copy, or the frame around the shared one. */
static void give_asker(struct session *session, struct forms *forms, const struct raised *raised, uint64_t serial)
{
    if (session == NULL || session_is_dead(session) || (raised->feed != NULL && raised->feed != session->view_feed) ||
        give_own_copy(session, forms, raised, serial) || raised->unframed == NULL || session_is_dead(session))
        return;
    struct span bytes = encode_for(session, raised->unframed, serial, (struct span){0});
    own_frame_reader(session, raised->unframed, serial, bytes);
}

/** Sends the event to the sessions whose protocol receives messages themselves instead of a feed's bytes. */
static void deliver_to_listeners(struct sessions *sessions, const struct entry *entry, struct forms *forms,
                                 const struct session *asker)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->listening);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, listening);
        struct message *message = entry->part.message;
        if (!session->authenticated || !event_class_visible(message->classes, session->events.mask & session->read) ||
            (entry->foreign_id && session->events.autofilter != AUTOFILTER_OFF))
            continue;
        if (entry->ask != NULL)
            message = session == asker || session->events.autofilter == AUTOFILTER_OFF ? forms_restored(forms)
                                                                                       : forms_stripped(forms);
        give_event(session, message);
        if (!session_is_dead(session) && session->input.unread_length > 0)
            session_resume(session); // the protocol may have waited for this event
    }
}

/** Returns the event as a session in `WaitEvent` sees it; NULL: the session does not see it. */
static const struct message *deliver_awaited(struct session *session, const struct entry *entry, struct forms *forms)
{
    struct message *message = entry->part.message;
    bool all = session->events.autofilter == AUTOFILTER_OFF;
    const struct message *seen;

    if (!event_class_visible(message->classes, session->events.mask & session->read) || (entry->foreign_id && !all) ||
        (session->events.autofilter == AUTOFILTER_ON && session->events.last_id != NULL))
        return NULL;
    if (entry->ask != NULL)
        message =
            all || session == deliver_asker(session->sessions, entry) ? forms_restored(forms) : forms_stripped(forms);
    seen = view_judge(session->view, &session->sessions->verdicts, message, SCRIPT_EVENT);
    return seen != NULL && event_filters_pass(session->events.filters, seen) ? seen : NULL;
}

/** Answers the sessions in `WaitEvent`: the response is sent before the event, WaitEventComplete after it. */
static void deliver_wake(struct sessions *sessions, const struct entry *entry, struct forms *forms, bool sent)
{
    struct list_walk walk;
    struct list_node *node;

    list_begin(&walk, &sessions->waiting);
    while ((node = list_step(&walk)) != NULL) {
        struct session *session = SESSION_AT(node, waiting);
        if (session->wait.why != WAIT_EVENT || session->wait.announced != sent)
            continue;
        const struct message *event = deliver_awaited(session, entry, forms);
        if (event != NULL || sent) // a response that was sent is completed, even if the rights have changed since
            event_actions_happen(session, event, sent);
    }
}

static void deliver_event(struct sessions *sessions, const struct entry *entry, struct forms *forms)
{
    struct session *session = deliver_asker(sessions, entry);
    struct raised raised = {.asker = session};

    sessions->events++;
    script_state_heard(scripts_state(sessions->scripts.current), entry->part.message);
    if (sessions->verdicts.calls != NULL) {
        calls_observe(sessions->verdicts.calls, entry->part.message, clock_ms());
        sessions->verdicts.looked = true;
    }
    if (sessions->verdicts.stateful_count > 0)
        view_judge_stateful(&sessions->verdicts, entry->ask != NULL ? forms_stripped(forms) : entry->part.message);
    if (sessions->waiting.first != NULL)
        deliver_wake(sessions, entry, forms, false);
    if (sessions->verdicts.calls != NULL)
        replay_revealed(sessions, entry->serial);

    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        struct message *message = entry->part.message;
        if (!event_class_visible(entry->part.message->classes, feed->mask) || (entry->foreign_id && !feed->everything))
            continue;
        if (entry->ask != NULL)
            message = feed->everything ? forms_restored(forms) : forms_stripped(forms);
        (void)deliver_append(sessions, feed, message, SCRIPT_EVENT, &raised, entry->serial);
    }
    give_asker(session, forms, &raised, entry->serial);
    message_unref(raised.unframed);
    if (sessions->listening.first != NULL)
        deliver_to_listeners(sessions, entry, forms, session);
    if (sessions->waiting.first != NULL)
        deliver_wake(sessions, entry, forms, true);
}

/** Sends the asker its answer, as its view shows it. In place of a response that a filter withholds it receives an
 *  Error, because the client waits for a response. */
static void give_answer(struct session *session, const struct entry *entry, struct forms *forms)
{
    enum amp_delivery_kind kind = entry_is_in_turn(entry) ? AMP_DELIVERY_ANSWER : AMP_DELIVERY_LATE;
    struct message *answer, *seen;

    handover_note_given(session, entry->serial);
    if (plain_answer_write(session, entry, kind))
        return;
    answer = forms_counted(forms);
    seen = view_judge(session->view, &session->sessions->verdicts, answer, SCRIPT_ANSWER);

    if (seen != NULL)
        session_give(session, message_ref(seen), kind, entry->part.final, (enum amp_reason)entry->part.reason);
    else if (answer->kind == MESSAGE_RESPONSE || entry->part.final)
        session_give(session, reply_error(entry->ask->action, "Action Filtered"), kind, entry->part.final,
                     AMP_REASON_DENIED);
    else
        entry->ask->withheld++;
}

/** Ends an ask that was answered completely, handles the messages that waited for it, and continues to read. */
static void deliver_last(struct session *session, struct ask *ask)
{
    ask->over = true;
    list_remove(&session->asks.list, &ask->of_session);
    session->asks.count--;
    ask_unref_to(&session->sessions->asks, ask);
    session_resume(session);
    sessions_mark_dirty(session);
}

static void deliver_answer(struct sessions *sessions, const struct entry *entry, struct forms *forms)
{
    struct session *session = deliver_asker(sessions, entry);
    bool has_it = false, is_in_turn = entry_is_in_turn(entry);

    if (is_in_turn && entry->ask->worker == sessions->worker && entry->ask->over)
        return; // the action was already answered completely: nothing is answered twice
    sessions->verdicts.answer = entry;
    audited_answer(entry, sessions->worker);
    if (entry->ask->of_script) {
        if (entry->ask->worker == sessions->worker)
            script_calls_answer(sessions, entry, forms_restored(forms));
        return;
    }
    for (struct view_feed *feed = sessions->feeds; feed != NULL; feed = feed->next) {
        if (!feed->everything)
            continue;
        bool own = session != NULL && session->view == feed->view;
        if (!own && feed->view != NULL && feed->view->is_stateful)
            continue; // its filters would judge the answer in this worker only, and their state would then differ
        bool given = deliver_append(sessions, feed, own ? forms_counted(forms) : forms_restored(forms),
                                    own ? SCRIPT_ANSWER : SCRIPT_EVENT, NULL, entry->serial);
        has_it = has_it || (given && session != NULL && session->view_feed == feed);
    }
    if (session == NULL || session_is_dead(session))
        return;
    // The feed was offered the item: if the view hides it, the end of the list tells of one less.
    if (has_it && forms_restored(forms)->kind == MESSAGE_EVENT && !entry->part.final &&
        view_judge(session->view, &sessions->verdicts, forms_counted(forms), SCRIPT_ANSWER) == NULL)
        entry->ask->withheld++;
    if (!has_it && !is_filtered_on(session, message_action_id(entry->ask->action)))
        give_answer(session, entry, forms);
    else if (is_in_turn && entry->part.final) // session_give() counts the others
        count_answer(session, (enum amp_reason)entry->part.reason);
    if (is_in_turn && entry->part.final)
        deliver_last(session, entry->ask);
}

static void deliver_entry(struct sessions *sessions, const struct entry *entry)
{
    struct forms forms = {.entry = entry};

    sessions->kept.passed_on = entry->passed_on;
    sessions->kept.from_afar = entry->part.message->from_afar;
    if (entry->kind == ENTRY_CHANNEL)
        replay_note_channel(sessions, entry);
    else if (entry->kind == ENTRY_EVENT)
        deliver_event(sessions, entry, &forms);
    else
        deliver_answer(sessions, entry, &forms);
    sessions->delivered++;
    encode_forget(sessions);
    view_forget(&sessions->verdicts);
    forms_fini(&forms);
}

void deliver_batch(struct sessions *sessions, struct batch *batch)
{
    if (sessions->kept.count > 0)
        kept_note_time(sessions);
    sessions->delivering = true; // a session may end meanwhile, by a script or protocol: its feed is freed after it
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct entry *entry = &batch->entries[i];
        if (i + 2 < batch->count && entry[2].ask != NULL)
            memory_expect(entry[2].ask->action, 1);
        if (entry->part.items > 0)
            items_deliver(sessions, entry, deliver_entry);
        else
            deliver_entry(sessions, entry);
    }
    feeds_end_delivery(sessions);
    kept_trim(sessions);
    batch_destroy(&sessions->asks, batch);
}
