// core/script/chain.c: the filters of a user, one after the other.
#include "script/filter.h"

#include "base/memory.h"

#include <stdlib.h>

enum script_verdict script_chain_message(struct script_filter *const *filters, size_t count, struct message *message,
                                         enum script_source source, struct message **changed)
{
    struct message *current = message, *next;
    bool either_asked = false, either_passed = false, stopped = false;
    enum script_verdict verdict = SCRIPT_PASS;

    if (count == 1)
        return script_filter_message(filters[0], message, source, changed);
    *changed = NULL;
    for (size_t i = 0; i < count && !stopped; i++) {
        bool either = filters[i]->either && (source == SCRIPT_EVENT || filters[i]->answers);
        verdict = script_filter_message(filters[i], current, source, &next);
        stopped = verdict == SCRIPT_FAIL || (verdict == SCRIPT_DROP && !either);
        either_asked = either_asked || either;
        either_passed = either_passed || (either && (verdict == SCRIPT_PASS || verdict == SCRIPT_CHANGE));
        if (verdict == SCRIPT_CHANGE) {
            if (current != message)
                message_unref(current);
            current = next;
        }
    }
    if (!stopped)
        verdict = either_asked && !either_passed ? SCRIPT_DROP : SCRIPT_PASS;
    if (verdict == SCRIPT_PASS && current != message) {
        *changed = current;
        return SCRIPT_CHANGE;
    }
    if (current != message)
        message_unref(current);
    return verdict;
}

/** An action on its way through the filters. */
struct chain {
    struct script_filter **filters; // one reference each
    size_t count, next;
    struct message *action; // as changed so far; one reference
    struct handle session;
    bool changed;
    char *by; // the proxy action that sends it, NULL: the client does
    script_judged *done;
    void *context;
};

static void destroy_chain(struct chain *chain)
{
    for (size_t i = 0; i < chain->count; i++)
        script_filter_unref(chain->filters[i]);
    message_unref(chain->action);
    free(chain->filters);
    free(chain->by);
    free(chain);
}

static void forget_chain(void *context)
{
    struct chain *chain = context;
    destroy_chain(chain);
}

static void ask_next(struct chain *chain);

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct chain *chain = context;
    (void)session;

    if (verdict == SCRIPT_CHANGE) {
        message_ref(action);
        message_unref(chain->action);
        chain->action = action;
        chain->changed = true;
    }
    if (verdict == SCRIPT_DROP || verdict == SCRIPT_FAIL) {
        chain->done(chain->context, chain->session, verdict, chain->action, reason);
        destroy_chain(chain);
        return;
    }
    ask_next(chain);
}

static void ask_next(struct chain *chain)
{
    while (chain->next < chain->count && !script_filter_has_action(chain->filters[chain->next]))
        chain->next++;
    if (chain->next < chain->count) {
        struct script_filter *filter = chain->filters[chain->next++];
        script_filter_judge_action(filter, chain->action, chain->session, chain->by, on_judged, forget_chain, chain);
        return;
    }
    chain->done(chain->context, chain->session, chain->changed ? SCRIPT_CHANGE : SCRIPT_PASS, chain->action, NULL);
    destroy_chain(chain);
}

void script_chain_action(struct script_filter *const *filters, size_t count, struct message *action,
                         struct handle session, script_judged *done, void *context)
{
    script_chain_call(filters, count, action, session, NULL, done, context);
}

void script_chain_call(struct script_filter *const *filters, size_t count, struct message *action,
                       struct handle session, const char *by, script_judged *done, void *context)
{
    struct chain *chain = memory_zero(1, sizeof *chain);

    chain->filters = memory_new(count * sizeof(struct script_filter *));
    for (size_t i = 0; i < count; i++) {
        chain->filters[i] = filters[i];
        filters[i]->references++;
    }
    chain->count = count;
    chain->action = message_ref(action);
    chain->session = session;
    chain->by = memory_text(by);
    chain->done = done;
    chain->context = context;
    ask_next(chain);
}
