// tests/unit/base/test_metrics.c: blocks that come and go, histograms, and how both formats are written.
#include "base/metrics.h"
#include "report/exposition.h"
#include "unit/test.h"

#include <pthread.h>
#include <string.h>

static void blocks_share_no_line(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create(3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal((uintptr_t)metrics_worker(metrics, i) % METRICS_LINE, 0);
    assert_int_equal(sizeof(struct metrics_worker) % METRICS_LINE, 0);
    assert_int_equal((uintptr_t)metrics_hub(metrics) % METRICS_LINE, 0);
    metrics_destroy(metrics);
    metrics_destroy(NULL);
}

static void count_servers(void *visitor, const struct metrics_lists *lists)
{
    *(int *)visitor = 0;
    for (const struct metrics_server *server = lists->servers; server != NULL; server = server->next)
        ++*(int *)visitor;
}

static void a_server_has_one_block_as_long_as_somebody_has_it(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create(1);
    struct metrics_server *one = metrics_server_enter(metrics, "one");
    struct metrics_server *two = metrics_server_enter(metrics, "two");
    int count;
    metric_add(&one->events, 5);
    assert_ptr_equal(metrics_server_enter(metrics, "one"), one); // as a reload does, before it drops the old one
    metrics_server_leave(metrics, one);
    assert_int_equal(metric_get(&one->events), 5);
    metrics_server_leave(metrics, one);
    metrics_gather(metrics, count_servers, &count);
    assert_int_equal(count, 1);
    metrics_server_leave(metrics, two);
    metrics_gather(metrics, count_servers, &count);
    assert_int_equal(count, 0);
    metrics_destroy(metrics);
}

static void scripts_are_told_apart_by_worker_kind_and_name(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create(2);
    struct metrics_script *script = metrics_script(metrics, 0, METRICS_FILTER, "only");
    assert_ptr_equal(metrics_script(metrics, 0, METRICS_FILTER, "only"), script);
    assert_ptr_not_equal(metrics_script(metrics, 1, METRICS_FILTER, "only"), script);
    assert_ptr_not_equal(metrics_script(metrics, 0, METRICS_PROXY_ACTION, "only"), script);
    assert_ptr_not_equal(metrics_script(metrics, 0, METRICS_FILTER, "other"), script);
    metrics_destroy(metrics);
}

static void a_histogram_counts_up_to_each_bound(void **state)
{
    (void)state;
    static struct metric_histogram histogram;
    metric_observe(&histogram, 0);
    metric_observe(&histogram, 500);
    metric_observe(&histogram, 501);
    metric_observe(&histogram, 30000000);
    metric_observe(&histogram, 30000001);
    assert_int_equal(metric_get(&histogram.buckets[0]), 2);
    assert_int_equal(metric_get(&histogram.buckets[1]), 1);
    assert_int_equal(metric_get(&histogram.buckets[METRICS_BUCKETS - 2]), 1);
    assert_int_equal(metric_get(&histogram.buckets[METRICS_BUCKETS - 1]), 1);
    assert_int_equal(metric_get(&histogram.sum_us), 60001002);
}

static void assert_written(struct exposition *out, const char *expected)
{
    assert_int_equal(out->length, strlen(expected));
    assert_memory_equal(out->bytes, expected, out->length);
    exposition_fini(out);
}

static const struct exposition_label labels[] = {{"a", "x\"y\\z\n"}, {"b", "\xc3\xbc\xff\xc3"}, {NULL, NULL}};

static void the_older_format(void **state)
{
    (void)state;
    struct exposition out = {.open_metrics = false};
    exposition_begin(&out, "things", EXPOSITION_COUNTER, "All of them.");
    exposition_count(&out, "", labels, 18446744073709551615U);
    exposition_begin(&out, "level", EXPOSITION_GAUGE, "Now.");
    exposition_value(&out, "", NULL, 1.5);
    exposition_end(&out);
    assert_written(&out,
                   "# HELP things_total All of them.\n# TYPE things_total counter\n"
                   "things_total{a=\"x\\\"y\\\\z\\n\",b=\"\xc3\xbc\xef\xbf\xbd\xef\xbf\xbd\"} 18446744073709551615\n"
                   "# HELP level Now.\n# TYPE level gauge\nlevel 1.500000\n");
}

static void open_metrics(void **state)
{
    (void)state;
    struct exposition out = {.open_metrics = true};
    exposition_begin(&out, "things", EXPOSITION_COUNTER, "All of them.");
    exposition_count(&out, "", NULL, 3);
    exposition_begin(&out, "time_seconds", EXPOSITION_HISTOGRAM, "How long.");
    exposition_count(&out, "_count", NULL, 2);
    exposition_end(&out);
    assert_written(&out, "# HELP things All of them.\n# TYPE things counter\nthings_total 3\n"
                         "# HELP time_seconds How long.\n# TYPE time_seconds histogram\ntime_seconds_count 2\n# EOF\n");
}

static void *count_much(void *argument)
{
    for (int i = 0; i < 100000; i++)
        metric_add(&((struct metrics_worker *)argument)->opened, 1);
    return NULL;
}

/** Each writer has its block, and a reader sees each value grow. */
static void writers_and_a_reader(void **state)
{
    (void)state;
    struct metrics *metrics = metrics_create(2);
    pthread_t threads[2];
    uint64_t before = 0;
    for (uint32_t i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, count_much, metrics_worker(metrics, i));
    for (int i = 0; i < 1000; i++) {
        uint64_t now = metric_get(&metrics_worker(metrics, 0)->opened);
        assert_true(now >= before);
        before = now;
    }
    for (uint32_t i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(metric_get(&metrics_worker(metrics, i)->opened), 100000);
    }
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_share_no_line),
        cmocka_unit_test(a_server_has_one_block_as_long_as_somebody_has_it),
        cmocka_unit_test(scripts_are_told_apart_by_worker_kind_and_name),
        cmocka_unit_test(a_histogram_counts_up_to_each_bound),
        cmocka_unit_test(the_older_format),
        cmocka_unit_test(open_metrics),
        cmocka_unit_test(writers_and_a_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
