// core/session/delivery/view.h: what one user may see: the rules of his entry in the configuration, then the filters,
// made for that user. A message is judged once per view, however many sessions and formats it has.  Thread: the
// worker's.
#ifndef SESSION_DELIVERY_VIEW_H
#define SESSION_DELIVERY_VIEW_H

#include "calls/calls.h"
#include "config/config.h"
#include "script/script.h"

#define VIEW_NO_RULE SIZE_MAX

/** One user's rules and filters in one worker. A user with neither has no view. */
struct view {
    const struct user_config *user; // NULL: of who has none
    size_t rule;                    // number of the user's rule among view_rules(), VIEW_NO_RULE: sees all calls
    struct script_filter **filters;
    size_t count;
    bool has_action, has_answers;
    bool is_stateful;         // one of its filters is: it judges every event, once, whoever is logged in
    struct view *next_judged; // of those that remember a verdict
    struct message *judged;   // what the verdict below is of, one reference; NULL: nothing
    enum script_source source;
    const struct message *verdict; // what is to be seen of it, NULL: nothing
    struct message *changed;       // one reference, if that is a copy
    // of a stateful one, while an event is delivered:
    struct message *own;       // one reference: what its asker is shown of the event, NULL: nobody asked
    struct message **replayed; // what it says of each message of earlier that the event reveals; references, or NULL
    size_t replayed_count;
};

/** Views that remember a verdict, and the calls that rules speak of. */
struct view_verdicts {
    struct view *first;
    struct calls *calls;    // NULL: no user has a rule
    bool looked;            // at the message that is judged now
    bool ends_answer;       // it is the last of an answer
    struct view **stateful; // of the scripts in use; lent
    size_t stateful_count;
    const struct message *event; // that stateful views have judged, NULL: none
};

/** What is to be seen of `message` (lent; NULL: nothing). Valid until view_forget(). @param view  NULL: all of it */
const struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                                 enum script_source source);
/** What is to be seen of a message of earlier that the view's rule has just made visible. @return one reference, or
 * NULL
 */
struct message *view_replay(struct view *view, struct message *message);
/** Every stateful view judges `event` (as it is for who did not ask for it), and before it what it reveals. Once for
 *  each event that comes, whether anybody is logged in who wants it or not: so the filters of all workers agree. */
void view_judge_stateful(struct view_verdicts *verdicts, struct message *event);
/** The same of what a message reveals that is no event for anybody. */
void view_replay_stateful(struct view_verdicts *verdicts);
/** What a stateful view said of revelation `index`. @return one reference, or NULL */
struct message *view_replayed(const struct view *view, size_t index);
/** The messages that were judged may go now. */
void view_forget(struct view_verdicts *verdicts);

/** The rules of a configuration's users, in the order of their numbers. The caller frees the array. */
struct call_rule *view_rules(const struct config *config, size_t *count);

#endif
