// core/session/view.c: see view.h.
#include "session/view.h"

/** Forgets one verdict, and remembers nothing else yet. */
static void clear(struct view *view)
{
    message_unref(view->changed);
    view->changed = NULL;
    view->judged = NULL;
}

const struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                                 enum script_source source)
{
    bool listed;

    if (view == NULL || (source == SCRIPT_ANSWER && !view->has_answers))
        return message;
    if (view->judged == message && view->source == source)
        return view->verdict;
    listed = view->judged != NULL;
    clear(view);
    switch (script_chain_message(view->filters, view->count, message, source, &view->changed)) {
    case SCRIPT_PASS:
        view->verdict = message;
        break;
    case SCRIPT_CHANGE:
        view->verdict = view->changed;
        break;
    case SCRIPT_DROP:
    case SCRIPT_FAIL:
        view->verdict = NULL;
        break;
    }
    view->judged = message;
    view->source = source;
    if (!listed) {
        view->next_judged = verdicts->first;
        verdicts->first = view;
    }
    return view->verdict;
}

void view_forget(struct view_verdicts *verdicts)
{
    while (verdicts->first != NULL) {
        struct view *view = verdicts->first;
        verdicts->first = view->next_judged;
        clear(view);
    }
}
