// core/server/queue.c: see queue.h.
#include "server/queue.h"

#include "ami/catalogue.h"
#include "base/clock.h"
#include "base/memory.h"
#include "server/answers.h"
#include "server/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/** The numbers of a server's slow lanes. */
struct use {
    uint32_t most;     // configured
    uint32_t open;     // open or opening, without those that log off
    uint32_t opening;  // not logged in yet
    uint32_t occupied; // blocked for an unknown time: by a call that is set up, or by an action that was given up
};

void queue_init(struct queue *queue)
{
    *queue = (struct queue){0};
    map_init(&queue->lines, false);
}

void queue_fini(struct queue *queue)
{
    map_fini(&queue->lines);
}

// --- lines ------------------------------------------------------------------------------------------------------

static struct queue_line *first_line(const struct queue *queue)
{
    return LIST_FIRST(&queue->turns, struct queue_line, turn);
}

static struct queue_line *next_line(const struct queue_line *line)
{
    return LIST_NEXT(line, struct queue_line, turn);
}

static struct queue_line *line_of(struct server *server, uint64_t session_id)
{
    struct queue *queue = &server->queue;
    struct span key = {(const char *)&session_id, sizeof session_id};
    struct queue_line *line = (struct queue_line *)(void *)map_find(&queue->lines, 0, key);

    if (line != NULL)
        return line;
    line = memory_zero(1, sizeof *line);
    line->server = server;
    line->session_id = session_id;
    key.bytes = (const char *)&line->session_id;
    map_add(&queue->lines, &line->node, 0, key);
    list_add_last(&queue->turns, &line->turn);
    return line;
}

void queue_add(struct server *server, struct exchange *exchange)
{
    struct queue_line *line = line_of(server, exchange->ask->session_id);

    exchange->line = line;
    list_add_last(&line->exchanges, &exchange->place);
    exchange->queued_ms = clock_ms();
    exchange_enter(&server->servers->exchanges, exchange, EXCHANGE_UNSENT,
                   server->servers->config->limits.queue_timeout_ms);
    server->queue.count++;
    server->queue.for_main += !exchange->ask->slow;
    log_debug(&server->log, "action waits session=%" PRIu64 " waiting=%zu", line->session_id, server->queue.count);
}

struct exchange *queue_first(const struct queue *queue)
{
    const struct queue_line *line = first_line(queue);

    return line != NULL ? exchange_first(&line->exchanges) : NULL;
}

void queue_forget(struct exchange *exchange)
{
    struct queue_line *line = exchange->line;
    struct queue *queue;

    if (line == NULL)
        return;
    queue = &line->server->queue;
    list_remove(&line->exchanges, &exchange->place);
    exchange->line = NULL;
    queue->count--;
    queue->for_main -= !exchange->ask->slow;
    if (line->exchanges.first != NULL)
        return;
    list_remove(&queue->turns, &line->turn);
    map_remove(&queue->lines, &line->node);
    free(line);
}

// --- what may go where ------------------------------------------------------------------------------------------

/** Has this server an unanswered blocking action of the session? The session's next one must not overtake it. */
static bool is_with_server(const struct server *server, uint64_t session_id)
{
    for (int i = 0; i < SERVER_LANES; i++) {
        const struct exchange *blocker = server->lanes[i].blocker;
        if (blocker != NULL && blocker->state <= EXCHANGE_LISTING && blocker->ask->session_id == session_id)
            return true;
    }
    return false;
}

static struct use use_of(const struct server *server)
{
    struct use use = {.most = server->config->lanes - 1};

    for (int i = 1; i < SERVER_LANES; i++) {
        const struct lane *lane = &server->lanes[i];
        if (lane->state == LANE_CLOSED || lane->state == LANE_LEAVING)
            continue;
        use.open++;
        use.opening += lane->state != LANE_UP;
        use.occupied += lane_is_blocked(lane) && (lane->blocker->state == EXCHANGE_GIVEN_UP ||
                                                  catalogue_waits_for_people(lane->blocker->ask->action));
    }
    return use;
}

/** Is there room for `calls` more calls on slow lanes? One lane is kept free for actions that block only briefly. */
static bool is_room_for_calls(const struct use *use, uint32_t calls)
{
    uint32_t most = use->most > 1 ? use->most - 1 : use->most;

    return use->occupied + calls <= most;
}

/** Must blocking actions use the main lane, because slow lanes are not configured or could not be opened? */
static bool is_main_shared(const struct server *server, const struct use *use, uint64_t now)
{
    return use->most == 0 || (use->open == 0 && now < server->slow_retry_ms);
}

/** Does a session still wait for the answer: the asker, or one whose equal ask was coalesced with it? */
static bool is_wanted(const struct exchange *exchange)
{
    return ask_withdrawal(exchange->ask) == ASK_WANTED || exchange->ask->share != NULL;
}

/** May the first exchange of a line be sent, if there is a lane for it? */
static bool is_ready(const struct queue_line *line, uint64_t now)
{
    const struct exchange *exchange = exchange_first(&line->exchanges);

    return now < exchange->deadline_ms && is_wanted(exchange) &&
           !(exchange->ask->slow && is_with_server(line->server, line->session_id));
}

/** Picks the next exchange to send. One that blocks briefly goes before a call, unless that call has waited for half of
 *  `limits.queue_timeout`.
 *  @param blocking  blocking actions may be picked
 *  @param plain  actions that do not block may be picked
 *  @param calls  actions that set up a call may be picked */
static struct exchange *queue_pick(const struct server *server, bool blocking, bool plain, bool calls, uint64_t now)
{
    uint64_t half_timeout = server->servers->config->limits.queue_timeout_ms / 2;
    struct exchange *brief = NULL, *call = NULL;

    for (const struct queue_line *line = first_line(&server->queue); line != NULL; line = next_line(line)) {
        struct exchange *exchange = exchange_first(&line->exchanges);
        bool is_call = exchange->ask->slow && catalogue_waits_for_people(exchange->ask->action);
        if ((is_call ? call : brief) != NULL || !(exchange->ask->slow ? blocking : plain) || (is_call && !calls) ||
            !is_ready(line, now))
            continue;
        if (is_call)
            call = exchange;
        else
            brief = exchange;
        if (brief != NULL && (call != NULL || !calls))
            break;
    }
    return brief == NULL || (call != NULL && now - call->queued_ms >= half_timeout) ? call : brief;
}

/** Takes an exchange out of the queue and writes it. Its session's line goes to the end. */
static void hand_to(struct lane *lane, struct exchange *exchange)
{
    struct server *server = lane->server;

    list_remove(&server->queue.turns, &exchange->line->turn);
    list_add_last(&server->queue.turns, &exchange->line->turn);
    queue_forget(exchange);
    server_write(lane, exchange);
}

static void fill_slow_lanes(struct server *server, struct use *use, uint64_t now)
{
    for (int i = 1; i < SERVER_LANES; i++) {
        struct lane *lane = &server->lanes[i];
        struct exchange *exchange;
        if (lane->state != LANE_UP || lane_is_blocked(lane) || lane->pinged_ms != 0)
            continue; // an unanswered Ping: the connection may be dead
        exchange = queue_pick(server, true, false, is_room_for_calls(use, 1), now);
        if (exchange == NULL)
            return;
        use->occupied += catalogue_waits_for_people(exchange->ask->action);
        hand_to(lane, exchange);
    }
}

static struct lane *closed_lane(struct server *server)
{
    for (int i = 1; i < SERVER_LANES; i++) {
        if (server->lanes[i].state == LANE_CLOSED)
            return &server->lanes[i];
    }
    return NULL;
}

/** Opens a slow lane for each line that could use one now, up to the limit. */
static void open_slow_lanes(struct server *server, const struct use *use, uint64_t now)
{
    uint32_t opening = use->opening, open = use->open, calls = 0;

    for (const struct queue_line *line = first_line(&server->queue); line != NULL && open < use->most;
         line = next_line(line)) {
        const struct ask *ask = exchange_first(&line->exchanges)->ask;
        struct lane *lane;
        if (!ask->slow || !is_ready(line, now))
            continue;
        if (catalogue_waits_for_people(ask->action) && !is_room_for_calls(use, ++calls))
            continue;
        if (opening > 0) { // a lane is opening already, which can serve this line
            opening--;
            continue;
        }
        lane = now >= server->slow_retry_ms ? closed_lane(server) : NULL;
        if (lane == NULL)
            return;
        lane_open(lane);
        if (lane->state == LANE_CLOSED)
            return;
        open++;
    }
}

void queue_pump(struct server *server)
{
    uint64_t now = clock_ms();
    struct exchange *exchange;
    struct use use;
    bool shared;

    if (server->queue.count == 0 || !server_is_up(server))
        return;
    use = use_of(server);
    fill_slow_lanes(server, &use, now);
    open_slow_lanes(server, &use, now);
    use = use_of(server);
    shared = is_main_shared(server, &use, now);
    while (server->queue.count > 0 && MAIN(server)->state == LANE_UP && !lane_is_blocked(MAIN(server)) &&
           (exchange = queue_pick(server, shared, true, shared, now)) != NULL)
        hand_to(MAIN(server), exchange);
}

// --- what is not sent -------------------------------------------------------------------------------------------

static void queue_end(struct exchange *exchange, enum amp_reason reason, const char *text)
{
    struct server *server = exchange->line->server;
    struct servers *servers = server->servers;

    metric_add(&server->metrics->not_sent, 1);
    queue_forget(exchange);
    answers_fail(servers, exchange, server->config->name, reason, text);
    exchange_destroy(&servers->exchanges, exchange);
}

void queue_expire(struct exchange *exchange)
{
    const struct server *server = exchange->line->server;
    char text[200];

    snprintf(text, sizeof text, "Server %.80s was busy with other actions for %" PRIu64 " ms: the action was not sent",
             server->config->name, clock_ms() - exchange->queued_ms);
    queue_end(exchange, AMP_REASON_TOO_MANY, text);
}

void queue_fail(struct server *server, enum amp_reason reason, const char *text)
{
    struct exchange *exchange;
    char whole[320];

    snprintf(whole, sizeof whole, "%.280s; the action was not sent", text);
    while ((exchange = queue_first(&server->queue)) != NULL)
        queue_end(exchange, reason, whole);
}

/** Ends an exchange that nobody waits for, or that its user may not send any more. */
static void queue_withdraw(struct exchange *exchange)
{
    const struct queue_line *line = exchange->line;
    bool denied = ask_withdrawal(exchange->ask) == ASK_DENIED;

    log_debug(&line->server->log, "action withdrawn session=%" PRIu64 " reason=\"%s\"", line->session_id,
              denied ? "its user may not send it any more" : "nobody waits for it");
    if (denied)
        queue_end(exchange, AMP_REASON_DENIED, QUEUE_DENIED);
    else
        queue_end(exchange, AMP_REASON_TIMEOUT, "Nobody waited for the action: it was not sent");
}

void queue_tick(struct server *server)
{
    struct queue_line *following;
    struct exchange *next;

    for (struct queue_line *line = first_line(&server->queue); line != NULL; line = following) {
        following = next_line(line);
        for (struct exchange *exchange = exchange_first(&line->exchanges); exchange != NULL; exchange = next) {
            next = exchange_next(exchange); // read first: the end of the last exchange frees `line`, too
            if (!is_wanted(exchange))
                queue_withdraw(exchange);
        }
    }
    queue_pump(server);
}
