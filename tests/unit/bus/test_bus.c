// tests/unit/bus/test_bus.c: two nodes at a real nats-server (Debian's package). The threads are the bus's own:
// pthread_create is called there.
#include "unit/bus/bus_test.h"

#include <inttypes.h>

static struct nats_process nats;

static int start_nats(void **state)
{
    (void)state;
    nats_init(&nats);
    nats_start(&nats);
    return 0;
}

static int stop_nats(void **state)
{
    (void)state;
    nats_kill(&nats);
    return 0;
}

static struct message *head_of(const char *epoch)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_add(&builder, span_of("Amp"), span_of("1"));
    message_add(&builder, span_of("Epoch"), span_of(epoch));
    return message_build(&builder);
}

static void assert_header(const struct message *message, const char *name, const char *expected)
{
    struct span value;

    assert_non_null(message);
    assert_true(message_find(message, name, &value));
    assert_true(span_equals(value, span_of(expected)));
}

static void messages_arrive_as_they_were_sent(void **state)
{
    (void)state;
    struct node a, b;
    struct bus_body *body = bus_body_create();
    struct bus_letter *letter;

    node_start_at(&a, &nats);
    node_start_at(&b, &nats);
    bus_subscribe(b.bus, "amp.c.ev.*");
    bus_subscribe(b.bus, "amp.c.ev.*"); // changes nothing
    bus_subscribe(a.bus, "amp.c.ev.*");
    node_expect(&a, BUS_UP);
    assert_true(bus_is_up(a.bus));
    await_path(&a, &b, "amp.c.ev.hello");
    for (int i = 0; i < 6; i++) // more than fit without a block of their own
        bus_body_add(body, head_of("7"));
    bus_body_add_bytes(body, (struct span){"a\0b", 3});
    assert_true(bus_publish(a.bus, BUS_PLAIN, "amp.c.ev.x", "amp.c.re.1", head_of("17"), body));
    assert_true(bus_publish(a.bus, BUS_PLAIN, "amp.c.ev.none", NULL, NULL, NULL));
    letter = node_message(&b, "amp.c.ev.x");
    assert_string_equal(letter->reply, "amp.c.re.1");
    assert_header(letter->head, "Amp", "1");
    assert_header(letter->head, "epoch", "17");
    assert_false(letter->no_responders);
    assert_int_equal(letter->body.length, 6 * strlen("Amp: 1\r\nEpoch: 7\r\n\r\n") + 3);
    assert_memory_equal(letter->body.bytes, "Amp: 1\r\nEpoch: 7\r\n\r\nAmp", 23);
    assert_memory_equal(letter->body.bytes + letter->body.length - 3, "a\0b", 3);
    bus_letter_destroy(b.bus, letter);
    letter = node_message(&b, "amp.c.ev.none"); // nothing came twice
    assert_null(letter->head);
    assert_null(letter->reply);
    assert_int_equal(letter->body.length, 0);
    bus_letter_destroy(b.bus, letter);
    assert_int_equal(metric_get(&b.counts->waiting_in), 0);
    bus_unsubscribe(b.bus, "amp.c.ev.*");
    bus_unsubscribe(b.bus, "amp.c.ev.*");
    node_gather(&a); // nobody hears themselves
    for (struct letter *each = a.first; each != NULL; each = each->next)
        assert_int_not_equal(((struct bus_letter *)each)->kind, BUS_MESSAGE);
    node_stop(&b);
    node_stop(&a);
}

/** The order is kept over several subjects, and over all of a sender's messages. */
static void the_order_is_kept(void **state)
{
    (void)state;
    struct node a, b;
    enum { COUNT = 5000, SUBJECTS = 7 };

    node_start_at(&a, &nats);
    node_start_at(&b, &nats);
    for (int i = 0; i < SUBJECTS; i++) {
        char subject[32];
        snprintf(subject, sizeof subject, "order.%d", i);
        bus_subscribe(b.bus, subject);
    }
    bus_subscribe(b.bus, "order.hello");
    await_path(&a, &b, "order.hello");
    for (int i = 0; i < COUNT; i++) {
        char subject[32], text[32];
        snprintf(subject, sizeof subject, "order.%d", i % SUBJECTS);
        snprintf(text, sizeof text, "%d", i);
        assert_true(bus_publish(a.bus, BUS_PLAIN, subject, NULL, NULL, body_of(text)));
    }
    for (int i = 0; i < COUNT; i++) {
        struct bus_letter *letter = node_await(&b, BUS_MESSAGE);
        if (strcmp(letter->subject, "order.hello") == 0)
            i--;
        else
            assert_int_equal(atoi(letter->body.bytes), i);
        bus_letter_destroy(b.bus, letter);
    }
    node_stop(&a);
    node_stop(&b);
}

static void a_request_to_nobody_is_told(void **state)
{
    (void)state;
    struct node a;
    struct bus_letter *letter;

    node_start_at(&a, &nats);
    bus_subscribe(a.bus, "re.a.>");
    assert_true(bus_publish(a.bus, BUS_IMPORTANT, "do.nobody", "re.a.1", head_of("1"), body_of("x")));
    letter = node_message(&a, "re.a.1");
    assert_true(letter->no_responders);
    bus_letter_destroy(a.bus, letter);
    node_stop(&a);
}

/** NATS takes 1 MiB by default. */
static void what_is_too_long_is_dropped_and_counted(void **state)
{
    (void)state;
    struct node a;
    char *urls[] = {nats.url}, *text = malloc(3 << 20);

    node_start(&a, urls, 1, 8 << 20, 10000);
    memset(text, 'x', 2 << 20);
    text[2 << 20] = '\0';
    node_expect(&a, BUS_UP);
    assert_true(bus_publish(a.bus, BUS_PLAIN, "x", NULL, NULL, body_of(text)));
    node_expect(&a, BUS_LOST);
    assert_int_equal(metric_get(&a.counts->unsendable), 1);
    text[BUS_BODY_LIMIT] = '\0';
    assert_true(bus_publish(a.bus, BUS_PLAIN, "x", NULL, head_of("1"), body_of(text)));
    await_count(&a.counts->published, 1);
    assert_true(bus_publish(a.bus, BUS_PLAIN, "bad subject", NULL, head_of("1"), body_of("x")));
    assert_true(bus_publish(a.bus, BUS_PLAIN, "y", NULL, head_of("1"), body_of("x")));
    await_count(&a.counts->published, 2);
    node_stop(&a);
    free(text);
}

/** The hub does not take its letters: what exceeds the limit is dropped, counted and told once. */
static void the_mailbox_to_the_hub_is_bounded(void **state)
{
    (void)state;
    struct node a, b;
    char *urls[] = {nats.url}, text[10001];
    unsigned messages = 0, told = 0;
    uint64_t dropped;

    memset(text, 'x', 10000);
    text[10000] = '\0';
    node_start(&a, urls, 1, 64 << 20, 10000);
    node_start(&b, urls, 1, 1 << 20, 10000);
    bus_subscribe(b.bus, "x");
    await_path(&a, &b, "x");
    for (int i = 0; i < 500; i++)
        assert_true(bus_publish(a.bus, BUS_PLAIN, "x", NULL, NULL, body_of(text)));
    await_count(&b.counts->full_in, 390);
    assert_true(metric_get(&b.counts->waiting_in) <= 1 << 20);
    await_count(&a.counts->published, 500);
    bus_publish(a.bus, BUS_PLAIN, "x", NULL, NULL, body_of("small"));
    for (bool ended = false; !ended;) {
        struct bus_letter *letter = node_next(&b);
        messages += letter->kind == BUS_MESSAGE;
        told += letter->kind == BUS_LOST;
        ended = letter->kind == BUS_MESSAGE && span_equals(letter->body, span_of("small"));
        bus_letter_destroy(b.bus, letter);
    }
    dropped = metric_get(&b.counts->full_in);
    assert_int_equal(told, 1);
    assert_true(messages + dropped >= 502);
    assert_int_equal(metric_get(&b.counts->waiting_in), 0);
    await_path(&a, &b, "x"); // it goes on
    node_stop(&a);
    node_stop(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_arrive_as_they_were_sent), cmocka_unit_test(the_order_is_kept),
        cmocka_unit_test(a_request_to_nobody_is_told),       cmocka_unit_test(what_is_too_long_is_dropped_and_counted),
        cmocka_unit_test(the_mailbox_to_the_hub_is_bounded),
    };
    return cmocka_run_group_tests(tests, start_nats, stop_nats);
}
