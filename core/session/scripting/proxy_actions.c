// core/session/scripting/proxy_actions.c: see proxy_actions.h. The actions are scripts (lua/proxyactions).
#include "session/scripting/proxy_actions.h"

#include "session/access/audited.h"
#include "session/access/login.h"
#include "session/client/set.h"
#include "session/delivery/give.h"
#include "session/delivery/reply.h"

static void proxy_actions_refuse(struct session *session, const struct message *action, enum amp_reason reason,
                                 const char *text)
{
    struct message_builder answer;

    audited_refusal(session, action, text);
    reply_begin_proxy(&answer, action, "Error");
    message_addf(&answer, "Message", "%s", text);
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, true, reason);
}

/** Sends a message of the script's answer. */
static void proxy_actions_on_reply(void *context, struct handle handle, struct message *message, bool final)
{
    struct session *session = sessions_find(context, handle);

    if (session == NULL)
        return;                                              // the session has ended meanwhile
    audited_end(session->audited, message, AMP_REASON_NONE); // the first message tells the outcome
    session->audited = NULL;
    session_give(session, message_ref(message), AMP_DELIVERY_ANSWER, final, AMP_REASON_NONE);
    if (!final)
        return;
    if (wait_end(&session->wait, WAIT_PROXY_ACTION)) {
        session_resume(session);
        sessions_mark_dirty(session);
    }
}

void proxy_actions_run(struct session *session, struct message *action, struct span name)
{
    struct script_state *state = scripts_state(session->sessions->scripts.current);
    struct script_action *found = script_action_find(state, name);

    if (!session->authenticated || (found == NULL && span_is(name, "Logoff"))) {
        login_logoff(session, action); // before a login the judgement passes only Logoff
    } else if (found == NULL) {
        proxy_actions_refuse(session, action, AMP_REASON_INVALID, "Invalid Proxy Action");
    } else if (script_action_info(found)->admin && !session->admin) {
        proxy_actions_refuse(session, action, AMP_REASON_DENIED, "Permission denied");
    } else {
        session->audited = audited_begin(session, action, (struct span){0}, NULL);
        wait_begin(&session->wait, WAIT_PROXY_ACTION, NULL);
        script_action_run(state, found, action, session->handle, proxy_actions_on_reply, session->sessions);
        wait_park(&session->wait, WAIT_PROXY_ACTION);
    }
}
