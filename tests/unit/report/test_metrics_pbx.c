// tests/unit/report/test_metrics_pbx.c: the figures of servers by name, with their labels.
#include "report/metrics_pbx.h"

#include "ami/message.h"
#include "pbx/pbx.h"
#include "unit/test.h"

#include <string.h>

static void see(struct pbx *pbx, const char *event, const char *queue, const char *key, const char *value)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", event);
    message_addf(&builder, "Queue", "%s", queue);
    message_addf(&builder, key, "%s", value);
    message_addf(&builder, "Server", "pbx1");
    struct message *message = message_build(&builder);
    pbx_see(pbx, message, 1000);
    message_unref(message);
}

static void test_queues_have_samples(void **state)
{
    struct pbx *pbx = pbx_create();
    struct exposition out = {0};

    (void)state;
    see(pbx, "QueueCallerJoin", "a \"b\"", "Uniqueid", "1");
    see(pbx, "QueueCallerAbandon", "a \"b\"", "Uniqueid", "1");
    see(pbx, "QueueMemberAdded", "a \"b\"", "Interface", "PJSIP/a");
    metrics_write_pbx(&out, pbx);
    exposition_end(&out);
    exposition_count(&out, "", NULL, 0);
    out.bytes[out.length - 1] = '\0';
    assert_non_null(strstr(out.bytes, "astmanproxy_pbx_queue_waiting{server=\"pbx1\",queue=\"a \\\"b\\\"\"} 1\n"));
    assert_non_null(
        strstr(out.bytes, "astmanproxy_pbx_queue_abandoned_total{server=\"pbx1\",queue=\"a \\\"b\\\"\"} 1\n"));
    assert_non_null(strstr(
        out.bytes, "astmanproxy_pbx_queue_members{server=\"pbx1\",queue=\"a \\\"b\\\"\",state=\"unknown\"} 1\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_pbx_channels{server=\"pbx1\",state=\"up\"} 0\n"));
    assert_non_null(strstr(out.bytes, "astmanproxy_pbx_calls{server=\"pbx1\"} 0\n"));
    exposition_fini(&out);
    pbx_destroy(pbx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queues_have_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
