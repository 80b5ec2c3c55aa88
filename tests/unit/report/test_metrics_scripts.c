// tests/unit/report/test_metrics_scripts.c: the figures of a script are sums over all workers, written once.
#include "report/metrics_scripts.h"

#include "unit/test.h"

#include <string.h>

static void add_lists(void *visitor, const struct metrics_lists *lists)
{
    metrics_write_scripts(visitor, lists->scripts);
    exposition_count(visitor, "", NULL, 0); // ends the text with a known line
}

static void test_workers_are_added_up(void **state)
{
    struct metrics *metrics = metrics_create(2);
    struct metrics_script *first = metrics_script(metrics, 0, METRICS_FILTER, "mask");
    struct metrics_script *second = metrics_script(metrics, 1, METRICS_FILTER, "mask");
    struct metrics_script *action = metrics_script(metrics, 0, METRICS_PROXY_ACTION, "mask");
    struct exposition out = {0};

    (void)state;
    metric_add(&first->calls, 3);
    metric_add(&second->calls, 4);
    metric_add(&action->failures, 5);
    metric_add_shared(&first->quarantined, 2);
    metric_add_shared(&second->quarantined, 1);
    metrics_gather(metrics, add_lists, &out);
    out.bytes[out.length - 1] = '\0';
    assert_non_null(strstr(out.bytes, "astmanproxy_script_calls_total{script=\"mask\",kind=\"filter\"} 7\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_script_errors_total{script=\"mask\",kind=\"proxy_action\"} 5\n"));
    const char *line = strstr(out.bytes, "astmanproxy_filters_quarantined{");
    assert_non_null(line);
    assert_memory_equal(line, "astmanproxy_filters_quarantined{script=\"mask\"} 3\n", 48);
    assert_null(strstr(line + 1, "astmanproxy_filters_quarantined{")); // proxy actions cannot stand still
    exposition_fini(&out);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workers_are_added_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
