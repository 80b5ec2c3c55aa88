// tests/unit/ami/test_digest.c: unpredictable challenges, and keys as Asterisk accepts them.
#include "ami/digest.h"
#include "unit/test.h"

#include <stdlib.h>

static void challenges_are_nine_digits_and_differ(void **state)
{
    (void)state;
    char last[DIGEST_CHALLENGE_SIZE] = "";
    unsigned seen[10] = {0};
    for (int i = 0; i < 1000; i++) {
        char challenge[DIGEST_CHALLENGE_SIZE];
        digest_challenge(challenge);
        assert_int_equal(strlen(challenge), 9);
        assert_int_equal(strspn(challenge, "0123456789"), 9);
        assert_int_not_equal(challenge[0], '0');
        assert_string_not_equal(challenge, last);
        memcpy(last, challenge, sizeof last);
        for (int digit = 1; digit < 9; digit++)
            seen[challenge[digit] - '0']++;
    }
    for (int digit = 0; digit < 10; digit++)
        assert_in_range(seen[digit], 500, 1100); // 800 expected, deviation 27
}

static void keys_are_md5_of_challenge_and_secret(void **state)
{
    (void)state;
    char key[DIGEST_KEY_SIZE];
    digest_key("", span_of(""), key);
    assert_string_equal(key, "d41d8cd98f00b204e9800998ecf8427e");
    digest_key("ab", span_of("c"), key);
    assert_string_equal(key, "900150983cd24fb0d6963f7d28e17f72");
    digest_key("message", (struct span){" digest...", 7}, key);
    assert_string_equal(key, "f96b697d7cb7938d525a2f31aaf161d0");
}

static void i16_joined_is_rfc2617(void **state)
{
    (void)state;
    char user[DIGEST_KEY_SIZE], request[DIGEST_KEY_SIZE], response[DIGEST_KEY_SIZE];
    const struct span first[] = {span_of("Mufasa"), span_of("testrealm@host.com"), span_of("Circle Of Life")},
                      second[] = {span_of("GET"), span_of("/dir/index.html")};
    digest_joined(first, 3, user);
    digest_joined(second, 2, request);
    const struct span all[] = {span_of(user),       span_of("dcd98b7102dd2f0e8b11d0f600bfb0c093"),
                               span_of("00000001"), span_of("0a4f113b"),
                               span_of("auth"),     span_of(request)};
    digest_joined(all, 6, response);
    assert_string_equal(response, "6629fae49393a05397450978507c4ef1"); // RFC 2617, 3.5
}

static void comparing_takes_all_bytes(void **state)
{
    (void)state;
    assert_true(digest_equals(span_of("abc"), span_of("abc")));
    assert_true(digest_equals(span_of(""), span_of("")));
    assert_false(digest_equals(span_of("abc"), span_of("abd")));
    assert_false(digest_equals(span_of("abc"), span_of("ABC")));
    assert_false(digest_equals(span_of("abc"), span_of("ab")));
    assert_false(digest_equals(span_of("abc"), span_of("abcabc")));
    assert_false(digest_equals(span_of("abc"), span_of("")));
    assert_false(digest_equals(span_of(""), (struct span){"\0", 1}));
    assert_false(digest_equals(span_of(""), span_of("a")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(challenges_are_nine_digits_and_differ),
        cmocka_unit_test(keys_are_md5_of_challenge_and_secret),
        cmocka_unit_test(i16_joined_is_rfc2617),
        cmocka_unit_test(comparing_takes_all_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
