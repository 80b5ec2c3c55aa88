// tests/unit/exports/test_queue.c: the queue keeps its order and its bounds, and counts what it drops.
#include "exports/queue.h"

#include "unit/test.h"

#include <stdio.h>
#include <string.h>

#define BYTES 100

static struct export_message *numbered(uint64_t number)
{
    struct export_head head = {.number = number, .queued_ms = number, .length = BYTES};
    struct export_message *message = export_message_create(&head);

    memset(message->text, 'x', BYTES);
    return message;
}

static size_t size_of_one(void)
{
    return sizeof(struct export_message) + BYTES;
}

/** The numbers from the first one on, as text. */
static const char *numbers(const struct export_queue *queue, char text[200])
{
    text[0] = '\0';
    for (struct list_node *node = queue->messages.first; node != NULL; node = node->next) {
        char number[16];
        snprintf(number, sizeof number, "%d ", (int)LIST_OBJECT(node, struct export_message, node)->head.number);
        strcat(text, number);
    }
    return text;
}

static void messages_keep_their_texts(void **state)
{
    struct export_head head = {.length = 4, .server_length = 4, .event_length = 6};
    struct export_message *message = export_message_create(&head);
    struct export_queue queue = {.limit = 1000};
    (void)state;

    memcpy(message->text, "pbx1HangupBODY", 14);
    assert_int_equal(export_queue_add(&queue, message), 0);
    message = export_queue_first(&queue);
    assert_true(span_equals(export_message_server(message), span_of("pbx1")));
    assert_true(span_equals(export_message_event(message), span_of("Hangup")));
    assert_true(span_equals(export_message_bytes(message), span_of("BODY")));
    export_queue_fini(&queue);
    assert_null(export_queue_first(&queue));
    assert_int_equal(queue.bytes, 0);
}

static void the_oldest_are_dropped(void **state)
{
    struct export_queue queue = {.limit = 3 * size_of_one()};
    char text[200];
    uint64_t lost = 0;
    (void)state;

    for (uint64_t i = 1; i <= 5; i++)
        lost += export_queue_add(&queue, numbered(i));
    assert_int_equal(lost, 2);
    assert_int_equal(queue.dropped, 2);
    assert_string_equal(numbers(&queue, text), "3 4 5 ");
    export_queue_fini(&queue);
}

static void what_is_under_way_is_not_dropped(void **state)
{
    struct export_queue queue = {.limit = 3 * size_of_one()};
    char text[200];
    (void)state;

    for (uint64_t i = 1; i <= 3; i++)
        export_queue_add(&queue, numbered(i));
    assert_int_equal(export_queue_begin(&queue, 2, SIZE_MAX), 2);
    assert_int_equal(export_queue_add(&queue, numbered(4)), 1);
    assert_int_equal(export_queue_add(&queue, numbered(5)), 1);
    assert_string_equal(numbers(&queue, text), "1 2 5 ");
    assert_int_equal(export_queue_expire(&queue, 100), 1);
    assert_string_equal(numbers(&queue, text), "1 2 ");
    export_queue_end(&queue, 0);
    assert_int_equal(export_queue_expire(&queue, 2), 1);
    assert_string_equal(numbers(&queue, text), "2 ");
    assert_int_equal(export_queue_begin(&queue, 2, SIZE_MAX), 1);
    export_queue_end(&queue, SIZE_MAX);
    assert_int_equal(queue.count, 0);
    assert_int_equal(queue.dropped, 4);
    export_queue_fini(&queue);
}

static void some_of_those_under_way_are_over(void **state)
{
    struct export_queue queue = {.limit = SIZE_MAX};
    char text[200];
    (void)state;

    for (uint64_t i = 1; i <= 5; i++)
        export_queue_add(&queue, numbered(i));
    export_queue_begin(&queue, 4, SIZE_MAX);
    export_queue_end(&queue, 3);
    assert_string_equal(numbers(&queue, text), "4 5 ");
    assert_int_equal(queue.under_way, 0);
    export_queue_fini(&queue);
}

static void what_tells_of_lost_ones_is_not_lost_twice(void **state)
{
    struct export_queue queue = {.limit = 3 * size_of_one()};
    struct export_message *telling = numbered(9);
    (void)state;

    queue.dropped = 7;
    export_queue_add(&queue, numbered(1));
    export_queue_tell(&queue, telling);
    assert_int_equal(queue.dropped, 0);
    assert_ptr_equal(export_queue_first(&queue), telling);
    export_queue_add(&queue, numbered(2));
    assert_int_equal(export_queue_add(&queue, numbered(3)), 0); // nothing of the stream
    assert_int_equal(queue.dropped, 7);                         // but they must be told of again
    export_queue_fini(&queue);
}

static void what_tells_of_lost_ones_is_in_their_place(void **state)
{
    struct export_queue queue = {.limit = 4 * size_of_one()};
    char text[200];
    (void)state;

    for (uint64_t i = 1; i <= 3; i++)
        export_queue_add(&queue, numbered(i));
    export_queue_begin(&queue, 2, SIZE_MAX);
    for (uint64_t i = 4; i <= 6; i++)
        export_queue_add(&queue, numbered(i)); // 3 and 4 are dropped
    export_queue_end(&queue, 0);               // the post has failed
    export_queue_tell(&queue, numbered(9));
    assert_string_equal(numbers(&queue, text), "1 2 9 5 6 ");
    export_queue_begin(&queue, 2, SIZE_MAX);
    export_queue_add(&queue, numbered(7)); // 9 and 5 are dropped
    export_queue_end(&queue, 2);
    assert_int_equal(queue.dropped, 3);
    export_queue_tell(&queue, numbered(10));
    assert_string_equal(numbers(&queue, text), "10 6 7 ");
    assert_int_equal(export_queue_first(&queue)->head.skipped, 3);
    export_queue_fini(&queue);
}

static void what_tells_of_lost_ones_keeps_nothing_for_longer(void **state)
{
    struct export_queue queue = {.limit = 2 * size_of_one()};
    struct export_message *telling = numbered(100);
    (void)state;

    for (uint64_t i = 1; i <= 3; i++)
        export_queue_add(&queue, numbered(i));
    export_queue_tell(&queue, telling);
    assert_int_equal(telling->head.queued_ms, 2);
    assert_int_equal(export_queue_expire(&queue, 4), 2); // 2 and 3; 1 was counted
    assert_int_equal(queue.dropped, 3);
    export_queue_tell(&queue, numbered(101));
    assert_int_equal(export_queue_first(&queue)->head.queued_ms, 101); // nothing is behind it
    export_queue_fini(&queue);
}

static void a_message_that_never_fits(void **state)
{
    struct export_queue queue = {.limit = BYTES};
    (void)state;

    assert_int_equal(export_queue_add(&queue, numbered(1)), 1);
    assert_int_equal(queue.count, 0);
    assert_int_equal(queue.bytes, 0);
}

static void batches_are_bounded_by_bytes(void **state)
{
    struct export_queue queue = {.limit = SIZE_MAX};
    (void)state;

    for (uint64_t i = 1; i <= 5; i++)
        export_queue_add(&queue, numbered(i));
    assert_int_equal(export_queue_begin(&queue, 10, BYTES * 2), 2);
    export_queue_end(&queue, 0);
    assert_int_equal(export_queue_begin(&queue, 10, 1), 1); // one at least
    export_queue_end(&queue, 0);
    assert_int_equal(export_queue_begin(&queue, 10, SIZE_MAX), 5);
    export_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_keep_their_texts),
        cmocka_unit_test(the_oldest_are_dropped),
        cmocka_unit_test(what_is_under_way_is_not_dropped),
        cmocka_unit_test(some_of_those_under_way_are_over),
        cmocka_unit_test(what_tells_of_lost_ones_is_not_lost_twice),
        cmocka_unit_test(what_tells_of_lost_ones_is_in_their_place),
        cmocka_unit_test(what_tells_of_lost_ones_keeps_nothing_for_longer),
        cmocka_unit_test(a_message_that_never_fits),
        cmocka_unit_test(batches_are_bounded_by_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
