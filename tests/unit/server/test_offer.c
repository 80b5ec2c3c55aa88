// tests/unit/server/test_offer.c: the ring of the latest events: numbers, age and bytes.
#include "server/offer.h"

#include "base/memory.h"
#include "unit/test.h"

#include <stdio.h>

static void add(struct offer *offer, size_t most, uint64_t now_ms, const char *name)
{
    struct message_builder builder;
    struct message *message;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", name);
    message = message_build(&builder);
    offer_add(offer, message, most, now_ms);
    message_unref(message);
}

static void assert_event(const struct offer *offer, uint64_t number, const char *name)
{
    const struct message *message = offer_find(offer, number, NULL);

    if (name == NULL) {
        assert_null(message);
        return;
    }
    assert_non_null(message);
    assert_true(span_equals(message_name(message), span_of(name)));
}

static void test_i17_events_are_found_by_number(void **state)
{
    struct offer offer = {0};
    char name[16];
    (void)state;

    assert_event(&offer, 0, NULL);
    assert_event(&offer, 1, NULL);
    for (int i = 1; i <= 1000; i++) {
        snprintf(name, sizeof name, "E%d", i);
        add(&offer, 1 << 20, 0, name);
    }
    assert_event(&offer, 1, "E1");
    assert_event(&offer, 777, "E777");
    assert_event(&offer, 1000, "E1000");
    assert_event(&offer, 1001, NULL);
    assert_event(&offer, 0, NULL);
    offer_clear(&offer);
    assert_event(&offer, 1, NULL);
}

static void test_i17_old_events_go(void **state)
{
    struct offer offer = {0};
    (void)state;

    add(&offer, 1 << 20, 1000, "A");
    add(&offer, 1 << 20, 1000 + OFFER_MS, "B");
    assert_event(&offer, 1, "A");
    add(&offer, 1 << 20, 1001 + OFFER_MS, "C");
    assert_event(&offer, 1, NULL);
    assert_event(&offer, 2, "B");
    assert_event(&offer, 3, "C");
    offer_clear(&offer);
}

static void test_i17_the_ring_has_a_most_of_bytes(void **state)
{
    struct offer offer = {0};
    (void)state;

    for (int i = 0; i < 1000; i++)
        add(&offer, 120, 0, "A"); // 12 bytes each
    assert_int_equal(offer.count, 10);
    assert_int_equal(offer.bytes, 120);
    assert_event(&offer, 990, NULL);
    assert_event(&offer, 991, "A");
    add(&offer, 5, 0, "B"); // one that is too large is kept alone
    assert_event(&offer, 1001, "B");
    assert_int_equal(offer.count, 1);
    offer_clear(&offer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i17_events_are_found_by_number),
        cmocka_unit_test(test_i17_old_events_go),
        cmocka_unit_test(test_i17_the_ring_has_a_most_of_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
