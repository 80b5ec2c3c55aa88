// tests/unit/server/test_exchange.c: ActionIDs on the wire: unique, bounded, found again, and not taken for others'.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c50_ids_are_unique_bounded_and_found),
        cmocka_unit_test(test_foreign_ids_are_not_ours),
        cmocka_unit_test(test_guess_with_the_right_number_finds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
