// core/session/access/login.c: see login.h; credentials.c checks a Login. The texts and the order of headers are
// Asterisk's (main/manager.c: action_login, authenticate, action_challenge, action_logoff).
#include "session/access/login.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "session/access/audited.h"
#include "session/access/by_token.h"
#include "session/access/limits.h"
#include "session/access/rights.h"
#include "session/access/token_rights.h"
#include "session/client/due.h"
#include "session/client/publish.h"
#include "session/client/set.h"
#include "session/delivery/feeds.h"
#include "session/delivery/give.h"
#include "session/delivery/reply.h"
#include "session/delivery/resume.h"
#include "session/delivery/snapshot.h"
#include "session/keys.h"
#include "session/scripting/host.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REFUSAL_DELAY_MS 1000 // as long as Asterisk delays the answer to a wrong login

void login_challenge(struct session *session, const struct message *action)
{
    struct message_builder answer;

    if (!span_is(credentials_header(action, "AuthType"), "MD5")) {
        reply_refuse(session, action, AMP_REASON_INVALID, "Must specify AuthType");
        return;
    }
    reply_begin(&answer, action, "Success");
    message_addf(&answer, "Challenge", "%s", credentials_challenge(session));
    session_send(session, message_build(&answer));
}

void login_count_success(const struct session *session, const struct message *action)
{
    struct failures_key key = credentials_failures_key(session, action);

    failures_succeeded(session->sessions->link.failures, &key, clock_ms());
}

/** Makes the FullyBooted event that Asterisk sends after a login (main/manager.c). @return one reference; NULL: the
 *  servers are not ready, or the session's mask excludes the event */
static struct message *login_booted_event(const struct session *session)
{
    const struct servers_state *state = session->sessions->state;
    struct message_builder event;
    uint64_t now = clock_ms();

    if ((session->events.mask & session->read & CLASS_SYSTEM) == 0 || !state->booted)
        return NULL;
    message_builder_init(&event);
    message_addf(&event, "Event", "FullyBooted");
    message_addf(&event, "Privilege", "system,all");
    if (state->boot_known) {
        message_addf(&event, "Uptime", "%" PRIu64, (now - state->boot_ms) / 1000);
        message_addf(&event, "LastReload", "%" PRIu64, (now - state->reload_ms) / 1000);
    }
    message_addf(&event, "Status", "Fully Booted");
    return message_build(&event);
}

/** Logs the session in, by the token that it has by now. @param user  NULL: every action is allowed
 *  @param admin  may also control the proxy itself */
static void login_grant(struct session *session, const struct user_config *user, bool admin, uint32_t mask)
{
    session->identity += session->authenticated && session->user != user;
    session->user = user;
    session->view = rights_view(session, session->config, user);
    session->read = user != NULL ? user->read : CLASS_ALL;
    session->write = user != NULL ? user->write : CLASS_ALL;
    session->admin = admin;
    token_rights_reduce(session);
    session->events.mask = mask;
    session->authenticated = true;
    session->outdated = false;
    session->identified = true;
    due_set_deadline(session, 0);
    feeds_choose(session);
    publish_session(session);
}

void login_as(struct session *session, const struct user_config *user, uint32_t mask)
{
    login_grant(session, user, session->listen->control, mask);
}

void login_open(struct session *session)
{
    login_grant(session, NULL, false, CLASS_ALL);
    session->identified = false;
}

void login_expect(struct session *session)
{
    session->login_by_ms = clock_ms() + session->sessions->config->auth.timeout_ms;
    due_set_deadline(session, session->login_by_ms);
}

/** Logs the session out. The next user gets neither the answers nor the filters of this one: hence another `identity`,
 *  except where no login is required. */
static void login_log_out(struct session *session)
{
    event_filters_unref(session->events.filters);
    session->events.filters = NULL;
    free(session->events.last_id);
    session->events.last_id = NULL;
    session->events.autofilter = session->listen->autofilter;
    session->identity += session->authenticated && (session->user != NULL || session->sessions->config->auth.required);
    if (session->authenticated && session->sessions->config->auth.required)
        login_expect(session);
    session->authenticated = false;
    session->outdated = false;
    session->identified = false;
    session->admin = false;
    session->user = NULL;
    by_token_end(session);
    session->view = NULL;
    feeds_choose(session);
    publish_session(session);
}

void login_forget(struct session *session)
{
    login_log_out(session);
    if (!session->sessions->config->auth.required)
        login_open(session);
}

/** Returns the event mask of a Login. An invalid mask means no events, without an error (Asterisk main/manager.c). */
static uint32_t login_mask_of(const struct message *action)
{
    struct span events;
    uint32_t mask = CLASS_ALL;

    if (message_find(action, "Events", &events) && events.length > 0 && !event_mask_parse(events, &mask))
        mask = 0;
    return mask;
}

/** Answers a Login. @param last  an event that belongs to the answer; NULL: none */
static void login_answer(struct session *session, const struct message *action, struct message *last)
{
    struct message_builder answer;

    reply_begin(&answer, action, "Success");
    message_addf(&answer, "Message", "Authentication accepted");
    session_give(session, message_build(&answer), AMP_DELIVERY_ANSWER, last == NULL, AMP_REASON_NONE);
    if (last != NULL && !session_is_dead(session))
        session_give(session, message_ref(last), AMP_DELIVERY_ANSWER, true, AMP_REASON_NONE);
}

/** Accepts a Login; takes the token of `credentials`. The rights are set before the answer, because the client may send
 * an action at once after it. */
static void login_accept(struct session *session, const struct message *action, const struct credentials *credentials)
{
    const struct user_config *user = credentials->user;
    bool hears_events = session_is_encoded(session) || sessions_is_listening(session); // before the answer changes it
    bool is_one_answer = session->format.collecting;
    struct message *booted;
    struct log_context log;
    struct span id;

    if (!session->detached && message_find(action, "Resume", &id) && id.length > 0)
        resume_ask(session, id);
    by_token_begin(session, credentials->token);
    login_grant(session, user, user->admin, login_mask_of(action));
    booted = hears_events ? login_booted_event(session) : NULL;
    login_answer(session, action, is_one_answer ? booted : NULL);
    bool resumed = !session_is_dead(session) && resume_settle(session);
    if (!session_is_dead(session))
        script_host_tell(session, SCRIPT_SESSION_LOGIN);
    if (!session_is_dead(session) && booted != NULL && !resumed && !is_one_answer)
        session_give(session, message_ref(booted), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
    message_unref(booted);
    if (session_is_dead(session))
        return;
    if (hears_events && !resumed)
        snapshot_tell(session);
    log = session_log(session);
    if (session->token != NULL)
        log_info(&log, "login accepted token=%s", session->token->label);
    else
        log_info(&log, "login accepted");
    audited_login(session, (struct span){0}, NULL);
    metric_add(&session->sessions->metrics->logins, 1);
}

static const struct login_failure *login_failure_of(enum credentials_result result)
{
    static const struct login_failure wrong = {AMP_REASON_UNKNOWN_USER, "Authentication failed"},
                                      limited = {AMP_REASON_TOO_MANY,
                                                 "Too many failed logins, please try again in a minute"},
                                      busy = {AMP_REASON_TOO_MANY, "Too many logins at once, please try again"};

    return result == CREDENTIALS_WRONG ? &wrong : result == CREDENTIALS_LIMITED ? &limited : &busy;
}

void login_count_failure(struct session *session, const struct message *action, enum credentials_result result,
                         const struct credentials *credentials)
{
    struct metrics_worker *metrics = session->sessions->metrics;
    struct failures_key key = credentials_failures_key(session, action);
    struct log_context log = session_log(session);
    char quoted[80], why[120], name[TOKEN_USER_BYTES + 1];

    log_warn(&log, "login refused username=%s reason=%s",
             log_quote(quoted, sizeof quoted, credentials_name(action, name)),
             log_text(why, sizeof why, credentials->reason != NULL ? credentials->reason : "wrong"));
    audited_login(session, credentials_name(action, name), credentials->reason != NULL ? credentials->reason : "wrong");
    metric_add(result == CREDENTIALS_WRONG ? &metrics->logins_failed : &metrics->logins_limited, 1);
    if (!credentials->counted && result == CREDENTIALS_WRONG)
        failures_add(session->sessions->link.failures, &key, clock_ms());
}

/** Refuses a Login. The answer is sent REFUSAL_DELAY_MS after the Login, however long the check took.
 *  @param since_ms  when the Login came */
static void login_fail(struct session *session, const struct message *action, enum credentials_result result,
                       const struct credentials *credentials, uint64_t since_ms)
{
    login_log_out(session);
    login_count_failure(session, action, result, credentials);
    wait_begin(&session->wait, WAIT_LOGIN_DELAY, action);
    session->wait.failure = login_failure_of(result);
    due_set_deadline(session, since_ms + REFUSAL_DELAY_MS);
}

/** Ends the session after a failed Login, whatever the client has sent after it, as Asterisk does (main/manager.c:
 *  do_message). A protocol such as HTTP, where each request logs in by itself, goes on. */
static void login_end_failed(struct session *session)
{
    if (session_is_encoded(session) && !session->format.collecting)
        session_finish(session);
}

/** Refuses a Login with right credentials if the user has too many sessions (Asterisk: `Login Already In Use`).
 *  @return true: it was refused */
static bool login_is_over_limit(struct session *session, const struct message *action, const struct user_config *user)
{
    uint64_t limit = session->sessions->config->limits.per_user;
    struct log_context log;
    char name[120];

    if (!session_limits_is_full(session->sessions->link.limits, user->name, limit))
        return false;
    log = session_log(session);
    log_warn(&log, "login refused username=%s reason=\"too many sessions of this user\"",
             log_text(name, sizeof name, user->name));
    audited_login(session, span_of(user->name), "too many sessions of this user");
    metric_add(&session->sessions->metrics->logins_limited, 1);
    reply_refuse(session, action, AMP_REASON_DENIED, "Too many sessions of this user");
    login_end_failed(session);
    return true;
}

/** While its secret is checked, a session does not make room for others. */
static void login_set_busy(const struct session *session, bool busy)
{
    session_limits_set_busy(session->sessions->link.limits, session->id, busy);
    if (session->detached)
        session_keys_set_busy(session->sessions->link.keys, session->id, busy);
}

/** Handles the result of a check. */
static void login_settle(struct session *session, const struct message *action, enum credentials_result result,
                         const struct credentials *credentials, uint64_t since_ms)
{
    switch (result) {
    case CREDENTIALS_RIGHT:
        login_count_success(session, action);
        if (login_is_over_limit(session, action, credentials->user))
            by_token_discard(credentials->token);
        else
            login_accept(session, action, credentials);
        break;
    case CREDENTIALS_WRONG:
    case CREDENTIALS_LIMITED:
    case CREDENTIALS_UNKNOWN:
        login_fail(session, action, result, credentials, since_ms);
        break;
    case CREDENTIALS_PENDING:
        login_set_busy(session, true);
        break;
    }
}

void login_login(struct session *session, const struct message *action)
{
    struct credentials credentials;
    uint64_t now = clock_ms();

    if (session->identified) { // as Asterisk does (main/manager.c: action_login); nothing is checked or changed
        reply_text(session, action, "Success", "Already authenticated");
        return;
    }
    enum credentials_result result = credentials_begin(session, action, &credentials);
    login_settle(session, action, result, &credentials, now);
}

void login_checked(struct sessions *sessions, const struct check *check)
{
    struct session *session = sessions_find(sessions, check->owner);
    struct message *action;
    struct credentials credentials;
    enum credentials_result result;

    if (session == NULL || session->wait.why != WAIT_CREDENTIALS || session->wait.check != check)
        return; // the session has ended, or waits for something else by now
    action = message_ref(session->wait.action);
    session->wait.check = NULL;
    if (!session_is_ending(session)) {
        result = credentials_finish(session, action, check, &credentials);
        login_settle(session, action, result, &credentials, check->since_ms);
        if (result != CREDENTIALS_PENDING) {
            login_set_busy(session, false);
            wait_end(&session->wait, WAIT_CREDENTIALS); // unless it is WAIT_LOGIN_DELAY by now
            session_resume(session);
            sessions_mark_dirty(session);
        }
    }
    message_unref(action);
}

void login_abandon(struct session *session)
{
    if (session->wait.check != NULL)
        check_abandon(session->wait.check);
    wait_end(&session->wait, WAIT_CREDENTIALS);
}

void login_refuse(struct session *session)
{
    reply_refuse(session, session->wait.action, session->wait.failure->reason, session->wait.failure->text);
    wait_end(&session->wait, WAIT_LOGIN_DELAY);
    due_set_deadline(session, session->login_by_ms); // a failed login does not extend the time limit
    login_end_failed(session);
}

void login_logoff(struct session *session, const struct message *action)
{
    reply_text(session, action, "Goodbye", "Thanks for all the fish.");
    session_finish(session);
}

static void login_accept_key(struct session *session)
{
    bool admin = session->config->user_count == 0; // with users, only a user's entry makes an admin
    struct log_context log;

    by_token_end(session);
    login_grant(session, NULL, admin, session->authenticated ? session->events.mask : CLASS_ALL);
    log = session_log(session);
    log_info(&log, "login accepted by=ProxyKey");
    audited_login(session, span_of("ProxyKey"), NULL);
    metric_add(&session->sessions->metrics->logins, 1);
    resume_settle(session);
    if (!session_is_dead(session))
        script_host_tell(session, SCRIPT_SESSION_LOGIN);
}

bool login_proxy_key(struct session *session, const struct message *action)
{
    const char *expected = session->sessions->config->auth.proxy_key;
    struct failures *failures = session->sessions->link.failures;
    struct metrics_worker *metrics = session->sessions->metrics;
    const struct login_failure *failure;
    struct failures_key key;
    struct span given;
    struct log_context log;
    bool limited;

    if (expected == NULL || expected[0] == '\0' || !message_find(action, "ProxyKey", &given))
        return true;
    key = failures_key(failures, session->address, (struct span){"\0", 1}); // a name that no user can have
    limited = failures_is_refused(failures, &key, clock_ms());
    if (!limited && digest_equals(span_of(expected), given)) {
        if (!session->authenticated || session->user != NULL)
            login_accept_key(session);
        return true;
    }
    if (!limited)
        failures_add(failures, &key, clock_ms());
    failure = login_failure_of(limited ? CREDENTIALS_LIMITED : CREDENTIALS_WRONG);
    log = session_log(session);
    log_warn(&log, "login refused by=ProxyKey%s", limited ? " reason=\"too many failures from this address\"" : "");
    audited_login(session, span_of("ProxyKey"), limited ? "too many failures from this address" : "wrong");
    metric_add(limited ? &metrics->logins_limited : &metrics->logins_failed, 1);
    reply_refuse(session, action, failure->reason, failure->text);
    session_finish(session);
    return false;
}
