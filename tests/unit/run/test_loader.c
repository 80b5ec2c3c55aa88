// tests/unit/run/test_loader.c: jobs run in order on a thread of their own, their results come to the loop, and none is
// lost at the end.
#include "base/spares.h"
#include "run/loader.h"
#include "unit/test.h"

#include <event2/event.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#define JOBS 50

struct job {
    struct loader_job job; // must be first
    int number;
    pthread_t worker;
};

struct scene {
    struct event_base *base;
    struct loader *loader;
};

static struct scene scene;
static int worked, finished, dropped;
static bool let_go;

static void work(struct loader_job *own)
{
    struct job *job = (struct job *)own;

    job->worker = pthread_self();
    __atomic_add_fetch(&worked, 1, __ATOMIC_SEQ_CST);
}

static void done(struct loader_job *own)
{
    struct job *job = (struct job *)own;

    assert_int_equal(job->number, finished);
    assert_false(pthread_equal(job->worker, pthread_self()));
    free(job);
    if (++finished == JOBS)
        event_base_loopbreak(scene.base);
}

static void drop(struct loader_job *own)
{
    dropped++;
    free(own);
}

static void work_and_free(struct loader_job *own)
{
    __atomic_add_fetch(&worked, 1, __ATOMIC_SEQ_CST);
    free(own);
}

static void submit(int number, bool alone)
{
    struct job *job = calloc(1, sizeof *job);

    job->number = number;
    job->job = alone ? (struct loader_job){.work = work_and_free}
                     : (struct loader_job){.work = work, .done = done, .drop = drop};
    loader_submit(scene.loader, &job->job);
}

static int begin(void **state)
{
    (void)state;
    worked = finished = dropped = 0;
    let_go = false;
    scene.base = event_base_new();
    scene.loader = loader_create(scene.base);
    return scene.loader == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    loader_destroy(scene.loader);
    event_base_free(scene.base);
    return 0;
}

static void test_jobs_are_done_in_order_and_told_on_the_loop(void **state)
{
    (void)state;
    for (int i = 0; i < JOBS; i++)
        submit(i, false);
    event_base_dispatch(scene.base);
    assert_int_equal(finished, JOBS);
    assert_int_equal(dropped, 0);
}

static void test_no_job_is_lost_at_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < JOBS; i++)
        submit(i, i % 2 == 0);
    loader_stop(scene.loader);
    assert_int_equal(finished, 0);
    assert_int_equal(dropped, JOBS / 2);
    int before = worked;
    assert_true(before >= JOBS / 2); // jobs without a result were all done
    submit(0, true);                 // submitted after the end: done at once
    assert_int_equal(worked, before + 1);
}

/** Waits until the test lets it go on. */
static void wait_for_test(struct loader_job *own)
{
    (void)own;
    while (!__atomic_load_n(&let_go, __ATOMIC_SEQ_CST))
        (void)poll(NULL, 0, 1);
}

static void test_the_end_is_not_awaited_longer_than_was_said(void **state)
{
    struct loader_job job = {.work = wait_for_test};
    (void)state;

    assert_true(loader_end_within(NULL, 0));
    assert_true(loader_end_within(scene.loader, 0)); // there is no thread
    loader_submit(scene.loader, &job);
    assert_false(loader_end_within(scene.loader, 10));
    assert_false(loader_end_within(scene.loader, 0));
    __atomic_store_n(&let_go, true, __ATOMIC_SEQ_CST);
    assert_true(loader_end_within(scene.loader, 60000));
    assert_true(loader_end_within(scene.loader, 0));
}

/** Frees what this thread has made, as the end of a table of calls does, and notes what the thread keeps before that.
 */
struct cleaning {
    struct loader_job job; // must be first
    void *block;
    spares_shelf shelf;
    size_t kept;
};

static void clean(struct loader_job *own)
{
    struct cleaning *cleaning = (struct cleaning *)own;

    cleaning->kept = spares_kept();
    spares_give(cleaning->block, cleaning->shelf);
}

static void test_i15_the_thread_keeps_no_blocks(void **state)
{
    struct cleaning cleanings[2] = {{.job = {.work = clean}}, {.job = {.work = clean}}};
    (void)state;

    for (int i = 0; i < 2; i++) {
        cleanings[i].block = spares_take(500, &cleanings[i].shelf);
        loader_submit(scene.loader, &cleanings[i].job);
    }
    loader_stop(scene.loader);
    assert_int_equal(cleanings[1].kept, 0);
    spares_end();
}

static void test_nothing_is_started_for_nothing(void **state)
{
    (void)state;
    loader_stop(scene.loader);
    loader_stop(scene.loader);
    assert_int_equal(worked, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_jobs_are_done_in_order_and_told_on_the_loop, begin, end),
        cmocka_unit_test_setup_teardown(test_no_job_is_lost_at_the_end, begin, end),
        cmocka_unit_test_setup_teardown(test_the_end_is_not_awaited_longer_than_was_said, begin, end),
        cmocka_unit_test_setup_teardown(test_i15_the_thread_keeps_no_blocks, begin, end),
        cmocka_unit_test_setup_teardown(test_nothing_is_started_for_nothing, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
