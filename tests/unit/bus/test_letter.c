// tests/unit/bus/test_letter.c: letters with all that a message may have, and with nothing.
#include "bus/letter.h"

#include "unit/test.h"

#include <string.h>

static void texts_and_bytes_are_copied(void **state)
{
    char subject[] = "amp.c.ev.x", reply[] = "amp.c.re.1", body[] = "bo\0dy";
    struct bus_letter *letter = bus_letter_of(3, subject, reply, NULL, (struct span){body, 5});

    (void)state;
    memset(subject, '#', sizeof subject);
    memset(reply, '#', sizeof reply);
    memset(body, '#', sizeof body);
    assert_int_equal(letter->letter.kind, 3);
    assert_int_equal(letter->kind, BUS_MESSAGE);
    assert_string_equal(letter->subject, "amp.c.ev.x");
    assert_string_equal(letter->reply, "amp.c.re.1");
    assert_int_equal(letter->body.length, 5);
    assert_memory_equal(letter->body.bytes, "bo\0dy", 6); // with an end for who reads a text
    assert_int_equal(letter->size, bus_letter_size("amp.c.ev.x", "amp.c.re.1", 0, 5));
    bus_letter_destroy(NULL, letter);
}

static void a_message_may_be_empty(void **state)
{
    struct bus_letter *letter = bus_letter_of(3, "s", NULL, NULL, (struct span){NULL, 0});

    (void)state;
    assert_null(letter->reply);
    assert_null(letter->head);
    assert_int_equal(letter->body.length, 0);
    assert_string_equal(letter->body.bytes, "");
    bus_letter_destroy(NULL, letter);
    letter = bus_letter_create(3, BUS_DOWN);
    assert_int_equal(letter->kind, BUS_DOWN);
    assert_int_equal(letter->size, 0);
    bus_letter_destroy(NULL, letter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_bytes_are_copied),
        cmocka_unit_test(a_message_may_be_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
