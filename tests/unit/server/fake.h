// tests/unit/server/fake.h: a server whose main lane is up but not connected. What is written stays in the lane,
// messages of its Asterisk are texts of the test, and what the server sends to the hub is kept. For one test at a time.
#ifndef UNIT_SERVER_FAKE_H
#define UNIT_SERVER_FAKE_H

#include "base/clock.h"
#include "base/memory.h"
#include "server/receive.h"
#include "server/server.h"
#include "unit/test.h"

#include <event2/event.h>
#include <stdlib.h>

#define FAKE_PARTS 64
#define FAKE_SERVERS 2

/** A message that went to the hub. */
struct fake_part {
    struct message *message;
    struct ask *ask;
    bool is_event, late, final;
    uint32_t items; // 0: it is one message
    enum amp_reason reason;
};

struct fake {
    struct event_base *base;
    struct config config;
    struct servers servers;
    struct server server[FAKE_SERVERS];
    struct server *list[FAKE_SERVERS];
    struct server_config described[FAKE_SERVERS];
    struct metrics_server metrics[FAKE_SERVERS];
    struct fake_part parts[FAKE_PARTS];
    size_t count;
};

static inline void fake_keep(struct fake *fake, struct fake_part part)
{
    assert_true(fake->count < FAKE_PARTS);
    if (part.ask != NULL)
        ask_ref(part.ask); // the exchange may be gone when the test looks
    fake->parts[fake->count++] = part;
}

static inline void fake_on_event(void *context, struct message *message, struct ask *ask, bool foreign_id)
{
    (void)foreign_id;
    fake_keep(context, (struct fake_part){.message = message, .ask = ask, .is_event = true});
}

static inline void fake_on_answer(void *context, struct answer_part part, struct ask *ask)
{
    fake_keep(context, (struct fake_part){.message = part.message,
                                          .ask = ask,
                                          .late = part.kind == ANSWER_PART_LATE,
                                          .final = part.final,
                                          .items = part.items,
                                          .reason = part.reason});
}

static inline void fake_on_state(void *context, const struct servers_state *state)
{
    (void)context, (void)state;
}

static inline void fake_on_flush(evutil_socket_t fd, short what, void *context)
{
    (void)fd, (void)what, (void)context;
}

/** Makes a main lane that is logged in. Nothing leaves it, because its transport is closed. */
static inline void fake_open(struct lane *lane)
{
    lane->parser = parser_create(lane->server->config->name);
    lane->state = LANE_UP;
}

static inline int fake_set_up(void **state)
{
    static char names[FAKE_SERVERS][8] = {"pbx1", "pbx2"};
    struct fake *fake = memory_zero(1, sizeof *fake);

    fake->base = event_base_new();
    fake->config.limits.exchange_timeout_ms = 60000;
    fake->config.limits.queue_timeout_ms = 60000;
    fake->config.limits.server_message_bytes = 1 << 20;
    fake->config.retry.interval_ms = fake->config.retry.max_interval_ms = 60000;
    fake->servers = (struct servers){.base = fake->base,
                                     .config = &fake->config,
                                     .output = {fake_on_event, fake_on_answer, fake_on_state, fake, NULL, NULL, NULL},
                                     .list = fake->list,
                                     .count = FAKE_SERVERS};
    fake->servers.flush = event_new(fake->base, -1, 0, fake_on_flush, fake);
    exchanges_init(&fake->servers.exchanges);
    for (int i = 0; i < FAKE_SERVERS; i++) {
        struct server *server = fake->list[i] = &fake->server[i];
        fake->described[i] = (struct server_config){.name = names[i], .host = names[i], .lanes = 1};
        *server = (struct server){.servers = &fake->servers,
                                  .number = (uint32_t)i + 1,
                                  .config = &fake->described[i],
                                  .metrics = &fake->metrics[i],
                                  .state = SERVER_UP,
                                  .banner = "Asterisk Call Manager/5.0.2"};
        queue_init(&server->queue);
        for (int lane = 0; lane < SERVER_LANES; lane++)
            lane_init(&server->lanes[lane], server, lane > 0);
        fake_open(MAIN(server));
    }
    *state = fake;
    return 0;
}

static inline void fake_forget(struct fake *fake)
{
    while (fake->count > 0) {
        struct fake_part *part = &fake->parts[--fake->count];
        message_unref(part->message);
        if (part->ask != NULL)
            ask_unref(part->ask);
    }
}

static inline int fake_tear_down(void **state)
{
    struct fake *fake = *state;
    struct exchange *exchange;

    for (int i = 0; i < FAKE_SERVERS; i++)
        queue_fail(&fake->server[i], AMP_REASON_NO_SERVER, "The test ends");
    while ((exchange = LIST_FIRST(&fake->servers.exchanges.all, struct exchange, entry)) != NULL)
        exchange_destroy(&fake->servers.exchanges, exchange);
    for (int i = 0; i < FAKE_SERVERS; i++) {
        for (int lane = 0; lane < SERVER_LANES; lane++)
            lane_close(&fake->server[i].lanes[lane]);
        queue_fini(&fake->server[i].queue);
    }
    fake_forget(fake);
    exchanges_fini(&fake->servers.exchanges);
    event_free(fake->servers.flush);
    event_base_free(fake->base);
    free(fake);
    return 0;
}

/** Makes an ask of that session; the caller unrefs. */
static inline struct ask *fake_ask(const char *action, uint64_t session)
{
    struct message_builder builder;
    struct message *message;
    struct ask *ask;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "%s", action);
    message = message_build(&builder);
    ask = ask_create(message, NULL);
    ask->session_id = session;
    ask->write = UINT32_MAX;
    message_unref(message);
    return ask;
}

/** Returns the last exchange of the main lane; NULL: it has none. */
static inline struct exchange *fake_last(struct server *server)
{
    const struct list_head *exchanges = &MAIN(server)->exchanges;

    return exchanges->last != NULL ? LIST_OBJECT(exchanges->last, struct exchange, place) : NULL;
}

/** Passes one message of the server's Asterisk. */
static inline void fake_say_raw(struct server *server, const char *text)
{
    struct parser *parser = MAIN(server)->parser;
    size_t length = strlen(text), room;
    char *bytes = parser_reserve(parser, length, &room);

    memcpy(bytes, text, length);
    parser_commit(parser, length);
    struct message *message = parser_next(parser);
    assert_non_null(message);
    receive_message(MAIN(server), message);
}

/** Passes a message of the server's Asterisk, to which the ActionID is added behind the first line. */
static inline void fake_say(struct server *server, const struct exchange *exchange, const char *first, const char *rest)
{
    char text[1024];

    snprintf(text, sizeof text, "%s\r\nActionID: %s\r\n%s\r\n", first, exchange->id, rest);
    fake_say_raw(server, text);
}

/** Checks that message number `index` has that header. */
static inline void fake_check(const struct fake *fake, size_t index, const char *name, const char *value)
{
    struct span found;

    assert_true(index < fake->count);
    assert_true(message_find(fake->parts[index].message, name, &found));
    assert_true(span_equals(found, span_of(value)));
}

#endif
