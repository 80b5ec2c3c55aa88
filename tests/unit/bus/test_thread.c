// tests/unit/bus/test_thread.c: the bus without a server, with one that hangs, and with those that come back. The
// threads are the bus's own: pthread_create is called there.
#include "unit/bus/bus_test.h"

#define QUICK_MS 1000 // no call waits for NATS; a busy machine may take its time

static void publish_quickly(struct node *node, const char *subject, struct bus_body *body, bool expected)
{
    uint64_t begin = clock_ms();

    assert_int_equal(bus_publish(node->bus, BUS_PLAIN, subject, NULL, NULL, body), expected);
    assert_true(clock_ms() - begin < QUICK_MS);
}

/** What is published while there is no connection arrives when there is one. */
static void without_a_connection_messages_wait(void **state)
{
    (void)state;
    struct nats_process nats;
    struct node a, b, c;
    char *urls[1];

    nats_init(&nats);
    node_start_at(&a, &nats);
    node_start_at(&b, &nats);
    bus_subscribe(b.bus, "x");
    nats_start(&nats);
    node_expect(&a, BUS_UP);
    node_expect(&b, BUS_UP);
    await_path(&a, &b, "x");
    nats_kill(&nats);
    node_expect(&a, BUS_DOWN);
    node_expect(&b, BUS_DOWN);
    assert_false(bus_is_up(a.bus));
    urls[0] = nats.url;
    node_create(&c, urls, 1, 1 << 20, 10000);
    publish_quickly(&c, "x", body_of("1"), true);
    publish_quickly(&c, "x", body_of("2"), true);
    nats_start(&nats);
    node_expect(&b, BUS_UP);
    node_expect(&b, BUS_LOST); // there may be a gap
    await_path(&a, &b, "x");   // b has subscribed again, which NATS does not confirm
    node_connect(&c);
    for (const char *expected = "1"; expected != NULL; expected = *expected == '1' ? "2" : NULL) {
        struct bus_letter *letter = node_message(&b, "x");
        while (span_equals(letter->body, span_of("hello"))) {
            bus_letter_destroy(b.bus, letter);
            letter = node_message(&b, "x");
        }
        assert_true(span_equals(letter->body, span_of(expected)));
        bus_letter_destroy(b.bus, letter);
    }
    assert_int_equal(metric_get(&a.counts->losses), 1);
    assert_int_equal(metric_get(&a.counts->connections), 2);
    node_stop(&a);
    node_stop(&b);
    node_stop(&c);
    nats_kill(&nats);
}

static void what_waits_too_long_is_dropped(void **state)
{
    (void)state;
    struct nats_process nats;
    struct node a;
    char *urls[] = {nats.url};

    nats_init(&nats);
    node_start(&a, urls, 1, 1 << 20, 100);
    publish_quickly(&a, "x", body_of("old"), true);
    node_expect(&a, BUS_LOST);
    assert_int_equal(metric_get(&a.counts->stale), 1);
    assert_int_equal(metric_get(&a.counts->waiting_out), 0);
    node_stop(&a);
}

static void the_mailbox_to_nats_is_bounded(void **state)
{
    (void)state;
    struct nats_process nats;
    struct node a;
    char text[10001];
    int count = 0;

    memset(text, 'x', 10000);
    text[10000] = '\0';
    nats_init(&nats);
    node_start_at(&a, &nats); // 1 MiB
    while (bus_publish(a.bus, BUS_PLAIN, "x", NULL, NULL, body_of(text)))
        count++;
    assert_in_range(count, 90, 105);
    assert_int_equal(metric_get(&a.counts->full_out), 1);
    publish_quickly(&a, "x", body_of(text), false);
    for (count = 0; bus_publish(a.bus, BUS_IMPORTANT, "x", NULL, NULL, body_of(text)); count++)
        continue;
    assert_in_range(count, 8, 14); // the reserve
    assert_true(metric_get(&a.counts->waiting_out) <= (1 << 20) + (1 << 17));
    node_stop(&a);
}

/** A server that hangs is given up, and meanwhile nobody waits for it. */
static void a_server_that_hangs_holds_nobody_up(void **state)
{
    (void)state;
    struct nats_process nats;
    struct node a;
    uint64_t begin;
    char text[10001];
    char *urls[] = {nats.url};

    memset(text, 'x', 10000);
    text[10000] = '\0';
    nats_init(&nats);
    nats_start(&nats);
    node_start(&a, urls, 1, 16 << 20, 10000);
    node_expect(&a, BUS_UP);
    kill(nats.pid, SIGSTOP);
    begin = clock_ms();
    for (int i = 0; i < 1000; i++) // more than sockets hold
        publish_quickly(&a, "x", body_of(text), true);
    node_expect(&a, BUS_DOWN);
    assert_true(clock_ms() - begin < 5000);
    begin = clock_ms();
    node_stop(&a);
    assert_true(clock_ms() - begin < 5000);
    kill(nats.pid, SIGCONT);
    nats_kill(&nats);
}

/** … and is so when the bus ends at once. */
static void the_end_is_quick_at_a_server_that_hangs(void **state)
{
    (void)state;
    struct nats_process nats;
    struct node a;
    uint64_t begin;

    nats_init(&nats);
    nats_start(&nats);
    node_start_at(&a, &nats);
    node_expect(&a, BUS_UP);
    kill(nats.pid, SIGSTOP);
    publish_quickly(&a, "x", body_of("x"), true);
    begin = clock_ms();
    node_stop(&a);
    assert_true(clock_ms() - begin < 5000);
    kill(nats.pid, SIGCONT);
    nats_kill(&nats);
}

/** The next server is tried first, not the one that hangs. */
static void another_server_takes_over(void **state)
{
    (void)state;
    struct nats_process first, second;
    struct node a;
    uint64_t begin;

    nats_init(&first);
    nats_init(&second);
    nats_start(&first);
    char *urls[] = {first.url, second.url};
    node_start(&a, urls, 2, 1 << 20, 10000);
    node_expect(&a, BUS_UP);
    nats_start(&second);
    kill(first.pid, SIGSTOP);
    begin = clock_ms();
    node_expect(&a, BUS_DOWN);
    node_expect(&a, BUS_UP);
    assert_true(clock_ms() - begin < 8000);
    kill(first.pid, SIGCONT);
    nats_kill(&first);
    assert_true(bus_is_up(a.bus));
    node_stop(&a);
    nats_kill(&second);
}

static void a_bus_that_never_started_ends(void **state)
{
    (void)state;
    char name[] = "c", node[] = "n", url[] = "nats://127.0.0.1:1", *urls[] = {url};
    struct cluster_config config = {
        .name = name, .node = node, .bus = urls, .bus_count = 1, .bus_memory = 1 << 20, .dead_after_ms = 2500};
    struct metrics *metrics = metrics_create(1);
    struct mailbox inbox;
    struct error err;

    assert_true(mailbox_init(&inbox));
    struct bus *bus = bus_create(&config, &inbox, 7, metrics, &err);
    assert_non_null(bus);
    assert_true(bus_is_built());
    assert_true(bus_publish(bus, BUS_PLAIN, "x", NULL, NULL, body_of("x")));
    bus_subscribe(bus, "x");
    bus_destroy(bus);
    bus_destroy(NULL);
    mailbox_fini(&inbox);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_connection_messages_wait),
        cmocka_unit_test(what_waits_too_long_is_dropped),
        cmocka_unit_test(the_mailbox_to_nats_is_bounded),
        cmocka_unit_test(a_server_that_hangs_holds_nobody_up),
        cmocka_unit_test(the_end_is_quick_at_a_server_that_hangs),
        cmocka_unit_test(another_server_takes_over),
        cmocka_unit_test(a_bus_that_never_started_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
