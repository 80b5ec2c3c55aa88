// tests/unit/script/test_action_run.c: a proxy action whose session ends, and one that takes too long.
#include "script/state.h"
#include "unit/script/action_test.h"

static void test_session_goes(void **state)
{
    (void)state;
    begin("local kept = session amp.after('1s', function() assert(not kept.alive) kept:send{ Event = 'X' } end)\n"
          "amp.call{ Action = 'Ping' } reply:ok()");
    ask("Mine", "");
    script_session_gone(fixture.lua, session);
    assert_true(script_state_is_idle(fixture.lua));
    end_call(0, NULL);
    assert_int_equal(host.replies, 0);
    host.now += 2000;
    script_state_tick(fixture.lua); // raises inside, is logged
    assert_string_equal(host.sent, "");
    end();
}

static void test_action_timeout_and_limit(void **state)
{
    (void)state;
    begin("return { name = 'Mine', timeout = '1s', run = function(a, reply) amp.sleep('1h') end }");
    ask("Mine", "");
    host.now += 1000;
    script_state_tick(fixture.lua);
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    for (int i = 0; i < 256; i++)
        ask("Mine", "");
    ask("Mine", "");
    assert_string_equal(host.out, "Response: Error\r\nActionID: 9\r\nMessage: Proxy action failed\r\n\r\n");
    end();
}

/** A reply during which Lua collects garbage. */
static void collect(void *context, struct handle client, struct message *message, bool final)
{
    (void)context;
    (void)client;
    (void)message;
    (void) final;
    (void)lua_gc(fixture.lua->L, LUA_GCCOLLECT);
}

/** Memory may end at any step of the preparation; what a script never got is nobody's. */
static void test_no_memory_to_begin(void **state)
{
    struct message *request = message_of("ProxyAction: Mine\r\nActionID: 9\r\n\r\n");
    (void)state;
    begin("amp.sleep('1h')");
    struct script_action *action = script_action_find(fixture.lua, span_of("Mine"));
    size_t limit = fixture.lua->limits.memory;
    for (int waiting = 0; waiting < 50; waiting++) {
        for (size_t extra = 0; extra < 3000; extra += 24) {
            (void)lua_gc(fixture.lua->L, LUA_GCCOLLECT);
            fixture.lua->limits.memory = script_state_memory(fixture.lua) + extra;
            uint32_t tasks = fixture.lua->task_count;
            script_action_run(fixture.lua, action, request, session, collect, NULL);
            fixture.lua->limits.memory = limit;
            if (fixture.lua->task_count > tasks)
                break;
        }
    }
    message_unref(request);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session_goes),
        cmocka_unit_test(test_action_timeout_and_limit),
        cmocka_unit_test(test_no_memory_to_begin),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
