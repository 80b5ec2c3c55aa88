// core/session/delivery/view.h: what one user may see: the rules of their entry in the configuration, then their
// filters. A message is judged once per view, whatever the number of sessions and formats.  Thread: the worker's.
#ifndef SESSION_DELIVERY_VIEW_H
#define SESSION_DELIVERY_VIEW_H

#include "calls/calls.h"
#include "config/config.h"
#include "letters/letters.h"
#include "script/script.h"

#define VIEW_NO_RULE SIZE_MAX

/** One user's rules and filters in one worker. A user without rules and filters has no view. */
struct view {
    const struct user_config *user; // NULL: the view of users without an entry
    size_t rule;                    // index of the user's rule in view_rules(); VIEW_NO_RULE: the user sees all calls
    struct script_filter **filters;
    size_t count;
    bool has_action, has_answers;
    bool is_stateful;             // a filter is stateful: the view judges each event once, even if nobody is logged in
    const struct message *judged; // the message that `verdict` is about, in the entry of that number
    uint64_t entry;
    enum script_source source;
    struct message *verdict;  // what the user sees of `judged`; NULL: nothing
    struct message *changed;  // the same if it is a changed copy, one reference; else NULL
    struct view *next_holder; // the next view that has a reference: `changed` or `own`
    bool holds;
    // of a stateful view, while an event is delivered:
    struct message *own;       // what the session whose action raised the event sees, one reference; NULL: not needed
    struct message **replayed; // what the user sees of each earlier message that the event reveals: references, or NULL
    size_t replayed_count;
};

/** The views' verdicts about the messages of one entry of a batch, and the calls to which users' rules refer. */
struct view_verdicts {
    uint64_t entry;             // number of the entry
    struct view *holders;       // views with references
    struct calls *calls;        // NULL: no user has a rule
    bool looked;                // `calls` has looked at the message that is judged now
    const struct entry *answer; // of which the message that is judged now is a part (lent); NULL: it is none
    struct view **stateful;     // the stateful views of the scripts in use; lent
    size_t stateful_count;
    const struct message *event; // the event that the stateful views have judged; NULL: none
};

/** Does the view show every message of this kind as it is? */
bool view_is_transparent(const struct view *view, enum script_source source);
/** Decides what the view shows of `message`, which must live until view_forget(). @param view  NULL: it shows
 * everything
 *  @return the message to show, lent until view_forget(); NULL: nothing */
struct message *view_judge(struct view *view, struct view_verdicts *verdicts, struct message *message,
                           enum script_source source);
/** Decides what the view's filters show of an earlier message that the view's rule has just made visible.
 *  @return one reference, or NULL: nothing */
struct message *view_replay(struct view *view, struct message *message);
/** Has every stateful view judge the earlier messages that `event` reveals, then `event` itself, without the ActionID
 *  of the action that raised it. Called once for each event, whether or not a session wants it, so that the filters of
 *  all workers have the same state. */
void view_judge_stateful(struct view_verdicts *verdicts, struct message *event);
/** Has every stateful view judge the earlier messages that the current message reveals. Called alone for a message that
 *  is not delivered as an event. */
void view_replay_stateful(struct view_verdicts *verdicts);
/** Returns what a stateful view shows of revelation `index`: one reference, or NULL for nothing. */
struct message *view_replayed(const struct view *view, size_t index);
/** Forgets all verdicts and releases the copies that were made. */
void view_forget(struct view_verdicts *verdicts);

/** Returns the rules of a configuration's users; `rule` of a view is an index of this array. The caller frees it. */
struct call_rule *view_rules(const struct config *config, size_t *count);

#endif
