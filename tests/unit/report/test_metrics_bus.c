// tests/unit/report/test_metrics_bus.c: the metrics of the bus: none without one, each field under its name with one.
#include "report/metrics_bus.h"

#include "unit/test.h"

#include <stdlib.h>
#include <string.h>

static void expect_line(const struct exposition *out, const char *line)
{
    char *text = strndup(out->bytes, out->length);

    if (strstr(text, line) == NULL)
        fail_msg("no %s in\n%s", line, text);
    free(text);
}

static void without_a_bus_there_is_nothing(void **state)
{
    struct metrics *metrics = metrics_create(1);
    struct exposition out = {0};

    (void)state;
    report_bus(metrics_bus(metrics), &out);
    assert_int_equal(out.length, 0);
    metrics_destroy(metrics);
}

static void each_field_has_its_name(void **state)
{
    struct metrics *metrics = metrics_create(1);
    struct metrics_bus *bus = metrics_bus(metrics);
    struct metric *fields[] = {
        &bus->exists,          &bus->up,       &bus->connections,    &bus->losses,     &bus->published,
        &bus->published_bytes, &bus->received, &bus->received_bytes, &bus->full_out,   &bus->stale,
        &bus->unsendable,      &bus->full_in,  &bus->waiting_out,    &bus->waiting_in, &bus->owned,
        &bus->nodes,           &bus->gaps,     &bus->repaired,       &bus->lost,       &bus->late_beats,
        &bus->doubts};
    static const char *const lines[] = {"\nastmanproxy_bus_up 2\n",
                                        "\nastmanproxy_bus_connections_total 3\n",
                                        "\nastmanproxy_bus_losses_total 4\n",
                                        "\nastmanproxy_bus_published_total 5\n",
                                        "\nastmanproxy_bus_published_bytes_total 6\n",
                                        "\nastmanproxy_bus_received_total 7\n",
                                        "\nastmanproxy_bus_received_bytes_total 8\n",
                                        "\nastmanproxy_bus_dropped_total{reason=\"out_full\"} 9\n",
                                        "\nastmanproxy_bus_dropped_total{reason=\"out_old\"} 10\n",
                                        "\nastmanproxy_bus_dropped_total{reason=\"out_unsendable\"} 11\n",
                                        "\nastmanproxy_bus_dropped_total{reason=\"in_full\"} 12\n",
                                        "\nastmanproxy_bus_waiting_bytes{direction=\"out\"} 13\n",
                                        "\nastmanproxy_bus_waiting_bytes{direction=\"in\"} 14\n",
                                        "\nastmanproxy_bus_owned_servers 15\n",
                                        "\nastmanproxy_bus_nodes 16\n",
                                        "\nastmanproxy_bus_gaps_total 17\n",
                                        "\nastmanproxy_bus_repaired_total 18\n",
                                        "\nastmanproxy_bus_lost_total 19\n",
                                        "\nastmanproxy_bus_late_heartbeats_total 20\n",
                                        "\nastmanproxy_bus_doubts_total 21\n"};
    struct exposition out = {0};

    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        metric_set(fields[i], i + 1);
    report_bus(bus, &out);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        expect_line(&out, lines[i]);
    exposition_fini(&out);
    metrics_destroy(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_bus_there_is_nothing),
        cmocka_unit_test(each_field_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
