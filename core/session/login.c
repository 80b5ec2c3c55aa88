// core/session/login.c: who the client is: Login, Challenge, Logoff, ProxyKey.
// Texts and header order are Asterisk's (main/manager.c: action_login, authenticate, action_challenge, action_logoff).
#include "session/login.h"

#include "ami/event_class.h"
#include "base/clock.h"
#include "session/actions.h"
#include "session/crowd.h"
#include "session/script_host.h"
#include "session/set.h"
#include "session/snapshot.h"

#include <inttypes.h>
#include <string.h>

#define CHALLENGE_LIFE_MS 30000
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
    digest_challenge(session->challenge);
    session->challenge_ms = clock_ms();
    actions_begin(&answer, action, "Success");
    message_addf(&answer, "Challenge", "%s", session->challenge);
    session_send(session, message_build(&answer));
}

/** Has this address guessed too often of late? */
static bool is_blocked(const struct session *session)
{
    return failures_is_refused(session->sessions->link.failures, session->address, clock_ms());
}

static void count_failure(const struct session *session)
{
    failures_add(session->sessions->link.failures, session->address, clock_ms());
}

/** Does the request prove the secret, by Secret or by Key? Works through the same steps for a user that is unknown. */
static bool is_proven(struct session *session, const struct message *action, const struct user_config *user)
{
    struct span secret = user != NULL ? span_of(user->secret) : span_of("no such user");
    struct span key = header_of(action, "Key");
    bool by_digest = span_is(header_of(action, "AuthType"), "MD5");
    char expected[DIGEST_KEY_SIZE];
    bool proven;

    if (by_digest) {
        bool usable = session->challenge_ms != 0 && clock_ms() - session->challenge_ms <= CHALLENGE_LIFE_MS;
        digest_key(session->challenge, secret, expected);
        proven = digest_equals(span_of(expected), key) && usable;
    } else {
        proven = digest_equals(secret, header_of(action, "Secret"));
    }
    session->challenge_ms = 0; // used once, right or wrong
    return proven && user != NULL && secret.length > 0;
}

/** Tells that the servers are ready, as Asterisk does after a login (main/manager.c: FullyBooted). */
static void tell_booted(struct session *session)
{
    const struct servers_state *state = session->sessions->state;
    struct message_builder event;
    uint64_t now = clock_ms();

    if ((session->mask & session->read & CLASS_SYSTEM) == 0 || !state->booted)
        return;
    message_builder_init(&event);
    message_addf(&event, "Event", "FullyBooted");
    message_addf(&event, "Privilege", "system,all");
    if (state->boot_known) {
        message_addf(&event, "Uptime", "%" PRIu64, (now - state->boot_ms) / 1000);
        message_addf(&event, "LastReload", "%" PRIu64, (now - state->reload_ms) / 1000);
    }
    message_addf(&event, "Status", "Fully Booted");
    if (session_is_encoded(session) || session->listening)
        session_give(session, message_build(&event), AMP_DELIVERY_EVENT, false, AMP_REASON_NONE);
    else
        message_builder_fini(&event);
}

/** @param user  NULL: every action is allowed  @param admin  may also steer the proxy itself */
static void grant(struct session *session, const struct user_config *user, bool admin, uint32_t mask)
{
    session->user = user;
    session->view = scripts_view(session->sessions->scripts, session->config, user);
    session->read = user != NULL ? user->read : CLASS_ALL;
    session->write = user != NULL ? user->write : CLASS_ALL;
    session->admin = admin;
    session->mask = mask;
    session->authenticated = true;
    session_set_deadline(session, 0);
    session_choose_feed(session);
    session_publish(session);
}

void login_open(struct session *session)
{
    grant(session, NULL, false, CLASS_ALL);
}

void login_expect(struct session *session)
{
    session->login_by_ms = clock_ms() + session->sessions->config->auth.timeout_ms;
    session_set_deadline(session, session->login_by_ms);
}

static void log_out(struct session *session)
{
    if (session->authenticated && session->sessions->config->auth.required && session_is_encoded(session))
        login_expect(session);
    session->authenticated = false;
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

void login_login(struct session *session, const struct message *action)
{
    struct span name = header_of(action, "Username");
    const struct user_config *user = config_find_user(session->config, name);
    struct log_context log;

    bool blocked = is_blocked(session);

    bool proven = is_proven(session, action, user) && !blocked;
    if (proven && session->user != user &&
        crowd_is_full(session->sessions->link.crowd, user->name, session->sessions->config->limits.per_user)) {
        log = session_log(session);
        log_warn(&log, "login refused username=%s reason=\"too many sessions of this user\"", user->name);
        actions_refuse(session, action, AMP_REASON_DENIED, "Too many sessions of this user");
        return;
    }
    if (proven) {
        actions_answer(session, action, "Success", "Authentication accepted");
        grant(session, user, user->admin, mask_of(action));
        script_host_tell(session, SCRIPT_SESSION_LOGIN);
        tell_booted(session);
        snapshot_tell(session);
        log = session_log(session);
        log_info(&log, "login accepted");
        return;
    }
    char quoted[80];
    log_out(session);
    log = session_log(session);
    log_warn(&log, "login refused username=%s%s", log_quote(quoted, sizeof quoted, name),
             blocked ? " reason=\"too many failures from this address\"" : "");
    count_failure(session);
    session->failed_login = message_ref((struct message *)action);
    session_set_deadline(session, clock_ms() + REFUSAL_DELAY_MS);
}

void login_refuse(struct session *session)
{
    actions_refuse(session, session->failed_login, AMP_REASON_UNKNOWN_USER, "Authentication failed");
    message_unref(session->failed_login);
    session->failed_login = NULL;
    session_set_deadline(session, session->login_by_ms); // it goes on from where it was: guessing buys no time
}

void login_logoff(struct session *session, const struct message *action)
{
    actions_answer(session, action, "Goodbye", "Thanks for all the fish.");
    session_finish(session);
}

bool login_proxy_key(struct session *session, const struct message *action)
{
    const char *expected = session->sessions->config->auth.proxy_key;
    struct span given;
    struct log_context log;

    if (expected == NULL || expected[0] == '\0' || !message_find(action, "ProxyKey", &given))
        return true;
    if (!is_blocked(session) && digest_equals(span_of(expected), given)) {
        if (!session->authenticated || session->user != NULL) {
            bool admin = session->config->user_count == 0; // else there are users for that
            grant(session, NULL, admin, session->authenticated ? session->mask : CLASS_ALL);
            log = session_log(session);
            log_info(&log, "login accepted by=ProxyKey");
            script_host_tell(session, SCRIPT_SESSION_LOGIN);
        }
        return true;
    }
    log = session_log(session);
    log_warn(&log, "ProxyKey refused");
    count_failure(session);
    actions_refuse(session, action, AMP_REASON_UNKNOWN_USER, "Authentication failed");
    session_finish(session);
    return false;
}
