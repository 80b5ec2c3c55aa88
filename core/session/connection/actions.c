// core/session/connection/actions.c: see actions.h. After the judgement an action is answered here or becomes an ask
// for the hub. The texts of errors are Asterisk's (main/manager.c: process_message).
#include "session/connection/actions.h"

#include "ami/catalogue.h"
#include "base/memory.h"
#include "session/access/audited.h"
#include "session/access/rights.h"
#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/connection/judgement.h"
#include "session/connection/local_actions.h"
#include "session/delivery/feeds.h"
#include "session/delivery/plain_answer.h"
#include "session/delivery/reply.h"
#include "session/scripting/proxy_actions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAST_NAME_BYTES 23 // most of the name of an action in reports, if the catalogue lacks it

// --- what goes to a server --------------------------------------------------------------------------------------

/** Where an action of the session goes. */
struct route {
    struct target target;
    bool fixed; // to no other server; else to the first that is up
};

/** Does an action go where the session's last one went? */
static bool is_same_lane(const struct session *session, const struct route *route, bool slow)
{
    if (session->asks.lane != (slow ? ASKED_SLOW : ASKED_MAIN) || session->asks.fixed != route->fixed)
        return false;
    if (route->target.all)
        return false; // one server would answer this one while another has not answered the last one yet
    return span_equals((struct span){session->asks.server, session->asks.server_length}, route->target.server);
}

static inline void remember_id(struct session *session, const struct message *action)
{
    struct span id = message_action_id(action);

    if (session->events.autofilter != AUTOFILTER_ON || id.length == 0)
        return;
    free(session->events.last_id);
    session->events.last_id = memory_text_of(id.bytes, id.length);
    feeds_choose(session);
    publish_session(session);
}

static void remember_server(struct session *session, struct span server)
{
    free(session->asks.server);
    session->asks.server = server.length > 0 ? memory_text_of(server.bytes, server.length) : NULL;
    session->asks.server_length = (uint32_t)server.length;
}

static void send_ask(struct session *session, struct message *action, const struct route *route, bool slow)
{
    struct sessions *sessions = session->sessions;
    const char *server = route->fixed ? session->asks.server : NULL;
    struct ask *ask = ask_create_in(&sessions->asks, action, server);

    ask->session = session->handle;
    ask->identity = session->identity;
    ask->session_id = session->id;
    ask->worker = sessions->worker;
    ask->slow = slow;
    ask->checked = true; // by writer_check(), in the judgement
    ask->alone = session->asks.count == 0;
    ask->write = session->write;
    // Other actions begin no list, or so seldom that its items may come one at a time.
    ask->takes_items =
        (action->info == NULL || action->info->shape == ANSWER_LIST) && plain_answer_is_for(session, ask);
    ask->server_named = route->target.named;
    ask->all_servers = route->target.all;
    ask->audit = audited_begin(session, action, span_of(server), NULL);
    if (ask->audit != NULL && server == NULL)
        audit_text(ask->audit, "server", route->target.server);
    list_add_first(&session->asks.list, &ask->of_session);
    session->asks.count++;
    sessions->link.ask(sessions->link.context, ask_ref(ask));
}

static struct route route_of(const struct session *session, const struct message *action)
{
    const struct user_config *user = session->user;
    struct target target = rights_target(session, action);
    bool is_tied = user != NULL && config_is_tied(user); // the action was judged for this server only
    bool is_fixed = target.named || is_tied || (user != NULL && user->server != NULL);

    return (struct route){target, is_fixed && target.server.length > 0};
}

/** Sends the action to a server. @return false: an earlier action of the session is unanswered on another lane, and the
 *  answers could change their order */
static bool actions_forward(struct session *session, struct message *action)
{
    struct route route = route_of(session, action);
    bool slow = catalogue_blocks(action);

    bool same = is_same_lane(session, &route, slow);
    if (session->asks.count > 0 && !same)
        return false;
    if (!same) {
        remember_server(session, route.target.server);
        session->asks.fixed = route.fixed;
        session->asks.lane = slow ? ASKED_SLOW : ASKED_MAIN;
    }
    remember_id(session, action);
    send_ask(session, action, &route, slow);
    return true;
}

void actions_judge_again(struct session *session)
{
    for (struct list_node *node = session->asks.list.first; node != NULL; node = node->next) {
        struct ask *ask = LIST_OBJECT(node, struct ask, of_session);
        struct route route = route_of(session, ask->action);
        bool same = span_equals(route.fixed ? route.target.server : (struct span){0}, span_of(ask->server));
        if (!same || !judgement_repeat(session, ask->action))
            ask_deny(ask);
    }
}

// --- what is answered here --------------------------------------------------------------------------------------

/** Answers a message without an action, which is valid only if it carries a ProxyKey. */
static void answer_nothing(struct session *session, const struct message *message)
{
    struct span key;

    if (session->authenticated && message_find(message, "ProxyKey", &key))
        reply_text(session, message, "Success", "Authentication accepted");
    else
        reply_refuse(session, message, AMP_REASON_INVALID, "Missing action in request");
}

static void answer_here(struct session *session, const struct judging *judging)
{
    struct message *action = judging->held->message;

    switch (judging->kind) {
    case ACTION_PROXY:
        proxy_actions_run(session, action, judging->proxy_action);
        break;
    case ACTION_LOCAL:
        if (!judging->local->before_login)
            remember_id(session, action);
        judging->local->run(session, action);
        break;
    case ACTION_NONE:
    case ACTION_FOR_SERVER:
        answer_nothing(session, action);
        break;
    }
}

/** Notes the action for reports. Actions of the catalogue are noted without a copy. */
static void note_last(struct session *session, const struct judging *judging)
{
    const struct message *action = judging->held->message;

    session->last.action = action->info != NULL ? action->info->name : NULL;
    session->last.at_ms = metric_get(&session->sessions->metrics->beat_ms);
    if (action->info == NULL) {
        struct span name = judging->proxy_action.length > 0 ? judging->proxy_action : message_action(action, NULL);
        free(session->last.name);
        name.length = name.length < LAST_NAME_BYTES ? name.length : LAST_NAME_BYTES;
        session->last.name = name.length == 0 ? NULL : memory_text_of(name.bytes, name.length);
    }
}

bool actions_dispatch(struct session *session, struct held *held)
{
    struct judging judging = {.session = session, .held = held};
    enum judgement_result result = judgement_run(&judging);

    note_last(session, &judging);
    if (result == JUDGED_WAITS || result == JUDGED_DONE)
        return result == JUDGED_DONE;
    if (result == JUDGED_PASSES && judging.kind == ACTION_FOR_SERVER)
        return actions_forward(session, held->message);
    if (session->asks.count > 0)
        return false; // the proxy's own answers keep their place behind those of servers
    if (result == JUDGED_REFUSED)
        audited_refusal(session, held->message, judging.fault.text);
    if (result == JUDGED_REFUSED)
        reply_refuse(session, held->message, judging.fault.reason, judging.fault.text);
    else
        answer_here(session, &judging);
    return true;
}
