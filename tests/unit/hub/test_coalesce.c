// tests/unit/hub/test_coalesce.c: equal questions are sent once, and each asker gets the whole answer.
#include "hub/coalesce.h"

#include "base/memory.h"
#include "unit/ami/parse.h"

#define GIVEN 32

struct scene {
    struct config config;
    struct coalescer *coalescer;
    struct {
        const struct ask *ask;
        const struct message *message;
        bool final;
    } given[GIVEN];
    size_t count;
};

static void on_give(void *context, const struct answer_part *part, struct ask *ask)
{
    struct scene *scene = context;

    assert_true(scene->count < GIVEN);
    scene->given[scene->count].ask = ask;
    scene->given[scene->count].message = part->message;
    scene->given[scene->count++].final = part->final;
}

static int open_scene(void **state)
{
    struct scene *scene = memory_zero(1, sizeof *scene);

    scene->config.share.in_flight = true;
    scene->coalescer = coalescer_create(on_give, scene);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    coalescer_destroy(scene->coalescer);
    free(scene);
    return 0;
}

static struct ask *ask_of(const char *text)
{
    struct message *message = parse_one(text);
    struct ask *ask = ask_create(message, NULL);

    ask->alone = true;
    ask->write = UINT32_MAX;
    message_unref(message);
    return ask;
}

static bool take(struct scene *scene, struct ask *ask)
{
    return coalescer_take(scene->coalescer, &scene->config, ask, "");
}

static void answer(struct scene *scene, struct ask *ask, const char *text, bool final)
{
    struct answer_part part = {.message = parse_one(text), .final = final};

    coalescer_answer(scene->coalescer, &part, ask);
    message_unref(part.message);
}

#define QUEUES "Action: QueueStatus\r\nActionID: 1\r\n\r\n"
#define START "Response: Success\r\nEventList: start\r\n\r\n"
#define ITEM "Event: QueueParams\r\nQueue: q\r\n\r\n"
#define END "Event: QueueStatusComplete\r\nEventList: Complete\r\nListItems: 1\r\n\r\n"

static void test_who_comes_later_gets_all_of_it(void **state)
{
    struct scene *scene = *state;
    struct ask *first = ask_of(QUEUES), *second = ask_of("ActionID: other\r\naction: queuestatus\r\n\r\n");
    struct ask *third = ask_of(QUEUES);

    // Questions with different spelling may be sent twice; equal ones are sent once.
    assert_false(take(scene, first));
    answer(scene, first, START, false);
    assert_true(take(scene, third));
    assert_int_equal(scene->count, 1); // what had already arrived
    assert_ptr_equal(scene->given[0].ask, third);
    answer(scene, first, ITEM, false);
    answer(scene, first, END, true);
    assert_int_equal(scene->count, 3);
    assert_false(scene->given[1].final);
    assert_true(scene->given[2].final);
    assert_null(first->share);
    assert_false(take(scene, second)); // the answer was not kept
    ask_unref(first);
    ask_unref(second);
    ask_unref(third);
}

static void test_other_rights_servers_or_questions_are_asked(void **state)
{
    struct scene *scene = *state;
    struct ask *first = ask_of(QUEUES), *narrow = ask_of(QUEUES), *busy = ask_of(QUEUES);
    struct ask *other = ask_of("Action: QueueStatus\r\nQueue: q\r\n\r\n");
    struct message *message = parse_one(QUEUES);
    struct ask *elsewhere = ask_create(message, "pbx2");

    message_unref(message);
    elsewhere->alone = true;
    elsewhere->write = UINT32_MAX;
    narrow->write = 1;
    busy->alone = false; // its answer could come out of order
    assert_false(take(scene, first));
    assert_false(take(scene, narrow));
    assert_false(take(scene, busy));
    assert_false(take(scene, other));
    assert_false(take(scene, elsewhere));
    answer(scene, first, START, false);
    assert_int_equal(scene->count, 0);
    ask_unref(first);
    ask_unref(narrow);
    ask_unref(busy);
    ask_unref(other);
    ask_unref(elsewhere);
}

static void test_nobody_joins_across_a_change(void **state)
{
    struct scene *scene = *state;
    struct ask *first = ask_of(QUEUES), *change = ask_of("Action: QueuePause\r\nPaused: true\r\n\r\n");
    struct ask *second = ask_of(QUEUES);

    assert_false(take(scene, first));
    assert_false(take(scene, change));
    assert_false(take(scene, second));
    answer(scene, first, END, true);
    assert_int_equal(scene->count, 0);
    ask_unref(first);
    ask_unref(change);
    ask_unref(second);
}

static void test_a_kept_answer_is_given_again_until_something_changes(void **state)
{
    static char name[] = "QueueStatus";
    static struct keep_config keep[] = {{.action = name, .time_ms = 3600000}};
    struct scene *scene = *state;
    struct ask *first = ask_of(QUEUES), *second = ask_of(QUEUES), *third = ask_of(QUEUES);

    scene->config.share.in_flight = false;
    scene->config.share.keep = keep;
    scene->config.share.keep_count = 1;
    assert_false(take(scene, first));
    answer(scene, first, START, false);
    answer(scene, first, END, true);
    assert_true(take(scene, second));
    assert_int_equal(scene->count, 2);
    assert_true(scene->given[1].final);
    coalescer_forget(scene->coalescer);
    assert_false(take(scene, third));
    ask_unref(first);
    ask_unref(second);
    ask_unref(third);
}

static void test_an_error_is_not_kept(void **state)
{
    static char name[] = "CoreStatus";
    static struct keep_config keep[] = {{.action = name, .time_ms = 3600000}};
    struct scene *scene = *state;
    struct ask *first = ask_of("Action: CoreStatus\r\nX: y\r\n\r\n"),
               *second = ask_of("Action: CoreStatus\r\nX: y\r\n\r\n");

    scene->config.share.keep = keep;
    scene->config.share.keep_count = 1;
    assert_false(take(scene, first));
    answer(scene, first, "Response: Error\r\nMessage: not now\r\n\r\n", true);
    assert_false(take(scene, second));
    ask_unref(first);
    ask_unref(second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_comes_later_gets_all_of_it), TEST(test_other_rights_servers_or_questions_are_asked),
        TEST(test_nobody_joins_across_a_change),   TEST(test_a_kept_answer_is_given_again_until_something_changes),
        TEST(test_an_error_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
