// core/session/scripting/calls.c: see calls.h.
#include "session/scripting/calls.h"

#include "ami/catalogue.h"
#include "base/memory.h"
#include "session/access/audited.h"
#include "session/access/token_rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCRIPTS_SESSION \
    (UINT64_C(1) << 63) // asks of scripts have session numbers of their own, so none waits for others

// --- asks -------------------------------------------------------------------------------------------------------

static void script_calls_send(struct sessions *sessions, struct script_call *call, const char *server,
                              struct message *action)
{
    const struct action_info *info = catalogue_find(message_action(action, NULL));
    struct ask *ask;

    if (info != NULL && info->effect == EFFECT_SESSION) {
        script_call_end(call, "not an action for a server: it changes the state of its own session");
        return;
    }
    ask = ask_create(action, server);
    ask->call = call;
    ask->of_script = true;
    ask->worker = sessions->worker;
    ask->session_id = SCRIPTS_SESSION | ++sessions->script_ask_count << 8 | (sessions->worker & 0xff);
    ask->slow = catalogue_blocks(action);
    ask->server_named = server != NULL;
    ask->all_servers = server != NULL && strcmp(server, "*") == 0;
    const char *by;
    struct handle handle = script_call_session(call, &by);
    ask->audit = audited_begin(sessions_find(sessions, handle), action, span_of(server), by);
    list_add_first(&sessions->script_asks, &ask->of_session);
    sessions->link.ask(sessions->link.context, ask_ref(ask));
}

// --- calls that a session's filters judge -------------------------------------------------------------------------

/** An action that a proxy action sends for a session, while the session's filters judge it. */
struct judged_call {
    struct list_node node; // in judged_calls of the worker's sessions
    struct sessions *sessions;
    struct script_call *call;
    struct handle session;
};

/** Takes the first call of a session (NULL: of any) out of the list. @return NULL: there is none */
static struct judged_call *take_judged_of(struct sessions *sessions, const struct handle *session)
{
    for (struct list_node *node = sessions->judged_calls.first; node != NULL; node = node->next) {
        struct judged_call *judged = LIST_OBJECT(node, struct judged_call, node);
        if (session != NULL && !handle_equals(judged->session, *session))
            continue;
        list_remove(&sessions->judged_calls, node);
        return judged;
    }
    return NULL;
}

/** Ends the calls of a session (NULL: all), and those that begin meanwhile. */
static void end_judged_of(struct sessions *sessions, const struct handle *session, const char *reason)
{
    struct judged_call *judged;

    while ((judged = take_judged_of(sessions, session)) != NULL) {
        script_call_end(judged->call, reason);
        free(judged);
    }
}

static void on_call_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                           const char *reason)
{
    struct judged_call *judged = context;
    struct span server;
    bool passed = verdict == SCRIPT_PASS || verdict == SCRIPT_CHANGE;
    struct sessions *sessions = judged->sessions;
    struct script_call *call = judged->call;
    (void)session;

    list_remove(&sessions->judged_calls, &judged->node); // first: the script goes on, and its session may end
    free(judged);
    if (!script_call_is_awaited(call)) {
        script_call_end(call, "the script does not wait for it any more");
    } else if (!passed) {
        script_call_end(call, reason != NULL && reason[0] != '\0' ? reason : "Action Filtered");
    } else if (message_find(action, "Server", &server) && server.length > 0) {
        char *name = memory_text_of(server.bytes, server.length);
        script_calls_send(sessions, call, name, action);
        free(name);
    } else {
        script_calls_send(sessions, call, NULL, action);
    }
}

/** Makes a copy of the action with `Server: NAME`, as a client would have written it. */
static struct message *with_server(const struct message *action, const char *server)
{
    struct message_builder builder;
    struct span name, value;

    message_builder_init(&builder);
    for (uint32_t i = 0; i < action->header_count; i++) {
        message_header(action, i, &name, &value);
        if (!span_is(name, "Server"))
            message_add_copy(&builder, action, i);
    }
    if (server != NULL)
        message_addf(&builder, "Server", "%s", server);
    return message_build(&builder);
}

void script_host_call(void *context, struct script_call *call, const char *server, struct message *action,
                      uint64_t timeout_ms)
{
    struct sessions *sessions = context;
    const char *by;
    struct handle handle = script_call_session(call, &by);
    struct session *session = by == NULL ? NULL : sessions_find(sessions, handle);

    if (session != NULL && !token_rights_permit_call(session, action)) {
        script_call_end(call, "Permission denied");
        return;
    }
    (void)timeout_ms; // script/ ends the wait by this time limit, and drops an answer that comes later
    if (session == NULL || session->view == NULL || !session->view->has_action) {
        script_calls_send(sessions, call, server, action);
        return;
    }
    struct judged_call *judged = memory_zero(1, sizeof *judged);
    *judged = (struct judged_call){.sessions = sessions, .call = call, .session = handle};
    list_add_first(&sessions->judged_calls, &judged->node);
    struct message *shown = with_server(action, server);
    script_chain_call(session->view->filters, session->view->count, shown, handle, by, on_call_judged, judged);
    message_unref(shown);
}

void script_host_leave(void *context, struct script_call *call)
{
    const struct sessions *sessions = context;

    for (struct list_node *node = sessions->script_asks.first; node != NULL; node = node->next) {
        struct ask *ask = LIST_OBJECT(node, struct ask, of_session);
        if (ask->call == call)
            ask_withdraw(ask);
    }
}

void script_calls_answer(struct sessions *sessions, const struct entry *entry, struct message *message)
{
    struct ask *ask = entry->ask;
    struct script_call *call = ask->call;
    struct span text;
    char reason[200];

    if (call == NULL || entry->part.kind != ANSWER_PART_IN_TURN)
        return;
    if (entry->part.reason == AMP_REASON_NONE)
        script_call_message(call, message);
    if (!entry->part.final)
        return;
    ask->call = NULL;
    list_remove(&sessions->script_asks, &ask->of_session);
    message_find(message, "Message", &text);
    snprintf(reason, sizeof reason, "%.*s", (int)text.length, text.bytes);
    script_call_end(call, entry->part.reason == AMP_REASON_NONE ? NULL : reason);
    ask_unref(ask);
}

void script_calls_leave(struct session *session)
{
    end_judged_of(session->sessions, &session->handle, "the session has ended");
}

void script_calls_finish(struct sessions *sessions)
{
    end_judged_of(sessions, NULL, "the proxy ends");
    for (struct list_node *node; (node = list_take_first(&sessions->script_asks)) != NULL;) {
        struct ask *ask = LIST_OBJECT(node, struct ask, of_session);
        script_call_end(ask->call, "the proxy ends");
        ask->call = NULL;
        ask_withdraw(ask);
        ask_unref(ask);
    }
}
