// tests/unit/auth/test_verifier.c: every check comes back, once; addresses take turns; needless work is skipped. The
// verifier runs on a thread of its own (pthread_create in the program), so this is a test of threads, too.
#include "auth/verifier.h"

#include "base/clock.h"
#include "unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define HASH "$2b$04$abcdefghijklmnopqrstuuPp7HPfoAs8I2dCQCQ/fW7zEJv8I8C8e" // of "x", a millisecond
#define LIMIT 3                                                             // failures of an address
#define NOW 1000
#define MANY 256

struct bench {
    struct failures *failures;
    struct verifier *verifier;
    struct mailbox inbox;
};

static void begin(struct bench *bench)
{
    bench->failures = failures_create(LIMIT);
    bench->verifier = verifier_create(bench->failures);
    assert_true(mailbox_init(&bench->inbox));
}

static void start(struct bench *bench)
{
    struct error err;
    assert_true(verifier_start(bench->verifier, &err));
}

static void end(struct bench *bench)
{
    verifier_stop(bench->verifier);
    verifier_destroy(bench->verifier);
    mailbox_fini(&bench->inbox);
    failures_destroy(bench->failures);
}

static void submit_of(struct bench *bench, const char *user, const char *phrase, bool pretended, const char *address)
{
    struct failures_key key = failures_key(bench->failures, address, span_of(user));

    verifier_submit(bench->verifier, check_create((struct handle){0}, span_of(phrase), HASH, pretended, address, &key),
                    &bench->inbox);
}

static void submit(struct bench *bench, const char *phrase, bool pretended, const char *address)
{
    submit_of(bench, "dave", phrase, pretended, address);
}

/** Waits for `count` checks. @param verdicts  counts of each verdict, added to */
static void take(struct bench *bench, unsigned count, unsigned verdicts[CHECK_BUSY + 1])
{
    while (count > 0) {
        struct pollfd poll_fd = {.fd = bench->inbox.wake_fd, .events = POLLIN};
        struct letter *next;
        assert_int_equal(poll(&poll_fd, 1, 60000), 1);
        for (struct letter *letter = mailbox_take(&bench->inbox); letter != NULL; letter = next) {
            next = letter->next;
            verdicts[((struct check *)letter)->verdict]++;
            check_destroy((struct check *)letter);
            assert_true(count-- > 0);
        }
    }
}

static void test_c31_right_and_wrong(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    (void)state;

    begin(&bench);
    start(&bench);
    submit(&bench, "x", false, "192.0.2.1:1");
    submit(&bench, "y", false, "192.0.2.1:2");
    take(&bench, 2, verdicts);
    assert_int_equal(verdicts[CHECK_RIGHT], 1);
    assert_int_equal(verdicts[CHECK_WRONG], 1);
    end(&bench);
}

/** An unknown user costs as much as a wrong secret: one hash. The verdict is "wrong" whatever the hash is. */
static void test_r19_nobodys_hash_is_computed_too(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    (void)state;

    begin(&bench);
    start(&bench);
    submit(&bench, "x", true, "192.0.2.1:1");
    take(&bench, 1, verdicts);
    assert_int_equal(verdicts[CHECK_WRONG], 1);
    assert_int_equal(verifier_count(bench.verifier), 1);
    end(&bench);
}

static void test_r18_after_the_limit_nothing_is_computed(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    (void)state;

    begin(&bench);
    start(&bench);
    for (int i = 0; i < 100; i++)
        submit(&bench, "wrong", false, "192.0.2.1:1");
    submit(&bench, "x", false, "192.0.2.2:1");
    take(&bench, 101, verdicts);
    assert_int_equal(verdicts[CHECK_RIGHT], 1); // another address
    assert_int_equal(verdicts[CHECK_WRONG], LIMIT);
    assert_int_equal(verdicts[CHECK_REFUSED], 100 - LIMIT);
    assert_int_equal(verifier_count(bench.verifier), LIMIT + 1);
    end(&bench);
}

/** Does `check` come back before the last of many earlier checks of another address? */
static void test_r18_addresses_take_turns(void **state)
{
    struct bench bench;
    unsigned position = 0, found = 0;
    (void)state;

    begin(&bench);
    start(&bench);
    for (int i = 0; i < MANY; i++)
        submit(&bench, "x", false, "192.0.2.1:1");
    submit(&bench, "x", false, "[2001:db8::1]:1");
    while (position < MANY + 1) {
        struct pollfd poll_fd = {.fd = bench.inbox.wake_fd, .events = POLLIN};
        struct letter *next;
        assert_int_equal(poll(&poll_fd, 1, 60000), 1);
        for (struct letter *letter = mailbox_take(&bench.inbox); letter != NULL; letter = next) {
            next = letter->next;
            position++;
            if (strcmp(((struct check *)letter)->address, "[2001:db8::1]:1") == 0)
                found = position;
            check_destroy((struct check *)letter);
        }
    }
    assert_in_range(found, 1, MANY); // not the last
    end(&bench);
}

static void the_queue_is_bounded(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    char address[32];
    (void)state;

    begin(&bench);
    submit(&bench, "x", false, "192.0.2.1:1"); // before the thread is started
    take(&bench, 1, verdicts);
    assert_int_equal(verdicts[CHECK_BUSY], 1);
    start(&bench);
    for (int i = 0; i < 2 * VERIFIER_WAITING; i++) {
        snprintf(address, sizeof address, "10.0.%d.%d:1", i / 256, i % 256);
        submit(&bench, "wrong", true, address);
    }
    take(&bench, 2 * VERIFIER_WAITING, verdicts);
    assert_true(verdicts[CHECK_BUSY] > 1);
    for (int i = 0; i < 2 * VERIFIER_LINE; i++)
        submit(&bench, "wrong", false, "11.0.0.0:1");
    take(&bench, 2 * VERIFIER_LINE, verdicts);
    assert_int_equal(verdicts[CHECK_RIGHT], 0);
    assert_true(verdicts[CHECK_WRONG] >= LIMIT);
    end(&bench);
}

/** Guesses of 250 addresses wait. A user who has recently logged in is checked before nearly all of them, also when
 *  every place is taken. The guesses are checked, too: no address waits for ever. */
static void test_f13_known_users_come_first(void **state)
{
    struct bench bench;
    unsigned position = 0, found = 0, sent = 0;
    char address[32];
    struct failures_key known;
    (void)state;

    begin(&bench);
    known = failures_key(bench.failures, "127.0.0.9:1", span_of("known"));
    failures_succeeded(bench.failures, &known, clock_ms());
    start(&bench);
    for (; sent < VERIFIER_WAITING + 250; sent++) {
        snprintf(address, sizeof address, "10.0.0.%u:1", sent % 250);
        submit(&bench, "x", false, address);
    }
    submit_of(&bench, "known", "x", false, "127.0.0.9:7");
    while (found == 0) {
        struct pollfd poll_fd = {.fd = bench.inbox.wake_fd, .events = POLLIN};
        struct letter *next;
        assert_int_equal(poll(&poll_fd, 1, 60000), 1);
        for (struct letter *letter = mailbox_take(&bench.inbox); letter != NULL; letter = next) {
            struct check *check = (struct check *)letter;
            next = letter->next;
            position += check->verdict != CHECK_BUSY; // checks that were displaced come back at once
            if (check->key.user == known.user && found == 0) {
                found = position;
                assert_int_equal(check->verdict, CHECK_RIGHT);
            }
            check_destroy(check);
            sent--;
        }
    }
    assert_in_range(found, 1, VERIFIER_WAITING / 2);
    verifier_stop(bench.verifier);
    take(&bench, sent + 1, (unsigned[CHECK_BUSY + 1]){0});
    end(&bench);
}

static void what_nobody_waits_for_is_not_computed(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    struct failures_key key;
    struct check *check;
    (void)state;

    begin(&bench);
    start(&bench);
    key = failures_key(bench.failures, "192.0.2.1:1", span_of("dave"));
    check = check_create((struct handle){1, 1}, span_of("wrong"), HASH, false, "192.0.2.1:1", &key);
    check_abandon(check);
    assert_true(handle_is_none(check->owner));
    verifier_submit(bench.verifier, check, &bench.inbox);
    take(&bench, 1, verdicts);
    assert_int_equal(verifier_count(bench.verifier), 0);
    assert_false(failures_is_refused(bench.failures, &key, NOW));
    end(&bench);
}

static void at_the_end_everything_comes_back(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    (void)state;

    begin(&bench);
    start(&bench);
    for (int i = 0; i < 50; i++)
        submit(&bench, "x", false, "192.0.2.1:1");
    verifier_stop(bench.verifier);
    submit(&bench, "x", false, "192.0.2.1:1");
    take(&bench, 51, verdicts);
    assert_true(verdicts[CHECK_BUSY] >= 1);
    end(&bench);
    verifier_stop(NULL);
    verifier_destroy(NULL);
}

struct session_limits_of_senders {
    struct bench *bench;
    atomic_bool over;
    atomic_uint sent;
};

static void *send_on(void *argument)
{
    struct session_limits_of_senders *senders = argument;
    char address[32];

    for (int i = 0; !atomic_load(&senders->over) || i < 200; i++) {
        (void)snprintf(address, sizeof address, "10.0.0.%d:1", i % 40);
        atomic_fetch_add(&senders->sent, 1);
        submit(senders->bench, "wrong", false, address);
    }
    return NULL;
}

/** The verifier is stopped while threads still submit: each check comes back, once. */
static void test_f58_stopped_while_others_send(void **state)
{
    struct bench bench;
    unsigned verdicts[CHECK_BUSY + 1] = {0};
    (void)state;

    for (int round = 0; round < 5; round++) {
        struct session_limits_of_senders senders = {.bench = &bench};
        pthread_t threads[3];
        begin(&bench);
        start(&bench);
        for (int i = 0; i < 3; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, send_on, &senders), 0);
        while (atomic_load(&senders.sent) < 100)
            sched_yield();
        verifier_stop(bench.verifier);
        atomic_store(&senders.over, true);
        for (int i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        take(&bench, atomic_load(&senders.sent), verdicts);
        end(&bench);
    }
    assert_true(verdicts[CHECK_BUSY] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_c31_right_and_wrong),
        cmocka_unit_test(test_r19_nobodys_hash_is_computed_too),
        cmocka_unit_test(test_r18_after_the_limit_nothing_is_computed),
        cmocka_unit_test(test_r18_addresses_take_turns),
        cmocka_unit_test(the_queue_is_bounded),
        cmocka_unit_test(test_f13_known_users_come_first),
        cmocka_unit_test(what_nobody_waits_for_is_not_computed),
        cmocka_unit_test(at_the_end_everything_comes_back),
        cmocka_unit_test(test_f58_stopped_while_others_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
