// tests/unit/hub/test_outbox.c: messages from the servers leave as one batch per worker and turn of the loop.
#include "hub/inside.h"

#include "base/memory.h"
#include "unit/ami/parse.h"
#include "worker/inside.h"

#include <event2/event.h>

#define WORKERS 2

struct scene {
    struct hub hub;
    struct config config;
    struct outbox outboxes[WORKERS];
    struct worker workers[WORKERS];
    int flushes;
};

static void on_flush(evutil_socket_t fd, short what, void *argument)
{
    struct scene *scene = argument;

    (void)fd, (void)what;
    scene->flushes++;
    hub_send_batches(&scene->hub);
}

static int open_scene(void **state)
{
    struct scene *scene = memory_zero(1, sizeof *scene);

    scene->hub.config = &scene->config;
    scene->hub.base = event_base_new();
    scene->hub.flush = event_new(scene->hub.base, -1, 0, on_flush, scene);
    scene->hub.coalescer = coalescer_create(hub_give_share, &scene->hub);
    scene->hub.outboxes = scene->outboxes;
    scene->hub.worker_count = WORKERS;
    for (int i = 0; i < WORKERS; i++) {
        scene->outboxes[i].worker = &scene->workers[i];
        assert_true(mailbox_init(&scene->workers[i].inbox));
    }
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < WORKERS; i++) {
        batch_destroy(NULL, scene->outboxes[i].batch);
        mailbox_fini(&scene->workers[i].inbox);
    }
    coalescer_destroy(scene->hub.coalescer);
    event_free(scene->hub.flush);
    event_base_free(scene->hub.base);
    free(scene);
    return 0;
}

static struct ask *ask_of(uint32_t worker)
{
    struct message *action = parse_one("Action: QueueStatus\r\nActionID: 1\r\n\r\n");
    struct ask *ask = ask_create(action, NULL);

    ask->worker = worker;
    ask->alone = true;
    message_unref(action);
    return ask;
}

static void hangup(struct scene *scene, struct ask *ask)
{
    hub_on_server_event(&scene->hub, parse_one("Event: Hangup\r\nPrivilege: call,all\r\n\r\n"), ask, false);
}

static void answer(struct scene *scene, struct ask *ask, bool final)
{
    hub_on_server_answer(
        &scene->hub, (struct answer_part){.message = parse_one("Response: Success\r\nX: y\r\n\r\n"), .final = final},
        ask);
}

/** Returns the kinds of letters that were sent to a worker; `serials` gets the serials of the batches' entries. */
static size_t taken(struct scene *scene, int worker, unsigned *kinds, uint64_t *serials, size_t *entries)
{
    struct letter *next;
    size_t count = 0;

    *entries = 0;
    for (struct letter *letter = mailbox_take(&scene->workers[worker].inbox); letter != NULL; letter = next) {
        next = letter->next;
        kinds[count++] = letter->kind;
        if (letter->kind == WORKER_BATCH) {
            const struct batch *batch = (struct batch *)letter;
            for (uint32_t i = 0; i < batch->count; i++)
                serials[(*entries)++] = batch->entries[i].serial;
        }
        worker_drop_letter(letter);
    }
    return count;
}

static void test_a_turn_is_one_batch_for_each_worker(void **state)
{
    struct scene *scene = *state;
    uint64_t serials[WORKERS][16];
    unsigned kinds[8];
    size_t entries;

    for (int i = 0; i < 5; i++)
        hangup(scene, NULL);
    hub_on_portion(&scene->hub); // several workers are woken once
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(taken(scene, i, kinds, serials[i], &entries), 0); // not before the end of the turn
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    assert_int_equal(scene->flushes, 1);
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(taken(scene, i, kinds, serials[i], &entries), 1);
        assert_int_equal(kinds[0], WORKER_BATCH);
        assert_int_equal(entries, 5);
    }
    for (int i = 1; i < 5; i++)
        assert_int_equal(serials[0][i], serials[0][i - 1] + 1);
    assert_memory_equal(serials[0], serials[1], 5 * sizeof serials[0][0]);
}

static void test_i15_a_single_worker_gets_portions_at_once(void **state)
{
    struct scene *scene = *state;
    struct worker *worker = &scene->workers[0];
    struct close_request *other = memory_zero(1, sizeof *other);

    scene->hub.worker_count = 1;
    other->letter.kind = WORKER_CLOSE_SESSION;
    mailbox_push(&worker->inbox, &other->letter); // no batch overtakes it, so that none is delivered here
    hangup(scene, NULL);
    hub_on_portion(&scene->hub);
    assert_ptr_equal(worker->letters.first, &other->letter);
    struct letter *batch = other->letter.next;
    assert_int_equal(batch->kind, WORKER_BATCH);
    assert_int_equal(((const struct batch *)batch)->count, 1);
    assert_null(scene->outboxes[0].batch);
    worker_drop_letter(&other->letter);
    worker_drop_letter(batch);
}

static void test_an_answer_goes_to_the_worker_that_asked(void **state)
{
    struct scene *scene = *state;
    struct ask *ask = ask_of(1);
    uint64_t serials[16];
    unsigned kinds[8];
    size_t entries;

    answer(scene, ask, true);
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    assert_int_equal(taken(scene, 0, kinds, serials, &entries), 0);
    assert_int_equal(taken(scene, 1, kinds, serials, &entries), 1);
    assert_int_equal(entries, 1);
    atomic_store(&scene->workers[0].promiscuous, 1); // a session there wants everybody's answers
    answer(scene, ask, true);
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    assert_int_equal(taken(scene, 0, kinds, serials, &entries), 1);
    assert_int_equal(taken(scene, 1, kinds, serials, &entries), 1);
    ask_unref(ask);
}

/** Whoever makes messages of the items again gives each the number that it would have had. */
static void test_i15_items_have_a_number_each(void **state)
{
    struct scene *scene = *state;
    struct ask *ask = ask_of(0);
    struct message *block = parse_one("Event: A\r\nX: y\r\n\r\n");
    uint64_t serials[16];
    unsigned kinds[8];
    size_t entries;

    hangup(scene, NULL);
    hub_on_server_answer(&scene->hub, (struct answer_part){.message = block, .items = 3}, ask);
    hangup(scene, NULL);
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    assert_int_equal(taken(scene, 0, kinds, serials, &entries), 1);
    assert_int_equal(entries, 3);
    assert_int_equal(serials[1], serials[0] + 3); // of the last item
    assert_int_equal(serials[2], serials[1] + 1);
    assert_int_equal(taken(scene, 1, kinds, serials, &entries), 1);
    assert_int_equal(entries, 2); // the events
    ask_unref(ask);
}

static void test_who_shares_a_question_gets_the_answer_in_their_worker(void **state)
{
    struct scene *scene = *state;
    struct ask *first = ask_of(0), *second = ask_of(1);
    uint64_t serials[16];
    unsigned kinds[8];
    size_t entries;

    scene->config.share.in_flight = true;
    assert_false(coalescer_take(scene->hub.coalescer, &scene->config, first, ""));
    assert_true(coalescer_take(scene->hub.coalescer, &scene->config, second, ""));
    answer(scene, first, true);
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(taken(scene, i, kinds, serials, &entries), 1);
        assert_int_equal(entries, 1);
    }
    ask_unref(first);
    ask_unref(second);
}

static void test_a_reload_of_the_server_ends_the_sharing(void **state)
{
    struct scene *scene = *state;
    struct ask *first = ask_of(0), *second = ask_of(1);

    scene->config.share.in_flight = true;
    assert_false(coalescer_take(scene->hub.coalescer, &scene->config, first, ""));
    hub_on_server_event(&scene->hub, parse_one("Event: Reload\r\nModule: All\r\n\r\n"), NULL, false);
    assert_false(coalescer_take(scene->hub.coalescer, &scene->config, second, ""));
    ask_unref(first);
    ask_unref(second);
}

static void test_the_state_of_servers_keeps_its_place(void **state)
{
    struct scene *scene = *state;
    struct servers_state *told = memory_zero(1, sizeof *told);
    uint64_t serials[16];
    unsigned kinds[8] = {0};
    size_t entries;

    hangup(scene, NULL);
    hub_on_servers_state(&scene->hub, told);
    hangup(scene, NULL);
    event_base_loop(scene->hub.base, EVLOOP_NONBLOCK);
    for (int i = 0; i < WORKERS; i++) {
        assert_int_equal(taken(scene, i, kinds, serials, &entries), 3);
        assert_int_equal(kinds[0], WORKER_BATCH);
        assert_int_equal(kinds[1], WORKER_SERVERS);
        assert_int_equal(kinds[2], WORKER_BATCH);
    }
    free(told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_turn_is_one_batch_for_each_worker),
        TEST(test_i15_a_single_worker_gets_portions_at_once),
        TEST(test_an_answer_goes_to_the_worker_that_asked),
        TEST(test_i15_items_have_a_number_each),
        TEST(test_who_shares_a_question_gets_the_answer_in_their_worker),
        TEST(test_a_reload_of_the_server_ends_the_sharing),
        TEST(test_the_state_of_servers_keeps_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
