// core/session/connection/judgement.c: see judgement.h. The texts of errors are Asterisk's (main/manager.c:
// process_message).
#include "session/connection/judgement.h"

#include "ami/catalogue.h"
#include "ami/writer.h"
#include "base/memory.h"
#include "session/access/by_token.h"
#include "session/access/login.h"
#include "session/access/policy.h"
#include "session/access/rights.h"
#include "session/access/token_rights.h"
#include "session/client/set.h"
#include "session/connection/drain.h"
#include "session/connection/input.h"
#include "session/connection/local_actions.h"
#include "session/connection/move.h"
#include "session/delivery/resume.h"

#include <string.h>

struct span judgement_search(const struct message *message, const char *wanted)
{
    const struct header *headers = message_headers(message);
    const size_t length = strlen(wanted);
    struct span name, value;

    for (uint32_t i = 0; i < message->header_count; i++) {
        if (headers[i].name_length != length || headers[i].value_length == 0)
            continue;
        message_header(message, i, &name, &value);
        if (span_is(name, wanted))
            return value;
    }
    return (struct span){0};
}

static enum judgement_result judgement_refuse(struct judging *judging, enum amp_reason reason, const char *text)
{
    judging->fault = (struct fault){text, reason};
    return JUDGED_REFUSED;
}

static enum judgement_result refuse_right(struct judging *judging)
{
    return judgement_refuse(judging, judging->session->authenticated ? AMP_REASON_DENIED : AMP_REASON_NOT_LOGGED_IN,
                            "Permission denied");
}

// --- the verdict of the user's scripts --------------------------------------------------------------------------

/** Does the proxy itself answer this action? */
static bool is_answered_here(const struct session *session, const struct message *action)
{
    struct span name = message_action(action, NULL);

    return judgement_header(action, "ProxyAction").length > 0 ||
           (name.length > 0 && local_action_find(session, name, judgement_header(action, "Server")) != NULL);
}

/** May a script change the action `before` to `after`? An action that the proxy answers itself keeps its name, and no
 *  other action may become one, because other rules apply to it. */
static bool is_same_kind(const struct session *session, const struct message *before, const struct message *after)
{
    static const char *const names[] = {"Action", "ProxyAction"};

    if (!is_answered_here(session, before) && !is_answered_here(session, after))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!span_equals_nocase(judgement_header(before, names[i]), judgement_header(after, names[i])))
            return false;
    }
    return is_answered_here(session, before) == is_answered_here(session, after);
}

/** Receives the verdict of the user's scripts about the action for which the session waits. */
static void on_judged(void *context, struct handle handle, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct session *session = sessions_find(context, handle);
    struct held *held = session == NULL ? NULL : LIST_FIRST(&session->input.held, struct held, node);
    bool passed = verdict == SCRIPT_PASS || verdict == SCRIPT_CHANGE;

    if (held == NULL || session->wait.why != WAIT_VERDICT)
        return; // the session has ended, or waits for something else by now
    if (verdict == SCRIPT_CHANGE && !is_same_kind(session, held->message, action)) {
        struct log_context log = session_log(session);
        log_error(&log,
                  "action refused: a filter may not rename an action that the proxy answers, nor rename one to it");
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

/** Do the user's scripts judge this action? They never see actions of the login itself. */
static bool is_for_scripts(const struct judging *judging)
{
    const struct session *session = judging->session;

    if (session->view == NULL || !session->view->has_action || !session->authenticated)
        return false;
    switch (judging->kind) {
    case ACTION_FOR_SERVER:
        return true;
    case ACTION_LOCAL:
        return !judging->local->before_login;
    case ACTION_PROXY:
        return !span_is(judging->proxy_action, "Logoff");
    case ACTION_NONE:
        break;
    }
    return false;
}

// --- the steps --------------------------------------------------------------------------------------------------

/** Refuses what the decoder could not read as an action. */
static enum judgement_result judge_form(struct judging *judging)
{
    const char *rejected = judging->held->rejected;

    return rejected == NULL ? JUDGED_PASSES : judgement_refuse(judging, AMP_REASON_INVALID, rejected);
}

static enum judgement_result judge_proxy_key(struct judging *judging)
{
    const struct message *action = judging->held->message;

    return !message_may_have(action, "ProxyKey") || login_proxy_key(judging->session, action) ? JUDGED_PASSES
                                                                                              : JUDGED_DONE;
}

/** Reads the names again, which lie in the held action. */
static inline void read_names(struct judging *judging)
{
    const struct message *action = judging->held->message;

    judging->action = message_action(action, NULL);
    judging->proxy_action = judgement_header(action, "ProxyAction");
}

/** Finds out who answers the action. */
static enum judgement_result judge_kind(struct judging *judging)
{
    const struct message *action = judging->held->message;
    struct span name;

    read_names(judging);
    name = judging->action;
    if (judging->proxy_action.length > 0) {
        judging->kind = ACTION_PROXY;
    } else if (name.length == 0) {
        judging->kind = ACTION_NONE;
    } else if (action->info != NULL && action->info->effect != EFFECT_SESSION && action->info->effect != EFFECT_LOCAL) {
        judging->kind = ACTION_FOR_SERVER; // as the catalogue says: none of the table of local actions
    } else {
        judging->local = local_action_find(judging->session, name, judgement_header(action, "Server"));
        judging->kind = judging->local != NULL ? ACTION_LOCAL : ACTION_FOR_SERVER;
    }
    return JUDGED_PASSES;
}

/** Refuses new actions while the proxy goes down. An action that scripts have passed already is still handled. */
static enum judgement_result judge_drain(struct judging *judging)
{
    if (judging->held->judgement == JUDGEMENT_NONE &&
        drain_refuses(judging->session, judging->action, judging->proxy_action))
        return judgement_refuse(judging, AMP_REASON_NO_SERVER, "The proxy is going down");
    return JUDGED_PASSES;
}

/** Moves a session whose client comes back to the worker that keeps what it has missed, before the Login. */
static enum judgement_result judge_place(struct judging *judging)
{
    struct session *session = judging->session;
    struct span id = judgement_header(judging->held->message, "Resume");
    uint32_t worker;

    if (judging->kind != ACTION_LOCAL || judging->local->run != login_login || session->identified ||
        !resume_is_elsewhere(session, id, &worker))
        return JUDGED_PASSES;
    move_begin(session, worker);
    return JUDGED_WAITS;
}

static enum judgement_result judge_rights(struct judging *judging)
{
    const struct session *session = judging->session;
    const struct message *action = judging->held->message;
    bool may = true;

    if (judging->kind == ACTION_PROXY)
        may = session->authenticated || span_is(judging->proxy_action, "Logoff");
    else if (judging->kind == ACTION_FOR_SERVER)
        may = session->authenticated && rights_allow(session, judging->action, judgement_header(action, "Server"));
    return may ? JUDGED_PASSES : refuse_right(judging);
}

/** Refuses what the token by which the session has logged in does not permit, or permits no more. */
static enum judgement_result judge_token(struct judging *judging)
{
    const struct session *session = judging->session;
    const struct message *action = judging->held->message;
    bool may = true;

    if (session->token == NULL)
        return JUDGED_PASSES;
    if (judging->kind == ACTION_PROXY && !span_is(judging->proxy_action, "Logoff"))
        may = token_rights_permit(session, judging->proxy_action, action);
    else if (judging->kind == ACTION_FOR_SERVER)
        may = token_rights_permit(session, message_action(action, NULL), action);
    else if (judging->kind == ACTION_LOCAL && !judging->local->before_login)
        may = token_rights_permit_local(session, message_action(action, NULL));
    if (by_token_is_over(session) && judging->kind != ACTION_NONE &&
        !(judging->kind == ACTION_LOCAL && judging->local->before_login))
        return judgement_refuse(judging, AMP_REASON_NOT_LOGGED_IN, "Permission denied");
    return may ? JUDGED_PASSES : refuse_right(judging);
}

/** Refuses what would change the shared connection to the server, or break its framing. */
static enum judgement_result judge_wire(struct judging *judging)
{
    const struct message *action = judging->held->message;
    const struct action_info *info = action->info;
    enum writer_result verdict;

    if (judging->kind != ACTION_FOR_SERVER)
        return JUDGED_PASSES;
    if (info != NULL && info->effect == EFFECT_SESSION) // only a script can have changed the action to such a one
        return judgement_refuse(judging, AMP_REASON_DENIED, "Action Filtered");
    verdict = writer_check(action);
    return verdict == WRITER_OK ? JUDGED_PASSES : judgement_refuse(judging, AMP_REASON_INVALID, writer_text(verdict));
}

/** Applies the rules of the user's entry, which refuse the action or change it. */
static enum judgement_result judge_policy(struct judging *judging)
{
    struct message *changed;
    const char *text;

    if (judging->kind != ACTION_FOR_SERVER)
        return JUDGED_PASSES;
    text = policy_refuse(judging->session, judging->held->message, &changed);
    if (changed != NULL) {
        message_unref(judging->held->message);
        judging->held->message = changed;
        read_names(judging);
        enum writer_result verdict = writer_check(changed); // an added header may exceed the limits
        if (text == NULL && verdict != WRITER_OK)
            return judgement_refuse(judging, AMP_REASON_INVALID, writer_text(verdict));
    }
    return text == NULL ? JUDGED_PASSES : judgement_refuse(judging, AMP_REASON_DENIED, text);
}

/** Asks the user's scripts, once. After they passed the action, all steps judge it again in its present form. */
static enum judgement_result judge_scripts(struct judging *judging)
{
    struct session *session = judging->session;
    struct held *held = judging->held;

    if (held->judgement == JUDGEMENT_REFUSED)
        return judgement_refuse(judging, AMP_REASON_DENIED, held->reason);
    if (held->judgement == JUDGEMENT_PASSED || !is_for_scripts(judging))
        return JUDGED_PASSES;
    wait_begin(&session->wait, WAIT_VERDICT, NULL);
    script_chain_action(session->view->filters, session->view->count, held->message, session->handle, on_judged,
                        session->sessions);
    wait_park(&session->wait, WAIT_VERDICT);
    return held->judgement == JUDGEMENT_NONE ? JUDGED_WAITS : JUDGED_AGAIN;
}

// The steps in their order: what each is called, its function, and is it part of judgement_repeat()? Written out as
// calls, so that the compiler can make one function of those that are short: an action passes all of them.
#define STEPS(STEP)                           \
    STEP("form", judge_form, false)           \
    STEP("proxy key", judge_proxy_key, false) \
    STEP("kind", judge_kind, true)            \
    STEP("drain", judge_drain, false)         \
    STEP("place", judge_place, false)         \
    STEP("rights", judge_rights, true)        \
    STEP("token", judge_token, true)          \
    STEP("wire", judge_wire, true)            \
    STEP("policy", judge_policy, true)        \
    STEP("scripts", judge_scripts, false)

const char *judgement_step_name(size_t index)
{
#define STEP_NAME(name, judge, again) name,
    static const char *const names[] = {STEPS(STEP_NAME)};

    return index < sizeof names / sizeof names[0] ? names[index] : NULL;
}

/** Runs the steps, or those of judgement_repeat(). */
static enum judgement_result run_steps(struct judging *judging, bool is_repeat)
{
    enum judgement_result result = JUDGED_PASSES;

    // What the steps have found before may lie in an action that a script has replaced.
    *judging = (struct judging){.session = judging->session, .held = judging->held};
#define RUN_STEP(name, judge, again)                        \
    if (((again) || !is_repeat) && result == JUDGED_PASSES) \
        result = judge(judging);
    STEPS(RUN_STEP)
    return result;
}

enum judgement_result judgement_run(struct judging *judging)
{
    enum judgement_result result;

    do
        result = run_steps(judging, false);
    while (result == JUDGED_AGAIN); // at most once, as scripts are asked only once
    return result;
}

bool judgement_repeat(struct session *session, struct message *action)
{
    struct held held = {.message = message_ref(action)};
    struct judging judging = {.session = session, .held = &held};
    enum judgement_result result = run_steps(&judging, true);

    bool same = span_equals(message_wire(held.message), message_wire(action));
    message_unref(held.message);
    return result == JUDGED_PASSES && judging.kind == ACTION_FOR_SERVER && same;
}
