// tests/unit/script/test_call_tables.c: m.call: tables that live as long as a call.
#include "script/call_tables.h"
#include "unit/script/script_test.h"

static uint64_t now = 1000;

static uint64_t clock_of_test(void *context)
{
    (void)context;
    return now;
}

/** Two users with the same filter. */
static struct {
    struct scripts scripts;
    struct script_state *state;
    struct script_filter *dave, *anna;
} pair;

static void pair_begin(const char *script)
{
    struct script_user dave = {.name = "dave"}, anna = {.name = "anna"};
    struct error err;

    memset(&pair, 0, sizeof pair);
    scripts_begin(&pair.scripts);
    pair.scripts.setup.host.clock_ms = clock_of_test;
    scripts_add(&pair.scripts, SCRIPT_IS_FILTER, "f", script);
    pair.state = scripts_load(&pair.scripts, &err);
    if (pair.state == NULL)
        fail_msg("%s", err.text);
    pair.dave = script_filter_create(pair.state, "f", NULL, &dave, false, &err);
    pair.anna = script_filter_create(pair.state, "f", NULL, &anna, false, &err);
    assert_non_null(pair.dave);
    assert_non_null(pair.anna);
}

static void pair_end(void)
{
    script_filter_unref(pair.dave);
    script_filter_unref(pair.anna);
    script_state_destroy(pair.state);
    scripts_end(&pair.scripts);
}

/** What a filter makes of an event: heard, then judged. */
static enum script_verdict judge(struct script_filter *filter, const char *name, const char *headers)
{
    char text[400];
    struct message *changed;

    (void)snprintf(text, sizeof text, "Event: %s\r\nServer: pbx1\r\n%s\r\n", name, headers);
    struct message *message = message_of(text);
    script_state_heard(pair.state, message);
    enum script_verdict verdict = script_filter_message(filter, message, SCRIPT_EVENT, &changed);
    message_unref(changed);
    message_unref(message);
    script_state_step(pair.state);
    return verdict;
}

#define QUEUE                                                          \
    "return { message = function(m)\n"                                 \
    "  local call = m.call\n"                                          \
    "  if call and m.Queue == 'support' then call.wanted = true end\n" \
    "  return call ~= nil and call.wanted == true\n"                   \
    "end }"
#define A "Channel: SIP/a\r\nUniqueid: 1.1\r\nLinkedid: 1.1\r\n"
#define B "Channel: SIP/b\r\nUniqueid: 1.2\r\nLinkedid: 1.1\r\n"
#define OTHER "Channel: SIP/c\r\nUniqueid: 2.1\r\nLinkedid: 2.1\r\n"

static void only_calls_that_were_in_a_queue(void **state)
{
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "Newchannel", A), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n"), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Newchannel", B), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Newchannel", OTHER), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", OTHER "Queue: sales\r\n"), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "PeerStatus", "Peer: SIP/a\r\n"), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "Hangup", A), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Newstate", B), SCRIPT_PASS); // B is still up
    assert_int_equal(judge(pair.dave, "Hangup", B), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Cdr", "UniqueID: 1.2\r\n"), SCRIPT_PASS);
    pair_end();
}

static void tables_are_a_filters_own(void **state)
{
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n"), SCRIPT_PASS);
    assert_int_equal(judge(pair.anna, "Newstate", A), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_PASS);
    pair_end();
}

/** The tables go ten seconds after the last channel, and a Linkedid that comes again begins anew. */
static void tables_end_with_the_call(void **state)
{
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n"), SCRIPT_PASS);
    (void)judge(pair.dave, "Newchannel", B);
    (void)judge(pair.dave, "Hangup", A);
    now += 3600 * 1000;
    assert_int_equal(judge(pair.dave, "Newstate", B), SCRIPT_PASS);
    (void)judge(pair.dave, "Hangup", B);
    (void)judge(pair.dave, "Newstate", B); // comes late, and brings nothing back
    assert_int_equal(script_call_tables_count(pair.state), 1);
    now += 10000;
    script_state_step(pair.state);
    assert_int_equal(script_call_tables_count(pair.state), 0);
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_DROP);
    pair_end();
}

static void a_channel_that_goes_to_another_call(void **state)
{
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", OTHER "Queue: support\r\n"), SCRIPT_PASS);
    (void)judge(pair.dave, "Newchannel", A);
    (void)judge(pair.dave, "Newstate", "Uniqueid: 2.1\r\nLinkedid: 1.1\r\n"); // a transfer: 2.1 has no channel left
    now += 10000;
    script_state_step(pair.state);
    assert_int_equal(script_call_tables_count(pair.state), 1);
    pair_end();
}

/** A UserEvent is in the call that it names, but clients write its headers: it neither begins nor ends one, and moves
 * no channel. */
static void a_user_event_teaches_nothing(void **state)
{
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "UserEvent", OTHER "Queue: support\r\n"), SCRIPT_DROP);
    assert_int_equal(script_call_tables_count(pair.state), 0);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n"), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Newstate", OTHER), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "UserEvent", "Uniqueid: 1.1\r\nLinkedid: 2.1\r\n"), SCRIPT_DROP);
    assert_int_equal(judge(pair.dave, "UserEvent", "DestUniqueid: 1.1\r\nDestLinkedid: 2.1\r\n"), SCRIPT_DROP);
    now += 10000;
    script_state_step(pair.state);
    assert_int_equal(script_call_tables_count(pair.state), 2);
    assert_int_equal(judge(pair.dave, "UserEvent", A), SCRIPT_PASS);
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_PASS);
    pair_end();
}

/** An action's headers are the client's. */
static void an_action_belongs_to_no_call(void **state)
{
    struct message *action = message_of("Action: Originate\r\nServer: pbx1\r\n" OTHER "\r\n");
    struct message *changed;
    (void)state;
    pair_begin("return { message = function(m) return m.call == nil end }");
    assert_int_equal(script_filter_message(pair.dave, action, SCRIPT_ANSWER, &changed), SCRIPT_PASS);
    assert_int_equal(script_call_tables_count(pair.state), 0);
    message_unref(action);
    pair_end();
}

static void two_servers_may_have_the_same_ids(void **state)
{
    struct message *changed, *other = message_of("Event: Newstate\r\nServer: pbx2\r\n" A "\r\n");
    (void)state;
    pair_begin(QUEUE);
    assert_int_equal(judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n"), SCRIPT_PASS);
    assert_int_equal(script_filter_message(pair.dave, other, SCRIPT_EVENT, &changed), SCRIPT_DROP);
    message_unref(other);
    pair_end();
}

/** Of too many calls, the one that was silent for longest loses its tables; those whose end was missed go after hours.
 */
static void tables_are_bounded(void **state)
{
    char headers[120];
    (void)state;
    pair_begin(QUEUE);
    (void)judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n");
    for (int i = 0; i < CALL_TABLES_MOST; i++) {
        (void)snprintf(headers, sizeof headers, "Uniqueid: x.%d\r\nLinkedid: x.%d\r\n", i, i);
        (void)judge(pair.dave, "Newstate", headers);
    }
    assert_int_equal(script_call_tables_count(pair.state), CALL_TABLES_MOST);
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_DROP);
    now += 6 * 3600 * 1000;
    script_state_step(pair.state);
    assert_int_equal(script_call_tables_count(pair.state), 0);
    pair_end();
}

/** Channels that came and went do not pile up in a long call. */
static void gone_channels_are_bounded(void **state)
{
    char headers[120];
    size_t memory = 0;
    (void)state;
    pair_begin(QUEUE);
    (void)judge(pair.dave, "QueueCallerJoin", A "Queue: support\r\n");
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(headers, sizeof headers, "Uniqueid: y.%d\r\nLinkedid: 1.1\r\n", i);
        (void)judge(pair.dave, "Newchannel", headers);
        (void)judge(pair.dave, "Hangup", headers);
        if (i == 1000)
            memory = script_state_memory(pair.state);
    }
    assert_true(script_state_memory(pair.state) < memory + 100000);
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_PASS);
    pair_end();
}

/** A reload: filters of the same file, user and options go on with plain data; what cannot be kept is told. */
static void a_reload_keeps_the_tables(void **state)
{
    struct scripts old_scripts;
    struct script_state *old;
    struct script_filter *dave, *anna;
    (void)state;

    for (int i = 0; i < 2; i++) {
        pair_begin(i == 0 ? QUEUE : "return { message = function(m) m.call.run = m.copy return true end }");
        (void)judge(pair.dave, i == 0 ? "QueueCallerJoin" : "Newstate", i == 0 ? A "Queue: support\r\n" : A);
        old = pair.state;
        dave = pair.dave;
        anna = pair.anna;
        old_scripts = pair.scripts;
        pair_begin(QUEUE);
        script_state_hand_over(old, pair.state);
        script_filter_unref(dave);
        script_filter_unref(anna);
        script_state_destroy(old);
        scripts_end(&old_scripts);
        assert_int_equal(judge(pair.dave, "Newstate", A), i == 0 ? SCRIPT_PASS : SCRIPT_DROP);
        assert_int_equal(judge(pair.anna, "Newstate", A), SCRIPT_DROP);
        (void)judge(pair.dave, "Hangup", A);
        now += 10000;
        script_state_step(pair.state);
        assert_int_equal(script_call_tables_count(pair.state), 0);
        pair_end();
    }
}

static void mistakes_are_said(void **state)
{
    (void)state;
    pair_begin("return { message = function(m) m.call = {} end }");
    assert_int_equal(judge(pair.dave, "Newstate", A), SCRIPT_FAIL);
    pair_end();
    pair_begin("return { message = function(m) assert(m:get('Call') == 'x' and m.Call == 'x') end }");
    assert_int_equal(judge(pair.dave, "Newstate", A "Call: x\r\n"), SCRIPT_PASS);
    pair_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_calls_that_were_in_a_queue),
        cmocka_unit_test(tables_are_a_filters_own),
        cmocka_unit_test(tables_end_with_the_call),
        cmocka_unit_test(a_channel_that_goes_to_another_call),
        cmocka_unit_test(a_user_event_teaches_nothing),
        cmocka_unit_test(an_action_belongs_to_no_call),
        cmocka_unit_test(two_servers_may_have_the_same_ids),
        cmocka_unit_test(tables_are_bounded),
        cmocka_unit_test(gone_channels_are_bounded),
        cmocka_unit_test(a_reload_keeps_the_tables),
        cmocka_unit_test(mistakes_are_said),
    };
    log_set_level(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
