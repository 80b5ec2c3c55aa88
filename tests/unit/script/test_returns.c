// tests/unit/script/test_returns.c: what hooks may return, and how the fields of a request are written.
#include "unit/script/script_test.h"

struct judged {
    enum script_verdict verdict;
    char reason[256];
};

static void on_judged(void *context, struct handle session, enum script_verdict verdict, struct message *action,
                      const char *reason)
{
    struct judged *judged = context;
    (void)session;
    (void)action;
    judged->verdict = verdict;
    (void)snprintf(judged->reason, sizeof judged->reason, "%s", reason == NULL ? "" : reason);
}

static void expect_action(const char *returned, enum script_verdict verdict, const char *reason)
{
    struct one one;
    struct error err;
    char text[512];
    struct judged judged = {.verdict = SCRIPT_CHANGE};
    (void)snprintf(text, sizeof text, "return { action = function(a)\n%s end }", returned);
    one_begin(&one);
    if (!one_load(&one, text, &err))
        fail_msg("%s", err.text);
    struct message *message = message_of("Action: Ping\r\n\r\n");
    script_filter_action(one.filter, message, (struct handle){0}, on_judged, &judged);
    message_unref(message);
    if (judged.verdict != verdict || strcmp(judged.reason, reason) != 0)
        fail_msg("%s: verdict %d, reason '%s'", returned, (int)judged.verdict, judged.reason);
    one_end(&one);
}

static void test_f48_what_an_action_hook_returns(void **state)
{
    static const char *const wrong[] = {"return nil",
                                        "return nil, 'reason'",
                                        "return 0",
                                        "return 1",
                                        "return 'ok'",
                                        "return {}",
                                        "return true, 5",
                                        "return true, {}",
                                        "return true, nil, nil",
                                        "return 'no', 'no'",
                                        "return a",
                                        "return (function() end)()  == 1 or nil"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_action(wrong[i], SCRIPT_FAIL, "Action Filtered");
    expect_action("", SCRIPT_PASS, "");
    expect_action("return", SCRIPT_PASS, "");
    expect_action("return ((function() end)())", SCRIPT_FAIL, "Action Filtered"); // in brackets it is one nil
    expect_action("local function none() end return none()", SCRIPT_PASS, "");
    expect_action("return true", SCRIPT_PASS, "");
    expect_action("return true, nil", SCRIPT_PASS, "");
    expect_action("return true, 'unused'", SCRIPT_PASS, ""); // return got.ok, got.reason
    expect_action("return false", SCRIPT_DROP, "Action Filtered");
    expect_action("return false, nil", SCRIPT_DROP, "Action Filtered");
    expect_action("return false, 'not\\r\\nnow'", SCRIPT_DROP, "not  now");
    expect_action("return false, 5", SCRIPT_DROP, "Action Filtered");
    expect_action("return false, {}, 1, 2", SCRIPT_DROP, "Action Filtered");
}

static void expect_message(const char *returned, enum script_verdict verdict)
{
    struct one one;
    struct error err;
    char text[512];
    (void)snprintf(text, sizeof text, "return { message = function(m) m.X = 1\n%s end }", returned);
    one_begin(&one);
    if (!one_load(&one, text, &err))
        fail_msg("%s", err.text);
    if (one_judge(&one, "Event: X\r\nY: z\r\n\r\n", NULL) != verdict)
        fail_msg("%s", returned);
    // and the stack is unchanged: repeat it a thousand times
    for (int i = 0; i < 1000; i++)
        assert_int_equal(one_judge(&one, "Event: X\r\nY: z\r\n\r\n", NULL), verdict);
    one_end(&one);
}

static void test_f48_what_a_message_hook_returns(void **state)
{
    static const char *const wrong[] = {"return nil",
                                        "return nil, 'reason'",
                                        "return 0",
                                        "return 'true'",
                                        "return {}",
                                        "return true, true",
                                        "return m",
                                        "return m.Absent",
                                        "return false, 'why'",
                                        "return m.Y and m.Absent",
                                        "return table.unpack({}, 1, 5000)"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_message(wrong[i], SCRIPT_FAIL);
    expect_message("", SCRIPT_CHANGE);
    expect_message("return", SCRIPT_CHANGE);
    expect_message("return true", SCRIPT_CHANGE);
    expect_message("return m.Y == 'z'", SCRIPT_CHANGE);
    expect_message("return false", SCRIPT_DROP);
}

// --- requests -------------------------------------------------------------------------------------------------------

static char asked_server[64], asked_text[512];
static uint64_t asked_timeout;
static char answered[1024];

static void host_call(void *context, struct script_call *call, const char *server, struct message *action,
                      uint64_t timeout_ms)
{
    (void)context;
    (void)snprintf(asked_server, sizeof asked_server, "%s", server == NULL ? "-" : server);
    (void)snprintf(asked_text, sizeof asked_text, "%.*s", (int)message_wire(action).length, message_wire(action).bytes);
    asked_timeout = timeout_ms;
    script_call_end(call, "asked");
}

static void host_servers(void *context, void (*visit)(void *, const struct script_server_info *), void *visitor)
{
    struct script_server_info info = {
        .name = "one", .host = "h", .address = "a", .user = "u", .events = "on", .up = true};
    (void)context;
    visit(visitor, &info);
}

static void on_reply(void *context, struct handle session, struct message *message, bool final)
{
    (void)context;
    (void)session;
    (void) final;
    (void)snprintf(answered, sizeof answered, "%.*s", (int)message_wire(message).length, message_wire(message).bytes);
}

/** Runs the body of a proxy action. */
static void run(const char *body)
{
    struct scripts scripts;
    struct error err;
    char text[1024];
    scripts_begin(&scripts);
    scripts.setup.host.call = host_call;
    scripts.setup.host.each_server = host_servers;
    (void)snprintf(text, sizeof text, "return { name = 'T', summary = 'x', run = function(a, reply)\n%s end }", body);
    scripts_add(&scripts, SCRIPT_IS_PROXY_ACTION, "t", text);
    struct script_state *state = scripts_load(&scripts, &err);
    if (state == NULL)
        fail_msg("%s", err.text);
    asked_server[0] = asked_text[0] = answered[0] = '\0';
    struct message *request = message_of("ProxyAction: T\r\n\r\n");
    script_action_run(state, script_action_find(state, span_of("T")), request, (struct handle){0}, on_reply, NULL);
    message_unref(request);
    script_state_destroy(state);
    scripts_end(&scripts);
}

static void expect_call(const char *request, const char *server, uint64_t timeout_ms, const char *text)
{
    char body[512];
    (void)snprintf(body, sizeof body, "reply:ok{ Reason = %s.reason }", request);
    run(body);
    if (strcmp(asked_server, server) != 0 || asked_timeout != timeout_ms || strcmp(asked_text, text) != 0)
        fail_msg("%s: server %s, %d ms, %s; answered %s", request, asked_server, (int)asked_timeout, asked_text,
                 answered);
}

static void test_f48_fields_in_any_case(void **state)
{
    static const char *const ping = "Action: Ping\r\n\r\n";
    (void)state;
    expect_call("amp.call{ Action = 'Ping' }", "-", 10000, ping);
    expect_call("amp.call{ Action = 'Ping', server = 'x' }", "x", 10000, ping);
    expect_call("amp.call{ Action = 'Ping', Server = 'x' }", "x", 10000, ping);
    expect_call("amp.call{ Action = 'Ping', SERVER = 'x', TimeOut = '3s' }", "x", 3000, ping);
    expect_call("amp.call_all{ { Action = 'Ping', Server = 'y', timeout = 2 } }[1]", "y", 2000, ping);
    expect_call("amp.call{ 'Action: Ping', 'Server: z' }", "z", 10000, "Action: Ping\r\nServer: z\r\n\r\n");
    expect_call("amp.call{ action = 'Ping', Server = 'x' }", "x", 10000, "action: Ping\r\n\r\n");
    expect_call("amp.servers()[1]:action{ Action = 'Ping', Timeout = '1s' }", "one", 1000, ping);
    // Originate has a header Timeout of its own, in milliseconds
    expect_call("amp.call{ Action = 'Originate', Timeout = 20000, timeout = '30s' }", "-", 30000,
                "Action: Originate\r\nTimeout: 20000\r\n\r\n");
    expect_call("amp.call{ Action = 'Originate', Timeout = '20000' }", "-", 10000,
                "Action: Originate\r\nTimeout: 20000\r\n\r\n");
}

/** The log tells the author; no action is sent. */
static void test_f48_fields_that_stand_twice(void **state)
{
    static const char *const wrong[] = {"amp.call{ Action = 'Ping', server = 'x', Server = 'y' }",
                                        "amp.call{ Action = 'Ping', server = 'x', SERVER = 'x' }",
                                        "amp.call{ Action = 'Ping', timeout = '1s', Timeout = '2s' }",
                                        "amp.call{ 'Action: Ping', 'Server: y', server = 'x' }",
                                        "amp.call{ Action = 'Ping', action = 'Hangup' }",
                                        "amp.call{ Action = 'Hangup', Channel = 'a', channel = 'b' }",
                                        "amp.call{ Action = 'Ping', server = 5 }",
                                        "amp.call{ Action = 'Ping', timeout = true }",
                                        "amp.call_all{ { Action = 'Ping', server = 'x', Server = 'y' } }",
                                        "amp.servers()[1]:action{ Action = 'Ping', Server = 'two' }",
                                        "amp.servers()[1]:action{ Action = 'Ping', server = 'two' }"};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        run(wrong[i]);
        if (asked_text[0] != '\0' || strstr(answered, "Proxy action failed") == NULL)
            fail_msg("%s: asked %s, answered %s", wrong[i], asked_text, answered);
    }
    run("reply:ok{ Name = 'a', name = 'b' }");
    assert_non_null(strstr(answered, "Proxy action failed"));
    load_bad("amp.every('1s', { Once = true }, function() end) return {}", "did you mean 'once'?");
    load_bad("amp.every('1s', { once = 1 }, function() end) return {}", "{ once = true }");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f48_what_an_action_hook_returns),
        cmocka_unit_test(test_f48_what_a_message_hook_returns),
        cmocka_unit_test(test_f48_fields_in_any_case),
        cmocka_unit_test(test_f48_fields_that_stand_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
