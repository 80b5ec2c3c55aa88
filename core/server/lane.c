// core/server/lane.c: see lane.h: opening, writing and closing.
#include "server/lane_inside.h"

#include "base/clock.h"
#include "base/memory.h"
#include "net/resolver.h"
#include "server/answers.h"
#include "server/receive.h"
#include "server/server.h"

#include <arpa/inet.h>
#include <errno.h>

#define LEAVING_MS 2000 // for the answer to Logoff

static void on_transport(struct transport *transport, enum transport_event event, void *context);

static const char *const state_names[] = {"closed",    "resolving", "connecting", "banner",
                                          "challenge", "login",     "up",         "leaving"};

void lane_enter(struct lane *lane, enum lane_state next, uint64_t limit_ms)
{
    log_debug(&lane->server->log, "lane state lane=%s from=%s to=%s", lane->slow ? "slow" : "main",
              state_names[lane->state], state_names[next]);
    lane->state = next;
    lane->deadline_ms = limit_ms == 0 ? 0 : clock_ms() + limit_ms;
}

const char *lane_loss_text(enum lane_loss loss, const char *detail)
{
    static const char *const texts[] = {[LANE_LOSS_ADDRESS] = NULL,
                                        [LANE_LOSS_CONNECT] = NULL,
                                        [LANE_LOSS_TRANSPORT] = NULL,
                                        [LANE_LOSS_LIMIT] = NULL,
                                        [LANE_LOSS_REFUSED] = NULL,
                                        [LANE_LOSS_SILENCE] = "no answer to Ping",
                                        [LANE_LOSS_TIME] = "no answer in time",
                                        [LANE_LOSS_LOGOFF] = "Logoff was not answered"};

    return texts[loss] != NULL ? texts[loss] : detail;
}

void lane_init(struct lane *lane, struct server *server, bool slow)
{
    *lane = (struct lane){.server = server, .slow = slow};
    transport_init_closed(&lane->transport);
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
    lane->pinged_ms = lane->text_ms = lane->round_trip_us = 0;
    if (lane->state != LANE_CLOSED)
        lane_enter(lane, LANE_CLOSED, 0);
}

// --- opening ----------------------------------------------------------------------------------------------------

/** Connects to the present address, or to the next ones while connect() fails at once. */
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
            lane_enter(lane, LANE_CONNECTING, LANE_OPENING_MS);
            return;
        }
    }
    server_lane_lost(lane, LANE_LOSS_CONNECT, strerror(errno));
}

bool lane_connect_next(struct lane *lane)
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
        server_lane_lost(lane, LANE_LOSS_ADDRESS, reason);
        return;
    }
    lane->addresses = lane->address = addresses;
    connect_to_address(lane);
}

/** For the parser: can a message with that ActionID come on this lane now? */
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
    parser_set_limits(lane->parser, LANE_EARLY_BYTES, LANE_EARLY_BYTES);
    lane_enter(lane, LANE_RESOLVING, LANE_OPENING_MS);
    lane->addresses = lane->address = resolver_literal(config->host, config->port);
    if (lane->address != NULL)
        connect_to_address(lane);
    else
        lane->resolving = resolver_ask(server->servers->resolver, config->host, config->port, on_resolved, lane);
}

// --- writing ----------------------------------------------------------------------------------------------------

/** Frees the room of bytes that were written, because the buffer may never drain completely if the peer is always a
 *  little behind. The bytes that are moved are never more than those that were written. */
static void lane_compact(struct lane *lane)
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

    if (!transport_is_ready(&lane->transport))
        return;
    while (lane->sent < lane->out.length) {
        piece = (struct iovec){lane->out.bytes + lane->sent, lane->out.length - lane->sent};
        written = transport_write(&lane->transport, &piece, 1);
        if (written < 0) { // an error is reported by reading, too
            lane_compact(lane);
            return;
        }
        lane->sent += (size_t)written;
        metric_add(&lane->server->metrics->sent_bytes, (uint64_t)written);
    }
    lane->sent = lane->out.length = 0;
}

/** Lets the lane write at the end of the loop's turn, so that many asks of one turn are one write. */
static void want_flush(struct lane *lane)
{
    server_want_flush(lane->server);
}

void lane_link(struct lane *lane, struct exchange *exchange)
{
    exchange->lane = lane;
    list_add_last(&lane->exchanges, &exchange->place);
    if (exchange->state <= EXCHANGE_LISTING)
        lane->unanswered++;
}

/** Has the exchanges that are probably answered next loaded, with the ask of the first: of many in flight, the caches
 *  hold only a part. */
static inline void expect_next(const struct exchange *exchange)
{
    const struct exchange *next = exchange_next(exchange);

    if (next == NULL)
        return;
    memory_expect(&next->id, 1);
    memory_expect(next->ask, 1);
    memory_expect(exchange_next(next), 2);
}

void lane_forget(struct exchange *exchange)
{
    struct lane *lane = exchange->lane;

    if (lane == NULL)
        return;
    expect_next(exchange);
    list_remove(&lane->exchanges, &exchange->place);
    if (exchange->state <= EXCHANGE_LISTING)
        lane->unanswered--;
    if (lane->blocker == exchange)
        lane->blocker = NULL;
    if (lane->listing.exchange == exchange)
        lane->listing.exchange = NULL;
    exchange->lane = NULL;
}

void lane_send_own(struct lane *lane, enum exchange_purpose purpose, struct message_builder *action)
{
    struct exchange *exchange = exchange_create(&lane->server->servers->exchanges, NULL, purpose);
    struct message *message = message_build(action);

    if (purpose == PURPOSE_PING && lane->unanswered == 0)
        exchange->sent_us = clock_us();
    lane_send(lane, exchange, message, 0); // the lane's state has a time limit
    message_unref(message);
}

void lane_ping(struct lane *lane)
{
    struct message_builder action;

    message_builder_init(&action);
    message_addf(&action, "Action", "Ping");
    lane_send_own(lane, PURPOSE_PING, &action);
    if (lane->pinged_ms == 0)
        lane->pinged_ms = clock_ms();
}

void lane_send(struct lane *lane, struct exchange *exchange, const struct message *action, uint64_t limit_ms)
{
    uint64_t now = exchange->ask != NULL ? exchange->sent_us / 1000 : clock_ms(); // for an ask, it was read for that

    lane_link(lane, exchange);
    exchange->sent_to = lane->server->number;
    exchange_enter_until(&lane->server->servers->exchanges, exchange, EXCHANGE_WAITING, now + limit_ms);
    if (exchange->ask != NULL && exchange->ask->slow)
        lane->blocker = exchange;
    writer_wire(&lane->out, action, (struct span){exchange->id, exchange->id_length});
    want_flush(lane);
    if (answers_is_text(exchange))
        lane_ping(lane); // the answer to it shows where the text ends
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
    lane_send_own(lane, PURPOSE_LOGOFF, &action);
    lane_enter(lane, LANE_LEAVING, LEAVING_MS);
}

// --- the transport -----------------------------------------------------------------------------------------------

/** Remembers the server's address, for ListServers. */
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
        lane_enter(lane, LANE_BANNER, LANE_OPENING_MS);
        break;
    case TRANSPORT_READABLE:
        receive_bytes(lane);
        break;
    case TRANSPORT_WRITABLE:
        lane_flush(lane);
        break;
    case TRANSPORT_CLOSED:
        if (transport_handshake_failed(transport))
            metric_add(&lane->server->metrics->handshakes_failed, 1);
        if (!lane_connect_next(lane))
            server_lane_lost(lane, LANE_LOSS_TRANSPORT, transport_reason(transport));
        break;
    }
}
