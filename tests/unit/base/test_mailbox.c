// tests/unit/base/test_mailbox.c: no letter is lost or repeated, each sender's order is kept, and the receiver is
// always woken.
#include "base/mailbox.h"
#include "unit/test.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define SENDERS 4
#define LETTERS 20000

struct numbered {
    struct letter letter;
    unsigned sender, number;
};

struct sender {
    struct mailbox *box;
    unsigned index;
};

static bool is_readable(const struct mailbox *box, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = box->wake_fd, .events = POLLIN};
    return poll(&poll_fd, 1, timeout_ms) == 1;
}

static void an_empty_box_is_quiet(void **state)
{
    (void)state;
    struct mailbox box;
    assert_true(mailbox_init(&box));
    assert_false(is_readable(&box, 0));
    assert_null(mailbox_take(&box));
    mailbox_fini(&box);
}

static void gives_oldest_first_and_wakes_once(void **state)
{
    (void)state;
    struct mailbox box;
    assert_true(mailbox_init(&box));
    struct letter letters[3] = {{.kind = 1}, {.kind = 2}, {.kind = 3}};
    for (int i = 0; i < 3; i++)
        mailbox_put(&box, &letters[i]);
    assert_true(is_readable(&box, 0));
    mailbox_clear_wakeup(&box);
    struct letter *letter = mailbox_take(&box);
    for (uint32_t kind = 1; kind <= 3; kind++, letter = letter->next)
        assert_int_equal(letter->kind, kind);
    assert_null(letter);
    assert_false(is_readable(&box, 0));
    mailbox_put(&box, &letters[1]);
    assert_true(is_readable(&box, 0));
    letter = mailbox_take(&box);
    assert_ptr_equal(letter, &letters[1]);
    assert_null(letter->next);
    mailbox_fini(&box);
}

static void the_receiver_s_own_letters_wake_nobody(void **state)
{
    (void)state;
    struct mailbox box;
    struct letter letters[3] = {{.kind = 1}, {.kind = 2}, {.kind = 3}};
    assert_true(mailbox_init(&box));
    assert_true(mailbox_push(&box, &letters[0])); // it is the first one: the caller wakes the receiver
    assert_false(mailbox_push(&box, &letters[1]));
    mailbox_put(&box, &letters[2]);
    assert_false(is_readable(&box, 0)); // the sender of the first one has woken the receiver
    struct letter *letter = mailbox_take(&box);
    for (uint32_t kind = 1; kind <= 3; kind++, letter = letter->next)
        assert_int_equal(letter->kind, kind);
    assert_null(letter);
    mailbox_put(&box, &letters[0]);
    assert_true(is_readable(&box, 0));
    mailbox_fini(&box);
}

static void *send_all(void *context)
{
    const struct sender *sender = context;
    for (unsigned i = 0; i < LETTERS; i++) {
        struct numbered *numbered = malloc(sizeof *numbered);
        *numbered = (struct numbered){.sender = sender->index, .number = i};
        mailbox_put(sender->box, &numbered->letter);
    }
    return NULL;
}

static void keeps_the_order_of_each_sender(void **state)
{
    (void)state;
    struct mailbox box;
    assert_true(mailbox_init(&box));
    pthread_t threads[SENDERS];
    struct sender senders[SENDERS];
    unsigned next[SENDERS] = {0};
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = (struct sender){&box, i};
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &senders[i]), 0);
    }
    for (unsigned taken = 0; taken < SENDERS * LETTERS;) {
        assert_true(is_readable(&box, 60000)); // after a lost wake-up, letters would stay here for ever
        mailbox_clear_wakeup(&box);
        for (struct letter *letter = mailbox_take(&box); letter != NULL; taken++) {
            struct numbered *numbered = (struct numbered *)letter;
            letter = letter->next;
            assert_int_equal(numbered->number, next[numbered->sender]++);
            free(numbered);
        }
    }
    for (unsigned i = 0; i < SENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_null(mailbox_take(&box));
    mailbox_fini(&box);
}

static void test_i15_a_queue_keeps_the_order_of_what_is_gathered(void **state)
{
    struct mailbox_queue queue = {0};
    struct mailbox box;
    struct letter letters[5] = {{0}};
    (void)state;

    assert_true(mailbox_init(&box));
    assert_null(mailbox_next(&queue));
    mailbox_gather(&box, &queue); // nothing
    assert_null(queue.first);
    mailbox_push(&box, &letters[0]);
    mailbox_push(&box, &letters[1]);
    mailbox_gather(&box, &queue);
    assert_ptr_equal(mailbox_next(&queue), &letters[0]);
    mailbox_push(&box, &letters[2]);
    mailbox_push(&box, &letters[3]);
    mailbox_gather(&box, &queue); // behind the one that waits
    for (int i = 1; i <= 3; i++)
        assert_ptr_equal(mailbox_next(&queue), &letters[i]);
    assert_null(mailbox_next(&queue));
    mailbox_push(&box, &letters[4]);
    mailbox_gather(&box, &queue); // the last one of before is gone
    assert_ptr_equal(mailbox_next(&queue), &letters[4]);
    assert_null(mailbox_next(&queue));
    mailbox_fini(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_box_is_quiet),
        cmocka_unit_test(gives_oldest_first_and_wakes_once),
        cmocka_unit_test(the_receiver_s_own_letters_wake_nobody),
        cmocka_unit_test(keeps_the_order_of_each_sender),
        cmocka_unit_test(test_i15_a_queue_keeps_the_order_of_what_is_gathered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
