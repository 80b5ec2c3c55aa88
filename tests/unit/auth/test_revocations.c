// tests/unit/auth/test_revocations.c: a revocation counts at once and is answered when it is on the disk; without a
// file nothing is known.
#include "auth/revocations.h"

#include "auth/token.h"

#include "unit/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct answer {
    struct letter letter;
    char reason[200];
};

static void wait_for(struct mailbox *box)
{
    struct pollfd wake = {.fd = box->wake_fd, .events = POLLIN};

    assert_int_equal(poll(&wake, 1, 60000), 1);
    mailbox_clear_wakeup(box);
    assert_non_null(mailbox_take(box));
}

static void count_one(void *visitor, const struct revocation *revocation)
{
    assert_string_equal(revocation->user, "bill");
    (*(int *)visitor)++;
}

static void test_revoked(void **state)
{
    char path[] = "/tmp/amp-revoked-XXXXXX", lock[64];
    struct revocations *store = revocations_create();
    struct answer answer = {.letter = {0}};
    struct mailbox box;
    struct error err = {""};
    int count = 0, fd = mkstemp(path);
    (void)state;

    assert_true(fd != -1 && mailbox_init(&box));
    close(fd);
    snprintf(lock, sizeof lock, "%s.lock", path);
    assert_false(revocations_are_known(store));
    revocations_set_path(store, path);
    assert_true(revocations_start(store, &err));
    assert_true(revocations_are_known(store));
    uint64_t before = revocations_generation(store);
    revocations_add(store, span_of("bill"), span_of("a"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    assert_true(revocations_generation(store) != before);
    assert_true(revocations_has(store, span_of("bill"), span_of("a"), 1));
    assert_false(revocations_has(store, span_of("bill"), span_of("a"), UINT64_MAX)); // made later
    assert_false(revocations_has(store, span_of("bill"), span_of("b"), 1));
    wait_for(&box);
    assert_string_equal(answer.reason, "");
    assert_true(revocations_check(path, &err));
    revocations_each(store, count_one, &count);
    assert_int_equal(count, 1);
    revocations_add(store, span_of("bill"), span_of("*"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    wait_for(&box);
    assert_true(revocations_has(store, span_of("bill"), span_of("b"), 1));
    revocations_set_path(store, NULL);
    assert_false(revocations_are_known(store));
    revocations_add(store, span_of("bill"), span_of("c"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    wait_for(&box);
    assert_non_null(strstr(answer.reason, "revoked only until the proxy ends"));
    revocations_stop(store);
    revocations_add(store, span_of("bill"), span_of("d"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    wait_for(&box);
    revocations_destroy(store);
    mailbox_fini(&box);
    assert_true(unlink(path) == 0 && unlink(lock) == 0);
}

/** A user cannot take the room of all; `*` is always possible. Tokens of a clock that is ahead are revoked, too. */
static void test_many_of_one_user(void **state)
{
    struct revocations *store = revocations_create();
    struct answer answer = {.letter = {0}};
    struct mailbox box;
    char label[16];
    (void)state;

    assert_true(mailbox_init(&box));
    for (int i = 0; i <= REVOCATIONS_OF_USER; i++) {
        snprintf(label, sizeof label, "l%d", i);
        revocations_add(store, span_of("bill"), span_of(label), &answer.letter, answer.reason, sizeof answer.reason,
                        &box);
        wait_for(&box);
        assert_string_equal(answer.reason, i < REVOCATIONS_OF_USER
                                               ? "The proxy ends" // the store has no thread
                                               : "Too many revoked labels of this user: revoke all (Label: *)");
    }
    uint64_t ahead_us = ((uint64_t)time(NULL) + TOKEN_SKEW_S - 10) * 1000000;
    assert_true(revocations_has(store, span_of("bill"), span_of("l0"), ahead_us));
    assert_false(revocations_has(store, span_of("bill"), span_of(label), 1));
    assert_false(revocations_has(store, span_of("bill"), span_of(label), 0) ||
                 revocations_has(store, span_of("anna"), span_of("l0"), 0));
    revocations_add(store, span_of("bill"), span_of("l0"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    wait_for(&box);
    assert_string_equal(answer.reason, "The proxy ends");
    revocations_add(store, span_of("bill"), span_of("*"), &answer.letter, answer.reason, sizeof answer.reason, &box);
    wait_for(&box);
    assert_true(revocations_has(store, span_of("bill"), span_of(label), ahead_us));
    assert_true(revocations_until(store, span_of("bill"), span_of(label)) > ahead_us);
    revocations_destroy(store);
    mailbox_fini(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_revoked), cmocka_unit_test(test_many_of_one_user)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
