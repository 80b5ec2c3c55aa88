// core/server/lane.c: see lane.h.
#include "server/lane.h"

#include "ami/digest.h"
#include "base/clock.h"
#include "net/resolver.h"
#include "server/answers.h"
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define OPENING_MS 10000 // resolve, connect, banner: each
#define LOGIN_MS 10000
#define READ_BYTES ((size_t)128 * 1024)
#define READS_PER_TURN 2
#define MISSED_PINGS 3
#define SETTLE_MS 200                    // silence behind what may be a message's end
#define TEXT_MS 1000                     // a legacy text that takes longer has perhaps lost its end
#define EARLY_BYTES ((size_t)64 * 1024)  // before the login
#define LINE_BYTES ((size_t)16 << 20)    // longest line of a server
#define PROGRESS_BYTES ((size_t)1 << 20) // of one message: as good a sign of life as a whole one

static void on_transport(struct transport *transport, enum transport_event event, void *context);

static const char *const state_names[] = {"closed",    "resolving", "connecting", "banner",
                                          "challenge", "login",     "up",         "leaving"};

static void enter(struct lane *lane, enum lane_state next, uint64_t limit_ms)
{
    log_debug(&lane->server->log, "lane state lane=%s from=%s to=%s", lane->slow ? "slow" : "main",
              state_names[lane->state], state_names[next]);
    lane->state = next;
    lane->deadline_ms = limit_ms == 0 ? 0 : clock_ms() + limit_ms;
}

void lane_init(struct lane *lane, struct server *server, bool slow)
{
    *lane = (struct lane){.server = server, .slow = slow};
    lane->transport.fd = -1;
}

void lane_close(struct lane *lane)
{
    if (lane->resolving != NULL)
        resolver_cancel(lane->server->servers->resolver, lane->resolving);
    lane->resolving = NULL;
    if (lane->addresses != NULL)
        freeaddrinfo(lane->addresses);
    lane->addresses = lane->address = NULL;
    transport_close(&lane->transport);
    parser_destroy(lane->parser);
    lane->parser = NULL;
    writer_buffer_fini(&lane->out);
    lane->out = (struct writer_buffer){0};
    lane->sent = lane->early_bytes = lane->seen_bytes = 0;
    lane->pinged_ms = lane->text_ms = 0;
    if (lane->state != LANE_CLOSED)
        enter(lane, LANE_CLOSED, 0);
}

// --- opening ----------------------------------------------------------------------------------------------------

/** Tries the address in use, or the next ones if the system refuses at once. */
static void connect_to_address(struct lane *lane)
{
    struct servers *servers = lane->server->servers;
    const struct server_config *config = lane->server->config;

    for (; lane->address != NULL; lane->address = lane->address->ai_next) {
        if (transport_connect(&lane->transport, servers->base, lane->address->ai_addr,
                              (unsigned)lane->address->ai_addrlen, on_transport, lane)) {
            if (config->tls != SERVER_TLS_OFF)
                transport_start_tls(&lane->transport, lane->server->tls, config->host,
                                    config->tls == SERVER_TLS_VERIFY);
            enter(lane, LANE_CONNECTING, OPENING_MS);
            return;
        }
    }
    server_lane_lost(lane, strerror(errno), false);
}

/** Passes over an address that did not answer. @return false: there is no other to try */
static bool connect_to_next(struct lane *lane)
{
    if (lane->state != LANE_CONNECTING || lane->address->ai_next == NULL)
        return false;
    transport_close(&lane->transport);
    lane->address = lane->address->ai_next;
    connect_to_address(lane);
    return true;
}

static void on_resolved(struct addrinfo *addresses, const char *reason, void *context)
{
    struct lane *lane = context;

    lane->resolving = NULL;
    if (addresses == NULL) {
        server_lane_lost(lane, reason, false);
        return;
    }
    lane->addresses = lane->address = addresses;
    connect_to_address(lane);
}

/** For the parser: an answer to that action would be in turn on this lane. */
static bool awaits_answer(void *context, struct span id)
{
    struct lane *lane = context;
    const struct exchange *exchange = exchange_find(&lane->server->servers->exchanges, id);

    return exchange != NULL && exchange->lane == lane && !exchange->answered;
}

void lane_open(struct lane *lane)
{
    struct server *server = lane->server;
    const struct server_config *config = server->config;

    lane->parser = parser_create(config->name);
    parser_set_known(lane->parser, awaits_answer, lane);
    parser_set_limits(lane->parser, EARLY_BYTES, EARLY_BYTES);
    enter(lane, LANE_RESOLVING, OPENING_MS);
    lane->addresses = lane->address = resolver_literal(config->host, config->port);
    if (lane->address != NULL)
        connect_to_address(lane);
    else
        lane->resolving = resolver_ask(server->servers->resolver, config->host, config->port, on_resolved, lane);
}

// --- writing ----------------------------------------------------------------------------------------------------

/** Gives the room of what was written to what comes: a peer that always lags a little would never see it drained. Each
 *  byte is moved at most once for each that was written. */
static void compact(struct lane *lane)
{
    if (lane->sent < lane->out.length - lane->sent)
        return;
    memmove(lane->out.bytes, lane->out.bytes + lane->sent, lane->out.length - lane->sent);
    lane->out.length -= lane->sent;
    lane->sent = 0;
}

void lane_flush(struct lane *lane)
{
    struct iovec piece;
    ssize_t written;

    if (lane->transport.writing || lane->transport.fd == -1 || lane->transport.connecting)
        return;
    while (lane->sent < lane->out.length) {
        piece = (struct iovec){lane->out.bytes + lane->sent, lane->out.length - lane->sent};
        written = transport_write(&lane->transport, &piece, 1);
        if (written < 0) { // a failure shows in reading, too
            compact(lane);
            return;
        }
        lane->sent += (size_t)written;
        metric_add(&lane->server->metrics->sent_bytes, (uint64_t)written);
    }
    lane->sent = lane->out.length = 0;
}

/** Everything leaves at the end of the loop's turn: many asks of one turn are one write. */
static void want_flush(struct lane *lane)
{
    servers_want_flush(lane->server->servers);
}

static void link_last(struct lane *lane, struct exchange *exchange)
{
    exchange->lane = lane;
    exchange->lane_next = NULL;
    exchange->lane_previous = lane->last;
    if (lane->last != NULL)
        lane->last->lane_next = exchange;
    else
        lane->first = exchange;
    lane->last = exchange;
    if (exchange->state <= EXCHANGE_LISTING)
        lane->unanswered++;
}

void lane_forget(struct exchange *exchange)
{
    struct lane *lane = exchange->lane;

    if (lane == NULL)
        return;
    if (exchange->lane_previous != NULL)
        exchange->lane_previous->lane_next = exchange->lane_next;
    else
        lane->first = exchange->lane_next;
    if (exchange->lane_next != NULL)
        exchange->lane_next->lane_previous = exchange->lane_previous;
    else
        lane->last = exchange->lane_previous;
    if (exchange->state <= EXCHANGE_LISTING)
        lane->unanswered--;
    if (lane->blocker == exchange)
        lane->blocker = NULL;
    exchange->lane = NULL;
    exchange->lane_previous = exchange->lane_next = NULL;
}

static bool is_open(const struct lane *lane)
{
    return lane->state == LANE_UP || lane->state == LANE_LEAVING;
}

static void send_own(struct lane *lane, enum exchange_purpose purpose, struct message_builder *action)
{
    struct exchange *exchange = exchange_create(&lane->server->servers->exchanges, NULL, purpose);
    struct message *message = message_build(action);

    lane_send(lane, exchange, message);
    message_unref(message);
}

void lane_ping(struct lane *lane)
{
    struct message_builder action;

    message_builder_init(&action);
    message_addf(&action, "Action", "Ping");
    send_own(lane, PURPOSE_PING, &action);
    if (lane->pinged_ms == 0)
        lane->pinged_ms = clock_ms();
}

void lane_send(struct lane *lane, struct exchange *exchange, const struct message *action)
{
    link_last(lane, exchange);
    if (exchange->ask != NULL && exchange->ask->slow)
        lane->blocker = exchange;
    writer_wire(&lane->out, action, (struct span){exchange->id, exchange->id_length});
    want_flush(lane);
    if (answers_is_text(exchange))
        lane_ping(lane); // its answer tells where the text ends
}

bool lane_is_blocked(const struct lane *lane)
{
    const struct exchange *blocker = lane->blocker;

    if (blocker == NULL || blocker->state == EXCHANGE_DONE)
        return false;
    return blocker->state != EXCHANGE_GIVEN_UP || (!blocker->passed && (!blocker->answered || blocker->in_list));
}

void lane_leave(struct lane *lane)
{
    struct message_builder action;

    if (lane->state != LANE_UP) {
        lane_close(lane);
        return;
    }
    message_builder_init(&action);
    message_addf(&action, "Action", "Logoff");
    send_own(lane, PURPOSE_LOGOFF, &action);
    enter(lane, LANE_LEAVING, 2000);
}

// --- logging in -------------------------------------------------------------------------------------------------

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
    enter(lane, LANE_LOGIN, LOGIN_MS);
    send_own(lane, PURPOSE_LOGIN, &action);
}

static void greet(struct lane *lane, struct span banner)
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
    enter(lane, LANE_CHALLENGE, LOGIN_MS);
    send_own(lane, PURPOSE_CHALLENGE, &action);
}

static void on_logged_in(struct lane *lane)
{
    enter(lane, LANE_UP, 0);
    parser_set_limits(lane->parser, LINE_BYTES, lane->server->servers->config->limits.server_message_bytes);
    server_lane_up(lane);
}

void lane_own_answer(struct lane *lane, struct exchange *exchange, const struct message *answer)
{
    enum exchange_purpose purpose = exchange->purpose;
    bool success = span_is(message_name(answer), "Success");
    struct span text;
    char reason[160];

    exchange_destroy(&lane->server->servers->exchanges, exchange);
    if (purpose == PURPOSE_CHALLENGE && lane->state == LANE_CHALLENGE && success &&
        message_find(answer, "Challenge", &text)) {
        snprintf(reason, sizeof reason, "%.*s", (int)text.length, text.bytes);
        send_login(lane, reason);
    } else if (purpose == PURPOSE_LOGIN && lane->state == LANE_LOGIN && success) {
        on_logged_in(lane);
    } else if (purpose == PURPOSE_LEARN) {
        learn_take(lane->server, answer);
    } else if (purpose == PURPOSE_CHALLENGE || purpose == PURPOSE_LOGIN) {
        message_find(answer, "Message", &text);
        snprintf(reason, sizeof reason, "%.*s", (int)text.length, text.bytes);
        server_lane_lost(lane, reason, true);
    }
}

// --- reading ----------------------------------------------------------------------------------------------------

/** Closes a lane whose peer has sent more than it may; who waits for what it sent is told. @return was it closed? */
static bool check_limits(struct lane *lane)
{
    struct server *server = lane->server;
    const char *fault = parser_fault(lane->parser);
    char reason[128], why[160];

    if (fault == NULL && (is_open(lane) || lane->early_bytes <= EARLY_BYTES))
        return false;
    if (fault != NULL)
        snprintf(reason, sizeof reason, "it sent %s", fault);
    else
        snprintf(reason, sizeof reason, "it sent more than %zu bytes before the login", EARLY_BYTES);
    metric_add(&server->metrics->dropped[METRICS_DROP_TOO_LONG], 1);
    log_warn(&server->log, "message dropped lane=%s reason=%s", lane->slow ? "slow" : "main",
             log_text(why, sizeof why, reason));
    server_lane_lost(lane, reason, false);
    return true;
}

/** A whole message came: a sign of life. */
static void note_message(struct lane *lane)
{
    lane->whole_ms = clock_ms();
    lane->pinged_ms = lane->text_ms = 0;
    lane->seen_bytes = 0;
}

/** @return false: the lane was closed */
static bool take_messages(struct lane *lane)
{
    struct message *message;
    struct span line;

    if (lane->state == LANE_BANNER && parser_line(lane->parser, &line))
        greet(lane, line);
    if (lane->state == LANE_BANNER)
        return !check_limits(lane);
    if (is_open(lane))
        parser_set_limits(lane->parser, LINE_BYTES, lane->server->servers->config->limits.server_message_bytes);
    while (lane->parser != NULL && (message = parser_next(lane->parser)) != NULL) {
        note_message(lane);
        server_message(lane, message);
    }
    return lane->parser != NULL && !check_limits(lane);
}

static void on_readable(struct lane *lane)
{
    for (int i = 0; i < READS_PER_TURN; i++) {
        size_t room;
        char *bytes = parser_reserve(lane->parser, READ_BYTES, &room);
        ssize_t count = transport_read(&lane->transport, bytes, room);
        if (count == TRANSPORT_AGAIN)
            return;
        if (count == TRANSPORT_END) {
            server_lane_lost(lane, transport_reason(&lane->transport), false);
            return;
        }
        lane->heard_ms = clock_ms();
        metric_add(&lane->server->metrics->received_bytes, (uint64_t)count);
        parser_commit(lane->parser, (size_t)count);
        lane->early_bytes += is_open(lane) ? 0 : (size_t)count;
        if (!take_messages(lane) || (size_t)count < room)
            return;
    }
}

/** Where the server is, for ListServers. */
static void note_address(struct lane *lane)
{
    const struct sockaddr *address = lane->address->ai_addr;
    const void *bytes = address->sa_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)(const void *)address)->sin_addr;

    inet_ntop(address->sa_family, bytes, lane->server->address, sizeof lane->server->address);
}

static void on_transport(struct transport *transport, enum transport_event event, void *context)
{
    struct lane *lane = context;

    switch (event) {
    case TRANSPORT_OPEN:
        if (transport_is_encrypted(transport))
            metric_add(&lane->server->metrics->handshakes, 1);
        note_address(lane);
        lane->heard_ms = lane->whole_ms = clock_ms();
        enter(lane, LANE_BANNER, OPENING_MS);
        break;
    case TRANSPORT_READABLE:
        on_readable(lane);
        break;
    case TRANSPORT_WRITABLE:
        lane_flush(lane);
        break;
    case TRANSPORT_CLOSED:
        if (transport->tls != NULL && strncmp(transport_reason(transport), "TLS handshake", 13) == 0)
            metric_add(&lane->server->metrics->handshakes_failed, 1);
        if (!connect_to_next(lane))
            server_lane_lost(lane, transport_reason(transport), false);
        break;
    }
}

// --- time -------------------------------------------------------------------------------------------------------

/** Does Asterisk work on a blocking action that still has time? A Ping would wait behind it. */
static bool is_busy(const struct lane *lane, uint64_t now)
{
    return lane->blocker != NULL && lane->blocker->state <= EXCHANGE_LISTING && now < lane->blocker->deadline_ms;
}

/** What may be complete is so after a while of silence. @return false: the lane was closed */
static bool settle(struct lane *lane, uint64_t now)
{
    if (!parser_is_doubtful(lane->parser) || now - lane->heard_ms < SETTLE_MS)
        return true;
    parser_settle(lane->parser);
    return take_messages(lane);
}

/** Is a message on its way that is large? Megabytes of it count as a sign of life: its limit ends it. */
static bool makes_progress(struct lane *lane)
{
    size_t pending = parser_pending(lane->parser);

    if (pending < lane->seen_bytes + PROGRESS_BYTES)
        return false;
    lane->seen_bytes = pending;
    return true;
}

/** Is a text being read that has perhaps lost its end? The answer to a Ping would tell: Asterisk works in turn. */
static bool is_long_text(struct lane *lane, uint64_t now)
{
    if (!parser_is_in_text(lane->parser))
        lane->text_ms = 0;
    else if (lane->text_ms == 0)
        lane->text_ms = now;
    return lane->text_ms != 0 && now - lane->text_ms >= TEXT_MS;
}

/** Bytes that make no whole message are no sign of life: the connection is given up as if it were silent. */
static void keep_alive(struct lane *lane, uint64_t now)
{
    uint64_t interval = lane->server->config->ping_interval_ms;
    bool is_text = is_long_text(lane, now);

    if ((is_busy(lane, now) && !is_text) || makes_progress(lane)) {
        lane->whole_ms = now; // its silence says nothing
        lane->pinged_ms = 0;
    } else if (lane->pinged_ms == 0 && (is_text || now - lane->whole_ms >= interval)) {
        lane_ping(lane);
    } else if (lane->pinged_ms != 0 && now - lane->pinged_ms >= interval * MISSED_PINGS) {
        server_lane_lost(lane, "no answer to Ping", false);
    }
}

void lane_tick(struct lane *lane, uint64_t now)
{
    if (lane->deadline_ms != 0 && now >= lane->deadline_ms) {
        if (connect_to_next(lane))
            return;
        server_lane_lost(lane, lane->state == LANE_LEAVING ? "Logoff was not answered" : "no answer in time", false);
        return;
    }
    if (lane->state == LANE_UP && settle(lane, now))
        keep_alive(lane, now);
}
