// core/server/lane_login.c: a lane logs in (banner, Challenge, Login); the answers to actions of the proxy itself.
#include "server/lane_inside.h"

#include "ami/digest.h"
#include "server/learn.h"
#include "server/server.h"

#include <stdio.h>

#define LOGIN_MS 10000 // time limit for each of: Challenge, Login

static void send_login(struct lane *lane, const char *challenge)
{
    const struct server_config *config = lane->server->config;
    struct message_builder action;
    char key[DIGEST_KEY_SIZE];

    message_builder_init(&action);
    message_addf(&action, "Action", "Login");
    message_addf(&action, "Username", "%s", config->username);
    if (challenge != NULL) {
        digest_key(challenge, span_of(config->secret), key);
        message_addf(&action, "AuthType", "MD5");
        message_addf(&action, "Key", "%s", key);
    } else {
        message_addf(&action, "Secret", "%s", config->secret);
    }
    message_addf(&action, "Events", "%s", lane->slow ? "off" : config->events);
    lane_enter(lane, LANE_LOGIN, LOGIN_MS);
    lane_send_own(lane, PURPOSE_LOGIN, &action);
}

void lane_greet(struct lane *lane, struct span banner)
{
    struct message_builder action;

    if (!lane->slow)
        snprintf(lane->server->banner, sizeof lane->server->banner, "%.*s", (int)banner.length, banner.bytes);
    if (lane->server->config->login == LOGIN_PLAIN) {
        send_login(lane, NULL);
        return;
    }
    message_builder_init(&action);
    message_addf(&action, "Action", "Challenge");
    message_addf(&action, "AuthType", "MD5");
    lane_enter(lane, LANE_CHALLENGE, LOGIN_MS);
    lane_send_own(lane, PURPOSE_CHALLENGE, &action);
}

static void on_logged_in(struct lane *lane)
{
    lane_enter(lane, LANE_UP, 0);
    parser_set_limits(lane->parser, LANE_LINE_BYTES, lane->server->servers->config->limits.server_message_bytes);
    server_lane_up(lane);
}

void lane_own_answer(struct lane *lane, struct exchange *exchange, const struct message *answer)
{
    enum exchange_purpose purpose = exchange->purpose;
    bool success = span_is(message_name(answer), "Success");
    struct span text;
    char reason[160];

    if (purpose == PURPOSE_PING && exchange->sent_us != 0 && lane->heard_us > exchange->sent_us)
        lane->round_trip_us = lane->heard_us - exchange->sent_us;
    exchange_destroy(&lane->server->servers->exchanges, exchange);
    if (purpose == PURPOSE_CHALLENGE && lane->state == LANE_CHALLENGE && success &&
        message_find(answer, "Challenge", &text)) {
        snprintf(reason, sizeof reason, "%.*s", (int)text.length, text.bytes);
        send_login(lane, reason);
    } else if (purpose == PURPOSE_LOGIN && lane->state == LANE_LOGIN && success) {
        on_logged_in(lane);
    } else if (purpose == PURPOSE_LEARN) {
        learn_take(lane->server, answer);
    } else if (purpose == PURPOSE_FENCE) {
        role_fenced(lane->server);
    } else if (purpose == PURPOSE_CHALLENGE || purpose == PURPOSE_LOGIN) {
        message_find(answer, "Message", &text);
        snprintf(reason, sizeof reason, "%.*s", (int)text.length, text.bytes);
        server_lane_lost(lane, LANE_LOSS_REFUSED, reason);
    }
}
