// core/session/connection/judgement.h: the steps that judge an action before it is handled, in order. An action that a
// script has changed is judged again from the first step. An action that had to wait is judged when its turn comes, by
// the rights and the configuration of that moment.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_JUDGEMENT_H
#define SESSION_CONNECTION_JUDGEMENT_H

#include "session/client/session.h"

struct local_action;

/** Who answers an action. */
enum action_kind {
    ACTION_NONE,  // neither `Action:` nor `ProxyAction:` is present
    ACTION_PROXY, // a proxy action: a script
    ACTION_LOCAL, // the session
    ACTION_FOR_SERVER
};

/** Why an action is refused. */
struct fault {
    const char *text; // NULL: it is not
    enum amp_reason reason;
};

/** An action that is being judged. The caller sets the first two fields; the steps set the others, about the action as
 *  it is after all changes. Lives in one call of judgement_run(): a script that waits has the session's handle. */
struct judging {
    struct session *session;
    struct held *held; // the session's first held message
    enum action_kind kind;
    struct span action;               // its name, in the held message; empty: it has none
    const struct local_action *local; // ACTION_LOCAL
    struct span proxy_action;         // ACTION_PROXY: its name, in the held message
    struct fault fault;               // JUDGED_REFUSED
};

enum judgement_result {
    JUDGED_PASSES,
    JUDGED_REFUSED, // `fault` says why
    JUDGED_WAITS,   // the session waits: for a script (WAIT_VERDICT), or to go to another worker (WAIT_MOVE)
    JUDGED_DONE,    // the action was answered
    JUDGED_AGAIN    // internal: a script has decided, and all steps are repeated
};

/** Runs the steps. Rules and scripts may replace the held action by a changed one. */
enum judgement_result judgement_run(struct judging *judging);
/** May the session still send an action that was judged before and waits for its server, as it is? Judges by the
 * present rights and rules; scripts are not asked again. @param action  borrowed */
bool judgement_repeat(struct session *session, struct message *action);
/** Returns the name of step `index`, in the order of the steps; NULL: there are no more. */
const char *judgement_step_name(size_t index);
/** judgement_header() in a message that may have the header. */
struct span judgement_search(const struct message *message, const char *name);

/** Returns the value of the first header of that name that is not empty; an empty span: there is none. */
__attribute__((always_inline)) static inline struct span judgement_header(const struct message *message,
                                                                          const char *name)
{
    return message_may_have(message, name) ? judgement_search(message, name) : (struct span){NULL, 0};
}

#endif
