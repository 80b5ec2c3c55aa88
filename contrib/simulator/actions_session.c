// actions_session.c: login and logoff, and what concerns the connection itself.
#include <ctype.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions.h"
#include "background.h"
#include "emit.h"
#include "mask.h"
#include "reply.h"

enum { FAILED_LOGIN_MS = 1000 };

static bool is_right_key(const struct session *session, const char *key)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned int length = 0;
    struct text input = {0};
    if (session->challenge[0] == '\0')
        return false;
    text_addf(&input, "%s%s", session->challenge, session->simulator->options.secret);
    bool hashed = EVP_Digest(input.bytes, input.length, digest, &length, EVP_md5(), NULL) == 1;
    for (unsigned int i = 0; hashed && i < length; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
    text_fini(&input);
    return hashed && strcmp(hex, key) == 0;
}

static bool is_right_login(const struct session *session)
{
    const struct options *options = &session->simulator->options;
    if (strcasecmp(argument(session, "Username"), options->user) != 0)
        return false;
    if (strcasecmp(argument(session, "AuthType"), "MD5") == 0)
        return is_right_key(session, argument(session, "Key"));
    return strcmp(argument(session, "Secret"), options->secret) == 0;
}

static void on_login_refused(struct session *session)
{
    reply_error(session, "Authentication failed");
    session_close(session);
    session_finish(session);
}

static void write_fully_booted(struct session *session)
{
    const struct simulator *simulator = session->simulator;
    reply_item(session, "FullyBooted");
    reply_line(session, "Privilege: system,all");
    if (!simulator->options.legacy) {
        reply_line(session, "Uptime: %lld", (long long)(time(NULL) - simulator->started));
        reply_line(session, "LastReload: %lld", (long long)(time(NULL) - simulator->reloaded));
    }
    reply_line(session, "Status: Fully Booted");
    reply_end(session);
}

static void emit_successful_auth(struct session *session)
{
    struct simulator *simulator = session->simulator;
    char now[64];
    struct tm parts;
    uint64_t us = clock_us();
    time_t seconds = (time_t)(us / 1000000);
    gmtime_r(&seconds, &parts);
    size_t length = strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(now + length, sizeof now - length, ".%03u+0000", (unsigned)(us / 1000 % 1000));
    emit_start(simulator, "SuccessfulAuth", CLASS_SECURITY);
    emit_line(simulator, "EventTV: %s", now);
    emit_line(simulator, "Severity: Informational");
    emit_line(simulator, "Service: AMI");
    emit_line(simulator, "EventVersion: 1");
    emit_line(simulator, "AccountID: %s", argument(session, "Username"));
    emit_line(simulator, "SessionID: 0x%08lx", 0x7f000000UL + session->number);
    emit_line(simulator, "LocalAddress: IPV4/TCP/127.0.0.1/5038");
    // Not the real port: the same actions are to give the same bytes.
    emit_line(simulator, "RemoteAddress: IPV4/TCP/127.0.0.1/%lu", 40000 + session->number % 20000);
    emit_line(simulator, "UsingPassword: 0");
    emit_line(simulator, "SessionTV: %s", now);
    emit_end(simulator);
}

void action_login(struct session *session)
{
    struct simulator *simulator = session->simulator;
    const char *events = argument(session, "Events");
    uint32_t mask = 0;
    if (session->authenticated) {
        reply_success(session, "Already authenticated");
        return;
    }
    if (simulator->refuse > 0 || !is_right_login(session)) {
        simulator->refuse -= simulator->refuse > 0;
        session_block(session, FAILED_LOGIN_MS, on_login_refused);
        return;
    }
    session->authenticated = true;
    if (*events == '\0')
        mask = CLASS_ALL;
    else if (!mask_parse(events, &mask))
        mask = 0;
    session->mask = mask & simulator->options.read_mask;
    reply_success(session, "Authentication accepted");
    if ((session->mask & CLASS_SYSTEM) != 0)
        write_fully_booted(session);
    if (!simulator->options.legacy)
        emit_successful_auth(session);
    background_wake(simulator->background);
}

void action_challenge(struct session *session)
{
    if (strcasecmp(argument(session, "AuthType"), "MD5") != 0) {
        reply_error(session, "Must specify AuthType");
        return;
    }
    if (session->challenge[0] == '\0') {
        uint64_t random = simulator_random(session->simulator, session->number ^ 0xc4a11e49eULL);
        snprintf(session->challenge, sizeof session->challenge, "%llu",
                 (unsigned long long)(100000000 + random % 900000000));
    }
    reply_start(session, "Success");
    reply_line(session, "Challenge: %s", session->challenge);
    reply_end(session);
}

void action_logoff(struct session *session)
{
    reply_start(session, "Goodbye");
    reply_line(session, "Message: Thanks for all the fish.");
    reply_end(session);
    session_close(session);
}

void action_events(struct session *session)
{
    uint32_t mask = 0;
    if (!mask_parse(argument(session, "EventMask"), &mask)) {
        reply_error(session, "Invalid event mask");
        return;
    }
    session->mask = mask & session->simulator->options.read_mask;
    reply_start(session, "Success");
    reply_line(session, "Events: %s", mask != 0 ? "On" : "Off");
    reply_end(session);
    background_wake(session->simulator->background);
}

void action_filter(struct session *session)
{
    if (strcasecmp(argument(session, "Operation"), "Add") == 0)
        reply_success(session, "Success");
    else
        reply_error(session, "Unknown operation");
}

void action_ping(struct session *session)
{
    uint64_t now = clock_us();
    reply_start(session, "Success");
    reply_line(session, "Ping: Pong");
    reply_line(session, "Timestamp: %llu.%06llu", (unsigned long long)(now / 1000000),
               (unsigned long long)(now % 1000000));
    reply_end(session);
}

void action_wait_event_resume(struct session *session)
{
    reply_success(session, "Waiting for Event completed.");
    session_flush_events(session);
    reply_item(session, "WaitEventComplete");
    reply_action_id(session);
    reply_end(session);
    session_finish(session);
}

void action_wait_event(struct session *session)
{
    const char *timeout = argument(session, "Timeout");
    long seconds = *timeout == '\0' ? -1 : strtol(timeout, NULL, 10);
    session_block(session, seconds < 0 ? -1 : (int64_t)seconds * 1000, action_wait_event_resume);
}

void action_list_commands(struct session *session)
{
    uint32_t write_mask = session->simulator->options.write_mask;
    char privilege[200];
    reply_start(session, "Success");
    for (const struct action *action = actions; action->name != NULL; action++) {
        if (action->classes != 0 && (action->classes & write_mask) == 0)
            continue;
        mask_format(action->classes, privilege, sizeof privilege);
        reply_line(session, "%s: %s  (Priv: %s)", action->name, action->synopsis, privilege);
    }
    reply_end(session);
}

void action_user_event(struct session *session)
{
    struct simulator *simulator = session->simulator;
    reply_success(session, "Event Sent");
    emit_start(simulator, "UserEvent", CLASS_USER);
    emit_line(simulator, "UserEvent: %s", argument(session, "UserEvent"));
    for (size_t i = 0; i < session->request.count; i++) {
        const char *line = session->request.lines[i];
        if (request_value(line, "Action") == NULL && request_value(line, "UserEvent") == NULL)
            emit_line(simulator, "%s", line);
    }
    emit_end(simulator);
}
