// tests/unit/session/delivery/test_reply.c: the form of the proxy's own answers.
#include "session/delivery/reply.h"

#include "unit/session/fake_session.h"

static void expect_wire(struct message *message, const char *expected)
{
    struct span wire = message_wire(message);

    assert_int_equal(wire.length, strlen(expected));
    assert_memory_equal(wire.bytes, expected, wire.length);
    message_unref(message);
}

static void test_an_error_has_the_id_of_its_action(void **state)
{
    struct message *with = parse_one("Action: Ping\r\nActionID: a:b c\r\n\r\n"),
                   *without = parse_one("Action: x\r\n\r\n");
    struct message *empty = parse_one("Action: Ping\r\nActionID: \r\n\r\n");
    (void)state;

    expect_wire(reply_error(with, "No"), "Response: Error\r\nActionID: a:b c\r\nMessage: No\r\n\r\n");
    expect_wire(reply_error(without, "No"), "Response: Error\r\nMessage: No\r\n\r\n");
    expect_wire(reply_error(empty, "No"), "Response: Error\r\nMessage: No\r\n\r\n");
    expect_wire(reply_error(NULL, "100 %s"), "Response: Error\r\nMessage: 100 %s\r\n\r\n"); // no format
    message_unref(with);
    message_unref(without);
    message_unref(empty);
}

static void test_a_proxy_actions_answer_begins_otherwise(void **state)
{
    struct message *request = parse_one("ProxyAction: List\r\nActionID: 1\r\n\r\n");
    struct message_builder answer;
    (void)state;

    reply_begin_proxy(&answer, request, "Success");
    message_addf(&answer, "Count", "%d", 3);
    expect_wire(message_build(&answer), "ProxyResponse: Success\r\nActionID: 1\r\nCount: 3\r\n\r\n");
    reply_begin(&answer, request, "Goodbye");
    expect_wire(message_build(&answer), "Response: Goodbye\r\nActionID: 1\r\n\r\n");
    message_unref(request);
}

static void test_answers_are_counted_with_their_reason(void **state)
{
    struct fake *fake = *state;
    size_t client = fake_login(fake, "anna", "off");
    struct session *session = fake_session(fake, client);
    struct message *request = parse_one("Action: Ping\r\nActionID: 9\r\n\r\n");
    const struct metric *actions = fake->sessions->metrics->actions;
    uint64_t none = metric_get(&actions[AMP_REASON_NONE]), denied = metric_get(&actions[AMP_REASON_DENIED]);

    reply_text(session, request, "Success", "Done");
    reply_refuse(session, request, AMP_REASON_DENIED, "Permission denied");
    assert_string_equal(fake_read(fake, client),
                        "Response: Success\r\nActionID: 9\r\nMessage: Done\r\n\r\n"
                        "Response: Error\r\nActionID: 9\r\nMessage: Permission denied\r\n\r\n");
    assert_int_equal(metric_get(&actions[AMP_REASON_NONE]), none + 1);
    assert_int_equal(metric_get(&actions[AMP_REASON_DENIED]), denied + 1);
    message_unref(request);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_error_has_the_id_of_its_action),
        cmocka_unit_test(test_a_proxy_actions_answer_begins_otherwise),
        FAKE_TEST(test_answers_are_counted_with_their_reason),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
