// tests/unit/report/test_metrics_exports.c: each export has its samples; without exports there are none.
#include "report/metrics_exports.h"

#include "base/clock.h"
#include "unit/test.h"

#include <string.h>

static void write_all(void *visitor, const struct metrics_lists *lists)
{
    metrics_write_exports(visitor, lists->exports);
}

static void exports_have_samples(void **state)
{
    struct metrics *metrics = metrics_create(1);
    struct exposition out = {0};
    (void)state;

    metrics_gather(metrics, write_all, &out);
    exposition_end(&out);
    assert_null(strstr(out.bytes, "export=\""));
    exposition_fini(&out);

    struct metrics_export *crm = metrics_export_enter(metrics, "crm"), *other = metrics_export_enter(metrics, "other");
    metric_add(&crm->posted, 3);
    metric_add(&other->lost, 4);
    metric_set(&crm->oldest_ms, clock_ms() - 5000);
    metrics_gather(metrics, write_all, &out);
    exposition_end(&out);
    assert_non_null(strstr(out.bytes, "astmanproxy_export_messages_posted_total{export=\"crm\"} 3\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_export_messages_posted_total{export=\"other\"} 0\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_export_messages_lost_total{export=\"other\"} 4\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_export_oldest_seconds{export=\"crm\"} 5."));
    assert_non_null(strstr(out.bytes, "astmanproxy_export_oldest_seconds{export=\"other\"} 0.0"));
    exposition_fini(&out);

    assert_ptr_equal(metrics_export_enter(metrics, "crm"), crm);
    metrics_export_leave(metrics, crm);
    metrics_export_leave(metrics, crm);
    metrics_export_leave(metrics, other);
    metrics_gather(metrics, write_all, &out);
    exposition_end(&out);
    assert_null(strstr(out.bytes, "export=\""));
    exposition_fini(&out);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(exports_have_samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
