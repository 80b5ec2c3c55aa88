// tests/unit/server/test_seam.c: two streams of the same events: whichever way they are shuffled against each other,
// and wherever the change is, clients get each event once.
#include "server/seam.h"

#include "base/memory.h"
#include "unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#define EVENTS 400
#define KINDS 150 // so that some texts come several times

static struct message *event_of(int number)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "E%d", number % KINDS);
    return message_build(&builder);
}

/** Orders 0 … EVENTS - 1 anew, each at most `most` places away. */
static void shuffle(int *order, int most)
{
    for (int i = 0; i < EVENTS; i++)
        order[i] = i;
    for (int i = 0; i + 1 < EVENTS; i++) {
        int other = i + rand() % (most + 1);
        int kept = order[i];
        if (other >= EVENTS)
            continue;
        order[i] = order[other];
        order[other] = kept;
    }
}

static void count(int *got, const struct message *message)
{
    struct span name = message_name(message);

    uint64_t number = 0;

    assert_true(span_number((struct span){name.bytes + 1, name.length - 1}, 0, KINDS - 1, &number));
    got[number]++;
}

/** One stream is given up to `end_one`, when the other is at `at_other`. */
static void run(int end_one, int lag)
{
    struct seam seam;
    int one[EVENTS], other[EVENTS], got[KINDS] = {0}, next = 0;
    struct message *message;

    seam_init(&seam);
    shuffle(one, 5);
    shuffle(other, 5);
    for (int i = 0; i < end_one; i++) {
        message = event_of(one[i]);
        seam_give(&seam, message, 0);
        count(got, message);
        message_unref(message);
        while (next < EVENTS && next < i + lag) {
            message = event_of(other[next++]);
            seam_hold(&seam, message, true, 0);
            message_unref(message);
        }
    }
    while ((message = seam_next(&seam)) != NULL) {
        count(got, message);
        message_unref(message);
    }
    struct seam_side after = seam_end(&seam);
    for (; next < EVENTS; next++) {
        message = event_of(other[next]);
        if (!seam_side_skips(&after, message, 0))
            count(got, message);
        message_unref(message);
    }
    for (int i = 0; i < KINDS; i++)
        assert_int_equal(got[i], EVENTS / KINDS + (i < EVENTS % KINDS));
    assert_true(seam_side_is_empty(&after));
    seam_side_fini(&after);
    seam_fini(&seam);
}

static void test_i17_each_event_is_given_once(void **state)
{
    (void)state;
    srand(17);
    for (int i = 0; i < 300; i++)
        run(rand() % EVENTS, rand() % 60 - 30);
}

static void test_i17_what_is_old_is_forgotten(void **state)
{
    struct message *message = event_of(1);
    struct seam seam;
    (void)state;

    seam_init(&seam);
    seam_give(&seam, message, 0);
    assert_false(seam_side_skips(&seam.given, message, SEAM_MS + 1));
    seam_hold(&seam, message, true, 0);
    seam_hold(&seam, message, true, SEAM_MS + 1);
    assert_ptr_equal(seam_next(&seam), message);
    assert_null(seam_next(&seam));
    message_unref(message);
    message_unref(message);
    seam_fini(&seam);
}

static void test_i17_what_is_not_kept_only_takes(void **state)
{
    struct message *message = event_of(1), *other = event_of(2);
    struct seam seam;
    (void)state;

    seam_init(&seam);
    seam_give(&seam, message, 0);
    seam_hold(&seam, message, false, 0);
    seam_hold(&seam, other, false, 0);
    assert_null(seam_next(&seam));
    assert_true(seam_side_is_empty(&seam.given));
    message_unref(message);
    message_unref(other);
    seam_fini(&seam);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_i17_each_event_is_given_once),
        cmocka_unit_test(test_i17_what_is_old_is_forgotten),
        cmocka_unit_test(test_i17_what_is_not_kept_only_takes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
