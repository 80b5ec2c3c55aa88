// core/session/scripting/proxy_actions.c: see proxy_actions.h. The actions are scripts (lua/proxyactions).
#include "session/scripting/proxy_actions.h"

#include "session/access/login.h"
#include "session/connection/actions.h"
#include "session/connection/input.h"
#include "session/connection/set.h"

static void refuse(struct session *session, const struct message *action, enum amp_reason reason, const char *text)
{
    struct message_builder answer;

    actions_begin_proxy(&answer, action, "Error");
    message_addf(&answer, "Message", "%s", text);
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, true, reason);
}

/** A message of the script's answer. */
static void on_replied(void *context, struct handle handle, struct message *message, bool final)
{
    struct session *session = sessions_find(context, handle);

    if (session == NULL)
        return; // it has ended meanwhile
    session_give(session, message_ref(message), AMP_DELIVERY_ANSWER, final, AMP_REASON_NONE);
    if (!final)
        return;
    if (wait_end(&session->wait, WAIT_PROXY_ACTION)) {
        input_resume(session);
        sessions_mark_dirty(session);
    }
}

void proxy_actions_run(struct session *session, struct message *action, struct span name)
{
    struct script_state *state = scripts_state(session->sessions->scripts.current);
    const struct script_action *found = script_action_find(state, name);

    if (!session->authenticated || (found == NULL && span_is(name, "Logoff"))) {
        login_logoff(session, action); // nothing else gets here before a login
    } else if (found == NULL) {
        refuse(session, action, AMP_REASON_INVALID, "Invalid Proxy Action");
    } else if (script_action_info(found)->admin && !session->admin) {
        refuse(session, action, AMP_REASON_DENIED, "Permission denied");
    } else {
        wait_begin(&session->wait, WAIT_PROXY_ACTION, NULL);
        script_action_run(state, found, action, session->handle, on_replied, session->sessions);
        wait_park(&session->wait, WAIT_PROXY_ACTION);
    }
}
