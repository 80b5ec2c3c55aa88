// tests/unit/server/test_exchange.c: ActionIDs on the wire: unique, bounded, found again, and not mistaken for others.
#include "server/exchange.h"

#include "unit/test.h"

#include <stdlib.h>

static struct ask *ask_of(uint64_t session, const char *id)
{
    struct message_builder builder;
    struct message *action;
    struct ask *ask;

    message_builder_init(&builder);
    message_addf(&builder, "Action", "CoreStatus");
    message_addf(&builder, "ActionID", "%s", id);
    action = message_build(&builder);
    ask = ask_create(action, NULL);
    ask->session_id = session;
    message_unref(action);
    return ask;
}

static struct span id_of(const struct exchange *exchange)
{
    return (struct span){exchange->id, exchange->id_length};
}

static void test_c50_ids_are_unique_bounded_and_found(void **state)
{
    enum { COUNT = 5000 }; // more than the table's first size
    struct exchanges exchanges;
    struct exchange **made = calloc(COUNT, sizeof(struct exchange *));
    struct ask *ask = ask_of(UINT64_MAX, "same for all");
    (void)state;

    exchanges_init(&exchanges);
    for (int i = 0; i < COUNT; i++)
        made[i] = exchange_create(&exchanges, ask, PURPOSE_ASK);
    assert_int_equal(exchanges.unanswered, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_true(made[i]->id_length <= WRITER_ID_BYTES);
        assert_memory_equal(made[i]->id, "amp18446744073709551615-", 24);
        assert_true(exchange_is_ours(id_of(made[i])));
        assert_ptr_equal(exchange_find(&exchanges, id_of(made[i])), made[i]);
    }
    for (int i = 0; i < COUNT; i++)
        exchange_destroy(&exchanges, made[i]);
    assert_int_equal(exchanges.count, 0);
    assert_int_equal(exchanges.unanswered, 0);
    exchanges_fini(&exchanges);
    ask_unref(ask);
    free(made);
}

/** Ids come from servers: nothing behind their end is read. */
static void test_f58_ids_that_stop_anywhere(void **state)
{
    static const char id[] = "amp18446744073709551615-0123456789abcdef.0123456789abcdef";
    (void)state;

    for (size_t length = 0; length <= strlen("amp") + 40; length++) {
        char *digits = malloc(length + 1), *cut = malloc(length + 1); // one byte, so that none is of no size
        for (size_t i = 0; i < length; i++)
            digits[i + 1] = i < 3 ? id[i] : '7';
        memcpy(cut + 1, id, length);
        assert_false(exchange_is_ours((struct span){digits + 1, length}));
        assert_false(exchange_is_ours((struct span){cut + 1, length}));
        free(digits);
        free(cut);
    }
    assert_true(exchange_is_ours(span_of(id)));
}

static void test_foreign_ids_are_not_ours(void **state)
{
    static const char *const foreign[] = {"",
                                          "1",
                                          "amp",
                                          "amp7-foo",
                                          "amp-1.0123456789abcdef",
                                          "ampx-1.0123456789abcdef....",
                                          "12345678901234567890123456789012"};
    struct exchanges exchanges;
    (void)state;

    exchanges_init(&exchanges);
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        assert_false(exchange_is_ours(span_of(foreign[i])));
        assert_null(exchange_find(&exchanges, span_of(foreign[i])));
    }
    exchanges_fini(&exchanges);
}

/** Every length of its parts: a session of one digit and a first serial number make 23 bytes. */
static void test_f25_own_ids_of_every_length_are_ours(void **state)
{
    static const uint64_t sessions[] = {0, 7, 10, 999, 4294967296, UINT64_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof sessions / sizeof sessions[0]; i++) {
        for (int digits = 0; digits < 16; digits++) {
            struct exchanges exchanges;
            struct ask *ask = ask_of(sessions[i], "x");
            exchanges_init(&exchanges);
            exchanges.last_number = digits == 0 ? 0 : (UINT64_C(1) << (4 * digits)) - 1;
            struct exchange *exchange = exchange_create(&exchanges, sessions[i] == 0 ? NULL : ask, PURPOSE_ASK);
            struct span id = id_of(exchange);
            assert_true(exchange_is_ours(id));
            assert_ptr_equal(exchange_find(&exchanges, id), exchange);
            assert_false(exchange_is_ours((struct span){id.bytes, id.length - 1}));
            exchange_destroy(&exchanges, exchange);
            exchanges_fini(&exchanges);
            ask_unref(ask);
        }
    }
}

/** Only digits count, up to the end of the readable memory (ASan sees one byte more). */
static void test_f25_what_only_begins_so_is_not_ours(void **state)
{
    static const char *const beginnings[] = {"amp1",
                                             "amp1-",
                                             "amp1-1",
                                             "amp1-1.",
                                             "amp1-1.0123456789abcde",
                                             "amp1-1.0123456789abcdeg",
                                             "amp1-1.0123456789abcdef0",
                                             "amp123456789012345678901",
                                             "amp1-0123456789abcdef01234",
                                             "amp1.1-0123456789abcdef"};
    (void)state;

    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t length = strlen(beginnings[i]);
        char *exact = memcpy(malloc(length), beginnings[i], length);
        assert_false(exchange_is_ours((struct span){exact, length}));
        free(exact);
    }
}

static void test_guess_with_the_right_number_finds_nothing(void **state)
{
    struct exchanges exchanges;
    struct ask *ask = ask_of(1, "x");
    struct exchange *exchange;
    char guess[WRITER_ID_BYTES + 1];
    (void)state;

    exchanges_init(&exchanges);
    exchange = exchange_create(&exchanges, ask, PURPOSE_ASK);
    memcpy(guess, exchange->id, sizeof guess);
    guess[exchange->id_length - 1] = guess[exchange->id_length - 1] == '0' ? '1' : '0';
    assert_null(exchange_find(&exchanges, span_of(guess)));
    exchange_destroy(&exchanges, exchange);
    exchanges_fini(&exchanges);
    ask_unref(ask);
}

/** The digits are made many at once: each place takes each of them, and no number comes twice. */
static void test_i15_random_digits(void **state)
{
    enum { COUNT = 2000, DIGITS = 16 };
    struct exchanges exchanges;
    bool seen[DIGITS][DIGITS] = {{false}};
    (void)state;

    exchanges_init(&exchanges);
    for (int i = 0; i < COUNT; i++) {
        const struct exchange *exchange = exchange_create(&exchanges, NULL, PURPOSE_ASK);
        const char *digits = exchange->id + exchange->id_length - DIGITS;
        assert_ptr_equal(exchange_find_number(&exchanges, exchange_number(exchange)), exchange);
        for (int place = 0; place < DIGITS; place++)
            seen[place][strtoul((char[]){digits[place], '\0'}, NULL, DIGITS)] = true;
    }
    for (int place = 0; place < DIGITS; place++) {
        for (int digit = 0; digit < DIGITS; digit++)
            assert_true(seen[place][digit]);
    }
    while (exchanges.all.first != NULL)
        exchange_destroy(&exchanges, LIST_OBJECT(exchanges.all.first, struct exchange, entry));
    exchanges_fini(&exchanges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c50_ids_are_unique_bounded_and_found),
        cmocka_unit_test(test_f58_ids_that_stop_anywhere),
        cmocka_unit_test(test_foreign_ids_are_not_ours),
        cmocka_unit_test(test_f25_own_ids_of_every_length_are_ours),
        cmocka_unit_test(test_f25_what_only_begins_so_is_not_ours),
        cmocka_unit_test(test_guess_with_the_right_number_finds_nothing),
        cmocka_unit_test(test_i15_random_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
