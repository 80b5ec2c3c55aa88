// core/session/view.h: what one user may see: the filters of the configuration, made for that user. A message is judged
// once per view, however many sessions and formats it has.  Thread: the worker's.
#ifndef SESSION_VIEW_H
#define SESSION_VIEW_H

#include "script/script.h"

/** One user's filters in one worker. A user without filters has no view. */
struct view {
    struct script_filter **filters;
    size_t count;
    bool has_action, has_answers;
    struct view *next_judged;     // of those that remember a verdict
    const struct message *judged; // what the verdict below is of, NULL: nothing
    enum script_source source;
    const struct message *verdict; // what is to be seen of it, NULL: nothing
    struct message *changed;       // one reference, if that is a copy
};

/** Views that remember a verdict. */
struct view_verdicts {
    struct view *first;
};

/** What is to be seen of `message` (lent; NULL: nothing). Valid until view_forget(). @param view  NULL: all of it */
const struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                                 enum script_source source);
/** The messages that were judged may go now. */
void view_forget(struct view_verdicts *verdicts);

#endif
