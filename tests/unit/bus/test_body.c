// tests/unit/bus/test_body.c: bodies of one piece, of many, and of none.
#include "bus/body.h"

#include "unit/test.h"

#include <string.h>

static struct message *message_of(const char *value)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_add(&builder, span_of("Event"), span_of(value));
    return message_build(&builder);
}

static void expect_body(struct bus_body *body, const char *expected)
{
    char out[1000];

    assert_int_equal(bus_body_length(body), strlen(expected));
    bus_body_write(body, out);
    assert_memory_equal(out, expected, strlen(expected));
    bus_body_destroy(body);
}

static void pieces_are_put_together_in_order(void **state)
{
    struct bus_body *body = bus_body_create();
    char expected[1000] = "";

    (void)state;
    for (int i = 0; i < 10; i++) { // more than lie in the body itself
        bus_body_add(body, message_of("A"));
        bus_body_add_bytes(body, span_of("bc"));
        bus_body_add_bytes(body, span_of(""));
        strcat(expected, "Event: A\r\n\r\nbc");
    }
    expect_body(body, expected);
    expect_body(bus_body_create(), "");
    bus_body_destroy(NULL);
}

/** A body has a reference of its own. */
static void a_message_lives_as_long_as_the_body(void **state)
{
    struct bus_body *body = bus_body_create();
    struct message *message = message_of("B");

    (void)state;
    bus_body_add(body, message_ref(message));
    message_unref(message);
    expect_body(body, "Event: B\r\n\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_put_together_in_order),
        cmocka_unit_test(a_message_lives_as_long_as_the_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
