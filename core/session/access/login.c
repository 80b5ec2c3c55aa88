// core/session/access/login.c: who the client is: Login, Challenge, Logoff, ProxyKey. credentials.c says whether a
// Login is right. Texts and header order are Asterisk's (main/manager.c: action_login, authenticate, action_challenge,
// action_logoff).
#include "session/access/login.h"

#include "ami/event_class.h"
#include "ami/event_filter.h"
#include "base/clock.h"
#include "session/access/credentials.h"
#include "session/access/limits.h"
#include "session/connection/actions.h"
#include "session/connection/input.h"
#include "session/connection/set.h"
#include "session/delivery/snapshot.h"
#include "session/scripting/host.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define REFUSAL_DELAY_MS 1000 // Asterisk lets a wrong login wait that long

static struct span header_of(const struct message *message, const char *name)
{
    struct span value;

    message_find(message, name, &value);
    return value;
}

void login_challenge(struct session *session, const struct message *action)
{
    struct message_builder answer;

    if (!span_is(header_of(action, "AuthType"), "MD5")) {
        actions_refuse(session, action, AMP_REASON_INVALID, "Must specify AuthType");
        return;
    }
    digest_challenge(session->challenge.text);
    session->challenge.given_ms = clock_ms();
    actions_begin(&answer, action, "Success");
    message_addf(&answer, "Challenge", "%s", session->challenge.text);
    session_send(session, message_build(&answer));
}

static void count_success(const struct session *session, const struct message *action)
{
    struct failures_key key = proof_key(session, action);

    failures_succeeded(session->sessions->link.failures, &key, clock_ms());
}

/** Tells that the servers are ready, as Asterisk does after a login (main/manager.c: FullyBooted). */
static void tell_booted(struct session *session)
{
    const struct servers_state *state = session->sessions->state;
    struct message_builder event;
    uint64_t now = clock_ms();

    if ((session->events.mask & session->read & CLASS_SYSTEM) == 0 || !state->booted)
        return;
    message_builder_init(&event);
    message_addf(&event, "Event", "FullyBooted");
    message_addf(&event, "Privilege", "system,all");
    if (state->boot_known) {
        message_addf(&event, "Uptime", "%" PRIu64, (now - state->boot_ms) / 1000);
        message_addf(&event, "LastReload", "%" PRIu64, (now - state->reload_ms) / 1000);
    }
    message_addf(&event, "Status", "Fully Booted");
    session_give(session, message_build(&event), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
}

/** @param user  NULL: every action is allowed  @param admin  may also steer the proxy itself */
static void grant(struct session *session, const struct user_config *user, bool admin, uint32_t mask)
{
    session->identity += session->authenticated && session->user != user;
    session->user = user;
    session->view = scripts_view(session->sessions->scripts.current, session->config, user);
    session->read = user != NULL ? user->read : CLASS_ALL;
    session->write = user != NULL ? user->write : CLASS_ALL;
    session->admin = admin;
    session->events.mask = mask;
    session->authenticated = true;
    session->identified = true;
    session_set_deadline(session, 0);
    session_choose_feed(session);
    session_publish(session);
}

void login_open(struct session *session)
{
    grant(session, NULL, false, CLASS_ALL);
    session->identified = false;
}

void login_expect(struct session *session)
{
    session->login_by_ms = clock_ms() + session->sessions->config->auth.timeout_ms;
    session_set_deadline(session, session->login_by_ms);
}

/** What it has asked as who it was is not for who comes next, nor are its filters. Where nobody logs in, nobody comes
 *  next. */
static void log_out(struct session *session)
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
    session->identified = false;
    session->admin = false;
    session->user = NULL;
    session->view = NULL;
    session_choose_feed(session);
    session_publish(session);
}

void login_forget(struct session *session)
{
    log_out(session);
    if (!session->sessions->config->auth.required)
        login_open(session);
}

/** Asterisk main/manager.c: a wrong mask leaves the session without events and without an error. */
static uint32_t mask_of(const struct message *action)
{
    struct span events;
    uint32_t mask = CLASS_ALL;

    if (message_find(action, "Events", &events) && events.length > 0 && !event_mask_parse(events, &mask))
        mask = 0;
    return mask;
}

/** The rights come first, the answer then: who hears it may act upon it at once. */
static void welcome(struct session *session, const struct message *action, const struct user_config *user)
{
    bool hears_events =
        session_is_encoded(session) || sessions_is_listening(session); // and not only once it was answered
    struct log_context log;

    grant(session, user, user->admin, mask_of(action));
    actions_answer(session, action, "Success", "Authentication accepted");
    if (session_is_dead(session))
        return;
    script_host_tell(session, SCRIPT_SESSION_LOGIN);
    if (hears_events) {
        tell_booted(session);
        snapshot_tell(session);
    }
    log = session_log(session);
    log_info(&log, "login accepted");
    metric_add(&session->sessions->metrics->logins, 1);
}

static const struct login_failure *failure_of(enum credentials_result result)
{
    static const struct login_failure wrong = {AMP_REASON_UNKNOWN_USER, "Authentication failed"},
                                      limited = {AMP_REASON_TOO_MANY,
                                                 "Too many failed logins, please try again in a minute"},
                                      busy = {AMP_REASON_TOO_MANY, "Too many logins at once, please try again"};

    return result == CREDENTIALS_WRONG ? &wrong : result == PROOF_LIMITED ? &limited : &busy;
}

/** The answer comes a second after the Login, whatever was found out until then.
 *  @param since_ms  when it came */
static void refuse(struct session *session, const struct message *action, enum credentials_result result,
                   const struct credentials *credentials, uint64_t since_ms)
{
    struct metrics_worker *metrics = session->sessions->metrics;
    struct failures_key key = proof_key(session, action);
    struct log_context log;
    char quoted[80], why[120];

    log_out(session);
    log = session_log(session);
    log_warn(&log, "login refused username=%s reason=%s",
             log_quote(quoted, sizeof quoted, header_of(action, "Username")),
             log_text(why, sizeof why, credentials->reason != NULL ? credentials->reason : "wrong"));
    metric_add(result == CREDENTIALS_WRONG ? &metrics->logins_failed : &metrics->logins_limited, 1);
    if (!credentials->counted && result == CREDENTIALS_WRONG)
        failures_add(session->sessions->link.failures, &key, clock_ms());
    wait_begin(&session->wait, WAIT_LOGIN_DELAY, action);
    session->wait.failure = failure_of(result);
    session_set_deadline(session, since_ms + REFUSAL_DELAY_MS);
}

/** A failed Login is the last thing that a session says, as with Asterisk (main/manager.c: do_message), whatever it has
 *  sent behind it. Over HTTP each request logs in for itself, and is answered like any other. */
static void end_failed(struct session *session)
{
    if (session_is_encoded(session))
        session_finish(session);
}

/** A user who is right, but has as many sessions as he may have (Asterisk: `Login Already In Use`). */
static bool is_one_too_many(struct session *session, const struct message *action, const struct user_config *user)
{
    uint64_t limit = session->sessions->config->limits.per_user;
    struct log_context log;
    char name[120];

    if (!session_limits_is_full(session->sessions->link.limits, user->name, limit))
        return false;
    log = session_log(session);
    log_warn(&log, "login refused username=%s reason=\"too many sessions of this user\"",
             log_text(name, sizeof name, user->name));
    metric_add(&session->sessions->metrics->logins_limited, 1);
    actions_refuse(session, action, AMP_REASON_DENIED, "Too many sessions of this user");
    end_failed(session);
    return true;
}

/** Acts upon what is known of a Login. */
static void settle(struct session *session, const struct message *action, enum credentials_result result,
                   const struct credentials *credentials, uint64_t since_ms)
{
    switch (result) {
    case CREDENTIALS_RIGHT:
        count_success(session, action);
        if (!is_one_too_many(session, action, credentials->user))
            welcome(session, action, credentials->user);
        break;
    case CREDENTIALS_WRONG:
    case PROOF_LIMITED:
    case CREDENTIALS_UNKNOWN:
        refuse(session, action, result, credentials, since_ms);
        break;
    case CREDENTIALS_PENDING:
        session_limits_set_busy(session->sessions->link.limits, session->id, true);
        break;
    }
}

void login_login(struct session *session, const struct message *action)
{
    struct credentials credentials;
    uint64_t now = clock_ms();

    if (session->identified) { // Asterisk main/manager.c: action_login; nothing is looked at, and nothing changes
        actions_answer(session, action, "Success", "Already authenticated");
        return;
    }
    enum credentials_result result = credentials_begin(session, action, &credentials);
    settle(session, action, result, &credentials, now);
}

void sessions_checked(struct sessions *sessions, const struct check *check)
{
    struct session *session = sessions_find(sessions, check->owner);
    struct message *action;
    struct credentials credentials;
    enum credentials_result result;

    if (session == NULL || session->wait.why != WAIT_CREDENTIALS || session->wait.check != check)
        return; // nobody waits for it any more
    action = message_ref(session->wait.action);
    session->wait.check = NULL;
    if (!session_is_ending(session)) {
        result = credentials_finish(session, action, check, &credentials);
        settle(session, action, result, &credentials, check->since_ms);
        if (result != CREDENTIALS_PENDING) {
            session_limits_set_busy(sessions->link.limits, session->id, false);
            wait_end(&session->wait, WAIT_CREDENTIALS); // if it is not the delay of the answer by now
            input_resume(session);
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
    actions_refuse(session, session->wait.action, session->wait.failure->reason, session->wait.failure->text);
    wait_end(&session->wait, WAIT_LOGIN_DELAY);
    session_set_deadline(session, session->login_by_ms); // it goes on from where it was: guessing buys no time
    end_failed(session);
}

void login_logoff(struct session *session, const struct message *action)
{
    actions_answer(session, action, "Goodbye", "Thanks for all the fish.");
    session_finish(session);
}

static void accept_key(struct session *session)
{
    bool admin = session->config->user_count == 0; // else there are users for that
    struct log_context log;

    grant(session, NULL, admin, session->authenticated ? session->events.mask : CLASS_ALL);
    log = session_log(session);
    log_info(&log, "login accepted by=ProxyKey");
    metric_add(&session->sessions->metrics->logins, 1);
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
    key = failures_key(failures, session->address, (struct span){"\0", 1}); // no user has that name
    limited = failures_is_refused(failures, &key, clock_ms());
    if (!limited && digest_equals(span_of(expected), given)) {
        if (!session->authenticated || session->user != NULL)
            accept_key(session);
        return true;
    }
    if (!limited)
        failures_add(failures, &key, clock_ms());
    failure = failure_of(limited ? PROOF_LIMITED : CREDENTIALS_WRONG);
    log = session_log(session);
    log_warn(&log, "login refused by=ProxyKey%s", limited ? " reason=\"too many failures from this address\"" : "");
    metric_add(limited ? &metrics->logins_limited : &metrics->logins_failed, 1);
    actions_refuse(session, action, failure->reason, failure->text);
    session_finish(session);
    return false;
}
