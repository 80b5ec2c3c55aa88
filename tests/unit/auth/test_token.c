// tests/unit/auth/test_token.c: what a token says is what was asked for; who has no key makes none; a file of keys.
#include "auth/token.h"

#include "unit/test.h"

#include <stdio.h>

#define KEY "0101010101010101010101010101010101010101010101010101010101010101"
#define OTHER "02020202020202020202020202020202020202020202020202020202020202FF"

static const struct token_claims claims = {.user = {"dave", 4},
                                           .label = {"wall", 4},
                                           .actions = {"Ping, Events", 12},
                                           .made_us = 1,
                                           .ends_s = 99,
                                           .listed = true};

static struct token_keys keys_of(const char *text)
{
    struct token_keys keys;

    assert_null(token_read_keys(span_of(text), &keys));
    return keys;
}

static void test_made_and_read(void **state)
{
    struct token_keys keys = keys_of(KEY "\n");
    struct token token;
    char text[TOKEN_BYTES + 1];
    (void)state;

    assert_null(token_make(&claims, &keys, span_of("secret"), text));
    assert_true(token_read(span_of(text), &token));
    assert_true(span_equals(token.claims.user, claims.user) && span_equals(token.claims.label, claims.label));
    assert_true(token.claims.made_us == 1 && token.claims.ends_s == 99 && !token.claims.only_reads);
    assert_true(token_lists(&token.claims, span_of("PING")) && token_lists(&token.claims, span_of("events")));
    assert_false(token_lists(&token.claims, span_of("Event")) || token_lists(&token.claims, span_of("")));
    assert_true(token_is_signed(&token, span_of(text), &keys, span_of("secret")));
    assert_false(token_is_signed(&token, span_of(text), &keys, span_of("another")));
}

static void test_keys_are_turned_over(void **state)
{
    struct token_keys first = keys_of(KEY), both = keys_of("# new\r\n" OTHER "\r\n\n" KEY "\r\n"),
                      last = keys_of(OTHER);
    struct token token;
    char text[TOKEN_BYTES + 1];
    (void)state;

    assert_null(token_make(&claims, &first, span_of("s"), text));
    assert_true(token_read(span_of(text), &token));
    assert_true(token_is_signed(&token, span_of(text), &both, span_of("s")));
    assert_false(token_is_signed(&token, span_of(text), &last, span_of("s")));
}

static void test_each_changed_byte_is_found(void **state)
{
    struct token_keys keys = keys_of(KEY);
    struct token token;
    char text[TOKEN_BYTES + 1];
    (void)state;

    assert_null(token_make(&claims, &keys, span_of("s"), text));
    for (size_t i = 0; text[i] != '\0'; i++) {
        char before = text[i];
        text[i] = before == 'A' ? 'B' : 'A';
        assert_false(token_read(span_of(text), &token) && token_is_signed(&token, span_of(text), &keys, span_of("s")));
        text[i] = before;
        assert_false(token_read((struct span){text, i}, &token));
    }
}

static void test_wrong_keys(void **state)
{
    static const char *const wrong[] = {"",
                                        "\n#\n",
                                        "01\n",
                                        KEY "0\n",
                                        KEY "\n" KEY "\n",
                                        KEY "\n" OTHER "\n" KEY "\n",
                                        "zz01010101010101010101010101010101010101010101010101010101010101\n"};
    struct token_keys keys;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_non_null(token_read_keys(span_of(wrong[i]), &keys));
}

static void test_claims_that_fit_none(void **state)
{
    static char many[TOKEN_ACTIONS_BYTES + 2];
    struct token_keys keys = keys_of(KEY);
    struct token_claims wrong = claims;
    char text[TOKEN_BYTES + 1];
    (void)state;

    memset(many, 'A', sizeof many);
    wrong.label = span_of("a b");
    assert_non_null(token_make(&wrong, &keys, span_of("s"), text));
    wrong = claims;
    wrong.user.length = 0;
    assert_non_null(token_make(&wrong, &keys, span_of("s"), text));
    wrong = claims;
    wrong.actions = (struct span){many, TOKEN_ACTIONS_BYTES + 1};
    assert_non_null(token_make(&wrong, &keys, span_of("s"), text));
    wrong.actions.length = TOKEN_ACTIONS_BYTES;
    wrong.user = (struct span){many, TOKEN_USER_BYTES};
    assert_non_null(token_make(&wrong, &keys, span_of("s"), text)); // together
    wrong.user = claims.user;
    assert_null(token_make(&wrong, &keys, span_of("s"), text));
    assert_true(strlen(text) <= TOKEN_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_and_read),
        cmocka_unit_test(test_keys_are_turned_over),
        cmocka_unit_test(test_each_changed_byte_is_found),
        cmocka_unit_test(test_wrong_keys),
        cmocka_unit_test(test_claims_that_fit_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
