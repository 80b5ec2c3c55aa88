// core/session/connection/judgement.h: what is judged of an action before anything is done with it: one row of steps,
// in order. What a script has changed is judged again from the first step. Nothing is promised for later: an action
// that has waited is judged by what is so when its turn comes.  Thread: the session's worker.
#ifndef SESSION_CONNECTION_JUDGEMENT_H
#define SESSION_CONNECTION_JUDGEMENT_H

#include "session/connection/session.h"

struct local_action;

/** Who answers it. */
enum action_kind {
    ACTION_NONE,  // it has no name, and no ProxyAction
    ACTION_PROXY, // a proxy action: a script
    ACTION_LOCAL, // the session
    ACTION_FOR_SERVER
};

/** What is wrong with an action. */
struct fault {
    const char *text; // NULL: nothing
    enum amp_reason reason;
};

/** An action that is being judged. The first two are given; the rest is what was found, of the action as it is now. */
struct judging {
    struct session *session;
    struct held *held; // the first that is held
    enum action_kind kind;
    const struct local_action *local; // ACTION_LOCAL
    struct span proxy_action;         // ACTION_PROXY: its name
    struct fault fault;               // JUDGED_REFUSED
};

enum judgement_result {
    JUDGED_PASSES,
    JUDGED_REFUSED, // `fault` says why
    JUDGED_WAITS,   // a script has not said yet: the session waits (WAIT_VERDICT)
    JUDGED_DONE,    // it was answered
    JUDGED_AGAIN    // only inside: a script has spoken, all is judged once more
};

/** Goes through the steps. The held action may be another one afterwards: changed by rules or scripts. */
enum judgement_result judgement_run(struct judging *judging);
/** The name of step `index`, in their order; NULL: there are no more. */
const char *judgement_step_name(size_t index);
/** The first header of that name that says something; empty: none does. */
struct span judgement_header(const struct message *message, const char *name);

#endif
