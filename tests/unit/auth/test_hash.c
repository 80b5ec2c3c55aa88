// tests/unit/auth/test_hash.c: hashes of crypt(3) are verified; incomplete and too costly ones are found without
// computing them.
#include "auth/hash.h"

#include "unit/test.h"

#include <crypt.h>
#include <stdio.h>
#include <string.h>

#define BCRYPT "$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e" // of "x"

static void test_c31_every_method_of_libcrypt_is_verified(void **state)
{
    static const struct {
        const char *prefix;
        unsigned long count;
    } methods[] = {{"$y$", 1},    {"$gy$", 1},   {"$7$", 6},      {"$2b$", 4},    {"$2a$", 4}, {"$2y$", 4},
                   {"$6$", 1000}, {"$5$", 1000}, {"$sha1$", 100}, {"$md5", 5000}, {"$1$", 0},  {"$3$", 0}};
    (void)state;

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char salt[CRYPT_GENSALT_OUTPUT_SIZE], cut[CRYPT_OUTPUT_SIZE];
        struct crypt_data data = {0};
        if (crypt_gensalt_rn(methods[i].prefix, methods[i].count, NULL, 0, salt, sizeof salt) == NULL)
            fail_msg("no salt for %s", methods[i].prefix);
        const char *hash = crypt_r("Secret \xc3\xa4", salt, &data);
        assert_non_null(hash);
        if (!hash_is_known(hash) || hash_fault(hash) != NULL)
            fail_msg("%s: %s", hash, hash_fault(hash) == NULL ? "not known" : hash_fault(hash));
        assert_int_equal(hash_check("Secret \xc3\xa4", hash), HASH_RIGHT);
        assert_int_equal(hash_check("secret \xc3\xa4", hash), HASH_WRONG);
        assert_int_equal(hash_check("", hash), HASH_WRONG);
        snprintf(cut, sizeof cut, "%.*s", (int)strlen(hash) - 1, hash);
        assert_string_equal(hash_fault(cut), "an incomplete hash");
        assert_true(hash_cost_length(hash) < strlen(hash));
    }
}

static void test_c31_plain_secrets_are_no_hashes(void **state)
{
    static const char *const plain[] = {
        "", "x", "ab", "$", "$$", "$6", "$foo$bar", "a$6$b", "$argon2id$v=19$m=1$a$b", "_J9..rasm"};
    static const char *const like[] = {"$foo$bar", "$argon2id$v=19", BCRYPT};
    static const char *const unlike[] = {"", "$", "$$", "$6", "money$$", "$a b$"};
    (void)state;

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (hash_is_known(plain[i]))
            fail_msg("taken for a hash: %s", plain[i]);
    for (size_t i = 0; i < sizeof like / sizeof like[0]; i++)
        assert_true(hash_is_like(like[i]));
    for (size_t i = 0; i < sizeof unlike / sizeof unlike[0]; i++)
        assert_false(hash_is_like(unlike[i]));
}

static void unusable_hashes_are_found_without_computing_them(void **state)
{
    static const char *const part[] = {"$2b$04$",
                                       "$2b$04$abc",
                                       "$2b$04",
                                       "$2b$",
                                       "$6$abc",
                                       "$6$",
                                       "$y$j9T$abc$",
                                       "$y$",
                                       "$y$j",
                                       "$7$",
                                       "$sha1$",
                                       "$md5$",
                                       "$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8ex",
                                       "$6$rounds=99999999$"};
    static const char *const costly[] = {
        "$2b$16$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e",
        "$5$rounds=5000001$a$0123456789012345678901234567890123456789012",
        "$y$jGT$a$0123456789012345678901234567890123456789012",
        "$7$J6..../....a$0123456789012345678901234567890123456789012",
        "$sha1$5000001$a$0123456789012345678901234567",
    };
    (void)state;

    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
        if (hash_is_known(part[i]) &&
            (hash_fault(part[i]) == NULL || strcmp(hash_fault(part[i]), "an incomplete hash") != 0))
            fail_msg("%s: %s", part[i], hash_fault(part[i]));
        assert_true(hash_cost_length(part[i]) <= strlen(part[i]));
    }
    for (size_t i = 0; i < sizeof costly / sizeof costly[0]; i++) {
        assert_true(hash_is_known(costly[i]));
        if (hash_fault(costly[i]) == NULL || strstr(hash_fault(costly[i]), "too costly") == NULL)
            fail_msg("%s", costly[i]);
    }
}

/** The hash for unknown users is chosen by this part. */
static void test_r19_method_and_cost_begin_a_hash(void **state)
{
    static const struct {
        const char *hash;
        size_t length;
    } cases[] = {
        {BCRYPT, 7},         {"$y$j9T$salt$hash", 7},          {"$gy$j9T$salt$hash", 8},
        {"$6$salt$hash", 3}, {"$6$rounds=1000$salt$hash", 15}, {"$5$salt$hash", 3},
        {"$1$salt$hash", 3}, {"$7$CU..../....salt$hash", 14},  {"$sha1$100$salt$hash", 10},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(hash_cost_length(cases[i].hash), cases[i].length);
}

static void secrets_that_are_too_long_match_nothing(void **state)
{
    char phrase[HASH_PHRASE_BYTES + 2];
    (void)state;

    memset(phrase, 'x', sizeof phrase - 1);
    phrase[sizeof phrase - 1] = '\0';
    assert_int_equal(hash_check(phrase, BCRYPT), HASH_WRONG);
    assert_int_equal(hash_check("x", BCRYPT), HASH_RIGHT);
    assert_int_equal(hash_check("x", "$2b$04$broken"), HASH_WRONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c31_every_method_of_libcrypt_is_verified),
        cmocka_unit_test(test_c31_plain_secrets_are_no_hashes),
        cmocka_unit_test(unusable_hashes_are_found_without_computing_them),
        cmocka_unit_test(test_r19_method_and_cost_begin_a_hash),
        cmocka_unit_test(secrets_that_are_too_long_match_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
