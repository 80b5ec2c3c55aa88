// core/session/connection/actions.c: see actions.h. Session state is answered here, the rest becomes an ask for the
// hub. Texts are Asterisk's (main/manager.c: process_message).
#include "session/connection/actions.h"

#include "ami/catalogue.h"
#include "ami/event_class.h"
#include "ami/writer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "session/access/login.h"
#include "session/access/policy.h"
#include "session/access/rights.h"
#include "session/connection/input.h"
#include "session/connection/set.h"
#include "session/delivery/event_actions.h"
#include "session/drain.h"
#include "session/scripting/proxy_actions.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void begin_as(struct message_builder *answer, const char *first, const struct message *request, const char *kind)
{
    struct span id = request == NULL ? (struct span){0} : message_action_id(request);

    message_builder_init(answer);
    message_addf(answer, first, "%s", kind);
    if (id.length > 0)
        message_add(answer, span_of("ActionID"), id);
}

void actions_begin(struct message_builder *answer, const struct message *request, const char *kind)
{
    begin_as(answer, "Response", request, kind);
}

void actions_answer(struct session *session, const struct message *request, const char *kind, const char *text)
{
    struct message_builder answer;

    actions_begin(&answer, request, kind);
    message_addf(&answer, "Message", "%s", text);
    session_send(session, message_build(&answer));
}

void actions_begin_proxy(struct message_builder *answer, const struct message *request, const char *kind)
{
    begin_as(answer, "ProxyResponse", request, kind);
}

struct message *actions_error(const struct message *request, const char *text)
{
    struct message_builder answer;

    actions_begin(&answer, request, "Error");
    message_addf(&answer, "Message", "%s", text);
    return message_build(&answer);
}

void actions_refuse(struct session *session, const struct message *request, enum amp_reason reason, const char *text)
{
    session_give(session, actions_error(request, text), AMP_DELIVERY_ANSWER, true, reason);
}

// --- actions that are state of the session ----------------------------------------------------------------------

static void do_ping(struct session *session, const struct message *action)
{
    struct message_builder answer;
    int64_t seconds;
    int32_t microseconds;

    clock_wall(&seconds, &microseconds);
    actions_begin(&answer, action, "Success");
    message_addf(&answer, "Ping", "Pong");
    message_addf(&answer, "Timestamp", "%" PRId64 ".%06" PRId32, seconds, microseconds);
    session_send(session, message_build(&answer));
}

typedef void action_function(struct session *session, const struct message *action);

static const struct local_action {
    struct span name;
    bool before_login;
    action_function *run;
} local_actions[] = {
    {{"Login", 5}, true, login_login},
    {{"Challenge", 9}, true, login_challenge},
    {{"Logoff", 6}, true, login_logoff},
    {{"Ping", 4}, false, do_ping},
    {{"Events", 6}, false, event_actions_events},
    {{"Filter", 6}, false, event_actions_filter},
    {{"WaitEvent", 9}, false, event_actions_wait},
};

// --- what goes to a server --------------------------------------------------------------------------------------

/** The first non-empty header `name`. */
static struct span first_filled(const struct message *message, struct span name)
{
    struct span header, value;

    for (uint32_t i = 0; i < message->header_count; i++) {
        message_header(message, i, &header, &value);
        if (value.length > 0 && span_equals_nocase(header, name))
            return value;
    }
    return (struct span){0};
}

/** Does an action go where the session's last one went? */
static bool is_same_lane(const struct session *session, const char *server, bool slow)
{
    if (session->asks.lane != (slow ? ASKED_SLOW : ASKED_MAIN) || (session->asks.server == NULL) != (server == NULL))
        return false;
    return server == NULL || strcmp(session->asks.server, server) == 0;
}

static void remember_id(struct session *session, const struct message *action)
{
    struct span id = message_action_id(action);

    if (session->events.autofilter != AUTOFILTER_ON || id.length == 0)
        return;
    free(session->events.last_id);
    session->events.last_id = memory_text_of(id.bytes, id.length);
    session_choose_feed(session);
    session_publish(session);
}

static void send_ask(struct session *session, struct message *action, const char *server, bool named, bool slow)
{
    struct sessions *sessions = session->sessions;
    struct ask *ask = ask_create(action, server);

    ask->session = session->handle;
    ask->identity = session->identity;
    ask->session_id = session->id;
    ask->worker = sessions->worker;
    ask->slow = slow;
    ask->checked = true; // find_fault()
    ask->alone = session->asks.count == 0;
    ask->write = session->write;
    ask->server_named = named;
    ask->all_servers = named && server != NULL && strcmp(server, "*") == 0;
    list_add_first(&session->asks.list, &ask->of_session);
    session->asks.count++;
    sessions->link.ask(sessions->link.context, ask_ref(ask));
}

/** @return false: it would overtake, or be overtaken by, what the session asked before on another lane */
static bool forward(struct session *session, struct message *action)
{
    struct target target = rights_target(session, action);
    const struct user_config *user = session->user;
    bool named = (user == NULL || user->server == NULL) && first_filled(action, span_of("Server")).length > 0;
    bool is_tied = user != NULL && config_is_tied(user); // it was judged for this server, and for no other
    bool is_fixed = named || is_tied || (user != NULL && user->server != NULL);
    char *server =
        is_fixed && target.server.length > 0 ? memory_text_of(target.server.bytes, target.server.length) : NULL;
    bool slow = catalogue_blocks(action);

    bool same = is_same_lane(session, server, slow);
    if (session->asks.count > 0 && !same) {
        free(server);
        return false;
    }
    if (!same) {
        free(session->asks.server);
        session->asks.server = memory_text(server);
        session->asks.lane = slow ? ASKED_SLOW : ASKED_MAIN;
    }
    remember_id(session, action);
    send_ask(session, action, server, named, slow);
    free(server);
    return true;
}

// --- the order of judgement -------------------------------------------------------------------------------------

/** The action of that name that is answered here; NULL: it is for a server (or for nobody). */
static const struct local_action *find_local(const struct session *session, struct span name, struct span server)
{
    for (size_t i = 0; i < sizeof local_actions / sizeof local_actions[0]; i++) {
        const struct local_action *local = &local_actions[i];
        if (!span_equals_nocase(name, local->name) || (!session->authenticated && !local->before_login))
            continue;
        return local->run == do_ping && server.length > 0 ? NULL : local; // it asks after a server, not after us
    }
    return NULL;
}

/** What is wrong with an action. */
struct fault {
    const char *text; // NULL: nothing
    enum amp_reason reason;
};

static struct fault no_right(const struct session *session)
{
    return (struct fault){"Permission denied", session->authenticated ? AMP_REASON_DENIED : AMP_REASON_NOT_LOGGED_IN};
}

/** Why the action is not sent to a server. */
static struct fault find_fault(const struct session *session, const struct message *action, struct span name)
{
    enum writer_result verdict;

    const struct action_info *info = catalogue_find(name);

    if (!session->authenticated || !rights_allow(session, name, first_filled(action, span_of("Server"))))
        return no_right(session);
    if (info != NULL && info->effect == EFFECT_SESSION) // a script has made it one
        return (struct fault){"Action Filtered", AMP_REASON_DENIED};
    verdict = writer_check(action);
    return (struct fault){verdict == WRITER_OK ? NULL : writer_text(verdict), AMP_REASON_INVALID};
}

/** The rules of the user's entry: refused, or changed in place. */
static struct fault apply_policy(const struct session *session, struct held *held)
{
    struct message *changed;
    const char *text = policy_refuse(session, held->message, &changed);

    if (changed != NULL) {
        message_unref(held->message);
        held->message = changed;
        enum writer_result verdict = writer_check(changed); // with the account there may be a line too many
        if (text == NULL && verdict != WRITER_OK)
            return (struct fault){writer_text(verdict), AMP_REASON_INVALID};
    }
    return (struct fault){text, AMP_REASON_DENIED};
}

/** All that is judged of what is to be sent to a server; it may be changed in place. */
static struct fault find_refusal(const struct session *session, struct held *held)
{
    struct fault fault = find_fault(session, held->message, message_action(held->message, NULL));

    return fault.text != NULL ? fault : apply_policy(session, held);
}

/** A message without an action: fine if it brought a ProxyKey. */
static void answer_nothing(struct session *session, const struct message *message)
{
    struct span key;

    if (session->authenticated && message_find(message, "ProxyKey", &key))
        actions_answer(session, message, "Success", "Authentication accepted");
    else
        actions_refuse(session, message, AMP_REASON_INVALID, "Missing action in request");
}

/** Does the proxy itself answer it? */
static bool is_answered_here(const struct session *session, const struct message *action)
{
    struct span name = message_action(action, NULL);

    return first_filled(action, span_of("ProxyAction")).length > 0 ||
           (name.length > 0 && find_local(session, name, first_filled(action, span_of("Server"))) != NULL);
}

/** A script has changed an action. What the proxy answers itself stays what it is: nothing becomes that, nothing else
 *  is made of it, since it would have to be judged by other rules. */
static bool is_same_kind(const struct session *session, const struct message *before, const struct message *after)
{
    static const char *const names[] = {"Action", "ProxyAction"};

    if (!is_answered_here(session, before) && !is_answered_here(session, after))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!span_equals_nocase(first_filled(before, span_of(names[i])), first_filled(after, span_of(names[i]))))
            return false;
    }
    return is_answered_here(session, before) == is_answered_here(session, after);
}

/** The user's scripts have judged the action that the session waits for. */
static void on_judged(void *context, struct handle handle, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct session *session = sessions_find(context, handle);
    struct held *held = session == NULL ? NULL : session->input.held_first;
    bool passed = verdict == SCRIPT_PASS || verdict == SCRIPT_CHANGE;

    if (held == NULL || session->wait.why != WAIT_VERDICT)
        return; // nobody waits for it any more
    if (verdict == SCRIPT_CHANGE && !is_same_kind(session, held->message, action)) {
        struct log_context log = session_log(session);
        log_error(&log, "a filter made another action of one that the proxy answers itself: it is refused");
        passed = false;
    } else if (verdict == SCRIPT_CHANGE) {
        message_ref(action);
        message_unref(held->message);
        held->message = action;
    }
    held->judgement = passed ? JUDGEMENT_PASSED : JUDGEMENT_REFUSED;
    held->reason = passed ? NULL : memory_text(reason != NULL && reason[0] != '\0' ? reason : "Action Filtered");
    if (wait_end(&session->wait, WAIT_VERDICT)) {
        input_resume(session);
        sessions_mark_dirty(session);
    }
}

/** Asks the user's scripts for their verdict. @return false: it is not there yet */
static bool judge(struct session *session, struct held *held)
{
    if (session->view == NULL || !session->view->has_action || held->judgement >= JUDGEMENT_PASSED)
        return true;
    if (held->judgement == JUDGEMENT_NONE) {
        wait_begin(&session->wait, WAIT_VERDICT, NULL);
        script_chain_action(session->view->filters, session->view->count, held->message, session->handle, on_judged,
                            session->sessions);
        wait_park(&session->wait, WAIT_VERDICT);
    }
    return held->judgement >= JUDGEMENT_PASSED;
}

bool actions_dispatch(struct session *session, struct held *held)
{
    struct message *action = held->message;
    struct span name = message_action(action, NULL);
    struct span proxy_action = first_filled(action, span_of("ProxyAction"));
    struct span server = first_filled(action, span_of("Server"));
    struct fault fault = {held->rejected, AMP_REASON_INVALID};

    if (fault.text == NULL && !login_proxy_key(session, action))
        return true;
    bool is_local = proxy_action.length > 0 || name.length == 0;
    const struct local_action *local = is_local ? NULL : find_local(session, name, server);
    if (fault.text == NULL && held->judgement == JUDGEMENT_NONE && drain_refuses(session, name, proxy_action))
        fault = (struct fault){"The proxy is going down", AMP_REASON_NO_SERVER};
    if (fault.text == NULL && !is_local && local == NULL) {
        if (held->judgement == JUDGEMENT_NONE)
            fault = find_refusal(session, held);
        if (fault.text == NULL && !judge(session, held))
            return false;
        if (held->judgement == JUDGEMENT_REFUSED)
            fault = (struct fault){held->reason, AMP_REASON_DENIED};
        else if (held->judgement == JUDGEMENT_PASSED)
            fault = find_refusal(session, held); // of what the scripts made of it, and as things are now
        action = held->message;
        if (fault.text == NULL)
            return forward(session, action);
    }

    bool shown = session->authenticated &&
                 (local != NULL ? !local->before_login : proxy_action.length > 0 && !span_is(proxy_action, "Logoff"));
    if (fault.text == NULL && shown) {
        if (!judge(session, held))
            return false;
        action = held->message; // what the scripts made of it: the same action, with other headers
        proxy_action = first_filled(action, span_of("ProxyAction"));
        if (held->judgement == JUDGEMENT_REFUSED)
            fault = (struct fault){held->reason, AMP_REASON_DENIED};
    }
    if (session->asks.count > 0)
        return false; // our own answers wait their turn, as they would behind a busy Asterisk
    if (fault.text == NULL && proxy_action.length > 0 && !session->authenticated && !span_is(proxy_action, "Logoff"))
        fault = no_right(session);
    if (fault.text != NULL) {
        actions_refuse(session, action, fault.reason, fault.text);
    } else if (proxy_action.length > 0) {
        proxy_actions_run(session, action, proxy_action);
    } else if (local == NULL) {
        answer_nothing(session, action);
    } else {
        if (!local->before_login)
            remember_id(session, action);
        local->run(session, action);
    }
    return true;
}
