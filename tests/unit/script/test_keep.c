// tests/unit/script/test_keep.c: what filters keep over a reload; a filter for several users judges a message once.
#include "unit/script/script_test.h"

/** A counter that reports what `restore` received. */
#define COUNTER(save, restore)                                                                   \
    "local opts, user = ...\nlocal kept, count = nil, 0\nreturn { stateful = true, save = " save \
    ", restore = " restore ",\n message = function(m) count = count + 1 m.Count = count m.Kept = kept end }"

/** Returns the value of `header` after one more event. */
static void expect_event(struct one *one, const char *header, const char *value)
{
    struct message *changed;
    struct span found = {NULL, 0};
    assert_int_equal(one_judge(one, "Event: Newchannel\r\nChannel: a\r\n\r\n", &changed), SCRIPT_CHANGE);
    bool is_there = message_find(changed, header, &found);
    if (value == NULL ? is_there : !span_equals(found, span_of(value)))
        fail_msg("%s: expected %s, not %.*s", header, value == NULL ? "nothing" : value, (int)found.length,
                 found.bytes);
    message_unref(changed);
}

static void load(struct one *one, const char *text)
{
    struct error err;
    one_begin(one);
    if (!one_load(one, text, &err))
        fail_msg("%s", err.text);
}

static void hand_over(const char *from, const char *to, const char *header, const char *value)
{
    struct one old, new;
    load(&old, from);
    load(&new, to);
    expect_event(&old, "Count", "1");
    expect_event(&old, "Count", "2");
    script_state_hand_over(old.state, new.state);
    one_end(&old);
    expect_event(&new, header, value);
    one_end(&new);
}

static void test_f47_state_is_handed_over(void **state)
{
    const char *counter = COUNTER("function() return { count = count } end", "function(was) count = was.count end");
    (void)state;
    hand_over(counter, counter, "Count", "3");
    hand_over(COUNTER("nil", "nil"), COUNTER("nil", "nil"), "Count", "1");
    hand_over(counter, COUNTER("nil", "nil"), "Count", "1");
    hand_over(COUNTER("nil", "nil"), counter, "Count", "1");
    hand_over(COUNTER("function() end", "nil"), counter, "Count", "1");
    hand_over(COUNTER("function() return { 1, 2.5, 'x\\0y', true, false, n = { [7] = { deep = 'yes' } } } end", "nil"),
              COUNTER("nil",
                      "function(was) if math.type(was[1]) == 'integer' and was[2] == 2.5 and was[3] == 'x\\0y' and "
                      "was[4] == true and was[5] == false and #was == 5 then kept = was.n[7].deep end end"),
              "Kept", "yes");
}

/** Data that cannot be kept is an error, which is counted and logged. The new filter works, without state. */
static void test_f47_only_plain_and_bounded_data_is_kept(void **state)
{
    const char *counter = COUNTER("nil", "function(was) kept = 'something' end");
    (void)state;
    hand_over(COUNTER("function() return { f = function() end } end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() return { amp.set{ 'a' } } end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() return 7 end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() local t = {} t.t = t return t end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() return { ('x'):rep(1024 * 1024) } end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() error('no') end", "nil"), counter, "Kept", NULL);
    hand_over(COUNTER("function() return { 1 } end", "nil"), COUNTER("nil", "function() error('no') end"), "Count",
              "1");
}

static void test_f47_mistakes_at_load(void **state)
{
    (void)state;
    load_bad("return {\n stateful = true,\n answers = true, message = function() end }", ":3: answers");
    load_bad("return { stateful = 1, message = function() end }", "expected true or false");
    load_bad("return { save = {}, message = function() end }", "expected a function");
}

/** A filter for many users judges a message once, also if other filters judge copies of it in between. */
static void test_f47_a_filter_for_many_judges_once(void **state)
{
    struct scripts scripts;
    struct error err;
    struct script_user users[] = {{.name = "dave"}, {.name = "bill"}};
    struct script_filter *filters[2][2];
    struct span value;
    (void)state;
    scripts_begin(&scripts);
    scripts_add(
        &scripts, SCRIPT_IS_FILTER, "counter",
        "local count = 0 return { per = 'class', stateful = true, message = function(m) count = count + 1 m.Count = "
        "count end }");
    scripts_add(&scripts, SCRIPT_IS_FILTER, "mark", "return { message = function(m) m.Mark = 'x' end }");
    struct script_state *lua = scripts_load(&scripts, &err);
    if (lua == NULL)
        fail_msg("%s", err.text);
    for (int i = 0; i < 2; i++) {
        filters[i][0] = script_filter_create(lua, "counter", NULL, &users[i], false, &err);
        filters[i][1] = script_filter_create(lua, "mark", NULL, &users[i], false, &err);
    }
    assert_ptr_equal(filters[0][0], filters[1][0]);
    for (int event = 1; event <= 3; event++) {
        struct message *message = message_of("Event: Newchannel\r\nChannel: a\r\n\r\n");
        for (int i = 0; i < 4; i++) {
            struct message *changed;
            assert_int_equal(script_chain_message(filters[i % 2], 2, message, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
            assert_true(message_find(changed, "Count", &value) && value.length == 1 && value.bytes[0] == '0' + event);
            assert_true(message_find(changed, "Mark", &value));
            message_unref(changed);
        }
        message_unref(message);
        if (event == 2)
            script_state_step(lua);
    }
    for (int i = 0; i < 4; i++)
        script_filter_unref(filters[i / 2][i % 2]);
    script_state_destroy(lua);
    scripts_end(&scripts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_f47_state_is_handed_over),
        cmocka_unit_test(test_f47_only_plain_and_bounded_data_is_kept),
        cmocka_unit_test(test_f47_mistakes_at_load),
        cmocka_unit_test(test_f47_a_filter_for_many_judges_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
