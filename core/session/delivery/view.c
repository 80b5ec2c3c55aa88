// core/session/delivery/view.c: see view.h.
#include "session/delivery/view.h"

#include "base/memory.h"
#include "session/access/account.h"

#include <stdlib.h>

/** Releases the view's copies. */
static void view_clear(struct view *view)
{
    message_unref(view->own);
    view->own = NULL;
    message_unref(view->changed);
    view->changed = NULL;
}

/** Notes that the view has a reference, which view_forget() releases. */
static void note_holder(struct view_verdicts *verdicts, struct view *view)
{
    if (view->holds)
        return;
    view->holds = true;
    view->next_holder = verdicts->holders;
    verdicts->holders = view;
}

/** Is the view's verdict about that message? */
static bool has_judged(const struct view *view, const struct view_verdicts *verdicts, const struct message *message)
{
    return view->judged == message && view->entry == verdicts->entry;
}

/** May the user see list items that name no channel, for example queues? They belong to nobody, like the lists of
 *  SCOPE_LISTS. */
static bool is_shown_lists(const struct user_config *user)
{
    return user != NULL && (user->write_given || user->lists_given);
}

/** Do the rules of the user's entry let the message pass? Messages of the proxy itself pass. So do the response to the
 *  user's own action and its OriginateResponse, as the action was judged when the user sent it. Of answers to others
 *  (`autofilter: off`) only list items with channels of the user pass, also with `more_events`. */
static bool rule_passes(const struct view *view, struct view_verdicts *verdicts, struct message *message,
                        enum script_source source)
{
    const struct entry *answer = verdicts->answer;
    bool own = source == SCRIPT_ANSWER, of_others = !own && answer != NULL;

    if (view->rule == VIEW_NO_RULE || (!message->from_server && !of_others))
        return true;
    if (own && (message->kind != MESSAGE_EVENT || span_is(message_name(message), "OriginateResponse") ||
                (answer != NULL && answer->part.is_response)))
        return true;
    if (!verdicts->looked)
        calls_look(verdicts->calls, message);
    verdicts->looked = true;
    if (of_others && (message->kind != MESSAGE_EVENT || !calls_names_channel(verdicts->calls)))
        return false;
    return calls_sees(verdicts->calls, view->rule,
                      own && ((answer != NULL && answer->part.final) || is_shown_lists(view->user)));
}

/** Does the user's entry replace account codes in what the user sees? */
static bool has_account(const struct view *view)
{
    return view->user != NULL && view->user->account != NULL;
}

/** Is there nothing that view_filter() would do? */
static bool has_only_rule(const struct view *view)
{
    return view->count == 0 && !has_account(view);
}

/** Applies what the entry changes (account_show()) and then the filters.
 *  @param copy  set to the result if it is a changed copy (one reference), else to NULL
 *  @return what the user sees of the message, NULL: nothing */
static struct message *view_filter(struct view *view, struct message *message, enum script_source source,
                                   struct message **copy)
{
    struct message *shown = has_account(view) ? account_show(view->user, message) : NULL, *changed = NULL;
    struct message *subject = shown != NULL ? shown : message;

    *copy = shown;
    if (view->count == 0 || (source == SCRIPT_ANSWER && !view->has_answers))
        return subject;
    switch (script_chain_message(view->filters, view->count, subject, source, &changed)) {
    case SCRIPT_PASS:
        return subject;
    case SCRIPT_CHANGE:
        message_unref(shown);
        *copy = changed;
        return changed;
    case SCRIPT_DROP:
    case SCRIPT_FAIL:
        break;
    }
    message_unref(shown);
    *copy = NULL;
    return NULL;
}

bool view_is_transparent(const struct view *view, enum script_source source)
{
    return view == NULL ||
           (source == SCRIPT_ANSWER && !view->has_answers && view->rule == VIEW_NO_RULE && !has_account(view));
}

/** Judges the message and remembers the verdict. */
static struct message *view_judge_new(struct view *view, struct view_verdicts *verdicts, struct message *message,
                                      enum script_source source)
{
    if (view->holds)
        view_clear(view);
    view->verdict = NULL;
    if (view->rule == VIEW_NO_RULE || rule_passes(view, verdicts, message, source))
        view->verdict = has_only_rule(view) ? message : view_filter(view, message, source, &view->changed);
    view->judged = message;
    view->entry = verdicts->entry;
    view->source = source;
    if (view->changed != NULL)
        note_holder(verdicts, view);
    return view->verdict;
}

/** Decides what a stateful view shows of the event in the form with the asker's own ActionID. The filters are not
 *  called a second time: the verdict about the form without ActionID holds. */
static struct message *judge_own(struct view *view, struct view_verdicts *verdicts, struct message *message)
{
    struct span id = message_action_id(message);

    if (view->verdict == NULL || view->changed == NULL)
        return view->verdict == NULL ? NULL : message;
    message_unref(view->own);
    view->own = message_with_action_id(view->changed, id.length > 0 ? &id : NULL);
    note_holder(verdicts, view);
    return view->own;
}

struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                           enum script_source source)
{
    if (view_is_transparent(view, source))
        return message;
    if (has_judged(view, verdicts, message) && view->source == source)
        return view->verdict;
    if (view->is_stateful && source == SCRIPT_EVENT && verdicts->event != NULL &&
        has_judged(view, verdicts, verdicts->event))
        return judge_own(view, verdicts, message);
    return view_judge_new(view, verdicts, message, source);
}

/** Judges the earlier messages that the current message reveals. */
static void replay_all(struct view *view, const struct calls *calls)
{
    size_t count = calls == NULL || view->rule == VIEW_NO_RULE ? 0 : calls_revealed(calls);

    if (count == 0)
        return;
    view->replayed = memory_zero(count, sizeof(struct message *));
    view->replayed_count = count;
    for (size_t i = 0; i < count; i++) {
        struct message *message = calls_reveal(calls, i, view->rule);
        view->replayed[i] = message == NULL ? NULL : view_replay(view, message);
    }
}

void view_replay_stateful(struct view_verdicts *verdicts)
{
    for (size_t i = 0; i < verdicts->stateful_count; i++)
        replay_all(verdicts->stateful[i], verdicts->calls);
}

void view_judge_stateful(struct view_verdicts *verdicts, struct message *event)
{
    view_replay_stateful(verdicts);
    for (size_t i = 0; i < verdicts->stateful_count; i++)
        (void)view_judge_new(verdicts->stateful[i], verdicts, event, SCRIPT_EVENT);
    verdicts->event = event;
}

struct message *view_replayed(const struct view *view, size_t index)
{
    struct message *message = index < view->replayed_count ? view->replayed[index] : NULL;

    return message == NULL ? NULL : message_ref(message);
}

struct message *view_replay(struct view *view, struct message *message)
{
    struct message *copy;
    const struct message *seen = view_filter(view, message, SCRIPT_EVENT, &copy);

    return copy != NULL || seen == NULL ? copy : message_ref(message);
}

static void forget_replayed(struct view *view)
{
    for (size_t i = 0; i < view->replayed_count; i++)
        message_unref(view->replayed[i]);
    free(view->replayed);
    view->replayed = NULL;
    view->replayed_count = 0;
}

void view_forget(struct view_verdicts *verdicts)
{
    verdicts->entry++;
    verdicts->looked = false;
    verdicts->answer = NULL;
    verdicts->event = NULL;
    for (size_t i = 0; i < verdicts->stateful_count; i++)
        forget_replayed(verdicts->stateful[i]);
    while (verdicts->holders != NULL) {
        struct view *view = verdicts->holders;
        verdicts->holders = view->next_holder;
        view->holds = false;
        view_clear(view);
    }
}

struct call_rule *view_rules(const struct config *config, size_t *count)
{
    struct call_rule *rules = memory_new((config->user_count + 1) * sizeof *rules);

    *count = 0;
    for (size_t i = 0; i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        if (config_has_call_rule(user))
            rules[(*count)++] =
                (struct call_rule){user->name, user->channel, user->in_context, user->more_events, user->tenant};
    }
    return rules;
}
