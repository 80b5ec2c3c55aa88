// core/session/delivery/view.c: see view.h.
#include "session/delivery/view.h"

#include "base/memory.h"
#include "session/access/policy.h"

/** Forgets one verdict, and remembers nothing else yet. */
static void clear(struct view *view)
{
    message_unref(view->changed);
    view->changed = NULL;
    view->judged = NULL;
}

/** Do the rules of the user's entry let it pass? What the proxy itself says is for everybody; the response to an action
 *  of his own too, and that a call of his was made: they were judged when he asked. */
static bool rule_passes(const struct view *view, struct view_verdicts *verdicts, struct message *message,
                        enum script_source source)
{
    bool own = source == SCRIPT_ANSWER;

    if (view->rule == VIEW_NO_RULE || !message->from_server)
        return true;
    if (own && (message->kind != MESSAGE_EVENT || span_is(message_name(message), "OriginateResponse")))
        return true;
    if (!verdicts->looked)
        calls_look(verdicts->calls, message);
    verdicts->looked = true;
    return calls_sees(verdicts->calls, view->rule, own);
}

/** What rules and filters make of it. @return one reference if it is a copy: `*copy`, else NULL */
static const struct message *filter(struct view *view, struct message *message, enum script_source source,
                                    struct message **copy)
{
    struct message *shown = policy_show(view->user, message), *changed = NULL;
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

static bool is_transparent(const struct view *view, enum script_source source)
{
    return view == NULL || (source == SCRIPT_ANSWER && !view->has_answers && view->rule == VIEW_NO_RULE &&
                            (view->user == NULL || view->user->account == NULL));
}

const struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                                 enum script_source source)
{
    bool listed;

    if (is_transparent(view, source))
        return message;
    if (view->judged == message && view->source == source)
        return view->verdict;
    listed = view->judged != NULL;
    clear(view);
    view->verdict = NULL;
    if (rule_passes(view, verdicts, message, source))
        view->verdict = filter(view, message, source, &view->changed);
    view->judged = message;
    view->source = source;
    if (!listed) {
        view->next_judged = verdicts->first;
        verdicts->first = view;
    }
    return view->verdict;
}

struct message *view_replay(struct view *view, struct message *message)
{
    struct message *copy;
    const struct message *seen = filter(view, message, SCRIPT_EVENT, &copy);

    return copy != NULL || seen == NULL ? copy : message_ref(message);
}

void view_forget(struct view_verdicts *verdicts)
{
    verdicts->looked = false;
    while (verdicts->first != NULL) {
        struct view *view = verdicts->first;
        verdicts->first = view->next_judged;
        clear(view);
    }
}

struct call_rule *view_rules(const struct config *config, size_t *count)
{
    struct call_rule *rules = memory_new((config->user_count + 1) * sizeof *rules);

    *count = 0;
    for (size_t i = 0; i < config->user_count; i++) {
        const struct user_config *user = &config->users[i];
        if (config_has_call_rule(user))
            rules[(*count)++] = (struct call_rule){user->name, user->channel, user->in_context, user->more_events};
    }
    return rules;
}
