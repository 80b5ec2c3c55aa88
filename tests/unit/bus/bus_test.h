// tests/unit/bus/bus_test.h: a bus with a mailbox of the test's own in the hub's place.
#ifndef UNIT_BUS_TEST_H
#define UNIT_BUS_TEST_H

#include "base/clock.h"
#include "base/metrics.h"
#include "bus/bus.h"
#include "config/config.h"
#include "unit/bus/nats_process.h"
#include "unit/test.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 20000

struct node {
    struct bus *bus;
    struct mailbox inbox;
    struct letter *first; // taken from the inbox
    struct metrics *metrics;
    struct metrics_bus *counts;
};

/** Makes a node whose bus does not connect yet. */
static inline void node_create(struct node *node, char **urls, size_t count, uint64_t memory, uint64_t stale_ms)
{
    char name[] = "test", self[] = "unit";
    struct cluster_config config = {.name = name,
                                    .node = self,
                                    .bus = urls,
                                    .bus_count = count,
                                    .bus_memory = memory,
                                    .dead_after_ms = stale_ms,
                                    .tls.verify = true};
    struct error err;

    *node = (struct node){.metrics = metrics_create(1)};
    assert_true(mailbox_init(&node->inbox));
    node->counts = metrics_bus(node->metrics);
    node->bus = bus_create(&config, &node->inbox, 7, node->metrics, &err);
    if (node->bus == NULL)
        fail_msg("%s", err.text);
}

/** Lets it connect. */
static inline void node_connect(struct node *node)
{
    struct error err;

    if (!bus_start(node->bus, &err))
        fail_msg("%s", err.text);
}

static inline void node_start(struct node *node, char **urls, size_t count, uint64_t memory, uint64_t stale_ms)
{
    node_create(node, urls, count, memory, stale_ms);
    node_connect(node);
}

/** Starts a node with one server. */
static inline void node_start_at(struct node *node, struct nats_process *nats)
{
    char *urls[] = {nats->url};

    node_start(node, urls, 1, 1 << 20, 10000);
}

static inline void node_gather(struct node *node)
{
    struct letter *more = mailbox_take(&node->inbox), **place = &node->first;

    while (*place != NULL)
        place = &(*place)->next;
    *place = more;
}

/** Waits for the next letter. The caller destroys it. */
static inline struct bus_letter *node_next(struct node *node)
{
    uint64_t begin = clock_ms();

    node_gather(node);
    while (node->first == NULL) {
        struct pollfd wake = {.fd = node->inbox.wake_fd, .events = POLLIN};
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("no letter from the bus");
        poll(&wake, 1, 100);
        mailbox_clear_wakeup(&node->inbox);
        node_gather(node);
    }
    struct letter *letter = node->first;
    node->first = letter->next;
    assert_int_equal(letter->kind, 7);
    return (struct bus_letter *)letter;
}

/** Waits for a letter of that kind, and drops those before it. The caller destroys it. */
static inline struct bus_letter *node_await(struct node *node, enum bus_letter_kind kind)
{
    struct bus_letter *letter = node_next(node);

    while (letter->kind != kind) {
        bus_letter_destroy(node->bus, letter);
        letter = node_next(node);
    }
    return letter;
}

static inline void node_expect(struct node *node, enum bus_letter_kind kind)
{
    bus_letter_destroy(node->bus, node_await(node, kind));
}

/** Waits for a message on `subject`, and drops what comes before it. The caller destroys it. */
static inline struct bus_letter *node_message(struct node *node, const char *subject)
{
    struct bus_letter *letter = node_await(node, BUS_MESSAGE);

    while (strcmp(letter->subject, subject) != 0) {
        bus_letter_destroy(node->bus, letter);
        letter = node_await(node, BUS_MESSAGE);
    }
    return letter;
}

static inline void node_stop(struct node *node)
{
    bus_destroy(node->bus);
    node_gather(node);
    while (node->first != NULL) {
        struct letter *letter = node->first;
        node->first = letter->next;
        bus_letter_destroy(NULL, (struct bus_letter *)letter);
    }
    mailbox_fini(&node->inbox);
    metrics_destroy(node->metrics);
}

static inline struct bus_body *body_of(const char *text)
{
    struct bus_body *body = bus_body_create();

    bus_body_add_bytes(body, span_of(text));
    return body;
}

/** Waits until a count has that value. */
static inline void await_count(const struct metric *metric, uint64_t least)
{
    uint64_t begin = clock_ms();

    while (metric_get(metric) < least) {
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("the count stays at %llu", (unsigned long long)metric_get(metric));
        poll(NULL, 0, 2);
    }
}

/** Sends messages from one node to the other until one arrives: NATS knows then who listens. */
static inline void await_path(struct node *from, struct node *to, const char *subject)
{
    uint64_t begin = clock_ms();

    for (;;) {
        bus_publish(from->bus, BUS_PLAIN, subject, NULL, NULL, body_of("hello"));
        for (int i = 0; i < 20; i++) {
            node_gather(to);
            for (struct letter *each = to->first; each != NULL; each = each->next)
                if (((struct bus_letter *)each)->kind == BUS_MESSAGE)
                    return;
            poll(NULL, 0, 2);
        }
        if (clock_ms() - begin > DEADLINE_MS)
            fail_msg("nothing arrives");
    }
}

#endif
