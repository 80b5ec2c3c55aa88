// tests/unit/script/test_conditions.c: clauses of `where` look each header up once per message, and never see another
// message's.
#include "unit/script/script_test.h"

#define A "Event: E\r\nContext: a\r\nExten: 1\r\n\r\n"
#define B "Event: E\r\nOther: x\r\ncontext: b\r\nContext: a\r\n\r\n"
#define NONE "Event: E\r\nContexts: a\r\n\r\n"
#define EMPTY "Event: E\r\nCONTEXT:\r\n\r\n"

static enum script_verdict judge(struct script_filter *filter, struct message *message)
{
    struct message *changed;
    enum script_verdict verdict = script_filter_message(filter, message, SCRIPT_EVENT, &changed);
    message_unref(changed);
    return verdict;
}

/** Filters of one state: they share what they look up. */
struct many {
    struct scripts scripts;
    struct script_state *state;
    struct script_filter *filters[8];
    size_t count;
};

static void many_begin(struct many *many, const char *const *texts, size_t count)
{
    struct error err;
    char name[32];
    memset(many, 0, sizeof *many);
    scripts_begin(&many->scripts);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "f%zu", i);
        scripts_add(&many->scripts, SCRIPT_IS_FILTER, name, texts[i]);
    }
    many->state = scripts_load(&many->scripts, &err);
    if (many->state == NULL)
        fail_msg("%s", err.text);
    for (; many->count < count; many->count++) {
        (void)snprintf(name, sizeof name, "f%zu", many->count);
        many->filters[many->count] = script_filter_create(many->state, name, NULL, NULL, false, &err);
        if (many->filters[many->count] == NULL)
            fail_msg("%s", err.text);
    }
}

static void many_end(struct many *many)
{
    for (size_t i = 0; i < many->count; i++)
        script_filter_unref(many->filters[i]);
    script_state_destroy(many->state);
    scripts_end(&many->scripts);
}

static void messages_in_any_order(void **state)
{
    static const char *const scripts[] = {
        "return { where = { Context = 'a' }, otherwise = false }",
        "return { where = { CONTEXT = 'b*' }, otherwise = false }",
        "return { where = { context = amp.set{'b', 'c'} }, otherwise = false }",
        "return { where = { Context = {'a', ''}, Exten = '1' }, otherwise = false }",
        "return { where = { Context = '*' }, otherwise = false }",
        "return { where = { Context = '' }, otherwise = false }",
        "return { message = function(m) return m.ConText == 'b' and m.conTEXT == 'b' and m:is('Context', 'b') end }",
    };
    static const char *const texts[] = {A, B, NONE, EMPTY};
    // clang-format off
    static const bool passes[4][7] = {
        {true,  false, false, true,  true,  false, false},
        {false, true,  true,  false, true,  false, true},
        {false, false, false, false, false, false, false},
        {false, false, false, false, true,  true,  false},
    };
    // clang-format on
    struct many many;
    struct message *messages[4];
    unsigned seed = 7;
    (void)state;
    many_begin(&many, scripts, 7);
    for (size_t i = 0; i < 4; i++)
        messages[i] = message_of(texts[i]);
    for (int round = 0; round < 2000; round++) {
        seed = seed * 1103515245u + 12345u;
        unsigned message = (seed >> 16) % 4, filter = (seed >> 20) % 7;
        assert_int_equal(judge(many.filters[filter], messages[message]),
                         passes[message][filter] ? SCRIPT_PASS : SCRIPT_DROP);
    }
    for (size_t i = 0; i < 4; i++)
        message_unref(messages[i]);
    many_end(&many);
}

static void a_message_that_went_leaves_nothing(void **state)
{
    static const char *const scripts[] = {"return { where = { Context = 'a' }, otherwise = false }",
                                          "return { message = function(m) return m.Context == 'a' end }"};
    struct many many;
    (void)state;
    many_begin(&many, scripts, 2);
    for (int round = 0; round < 100; round++) { // the next message probably has the same address
        struct message *message = message_of(round % 3 == 0 ? A : round % 3 == 1 ? B : NONE);
        enum script_verdict expected = round % 3 == 0 ? SCRIPT_PASS : SCRIPT_DROP;
        assert_int_equal(judge(many.filters[round % 2], message), expected);
        message_unref(message);
        if (round % 5 == 0)
            script_state_step(many.state);
    }
    many_end(&many);
}

static void what_one_filter_changes_the_next_one_sees(void **state)
{
    static const char *const scripts[] = {
        "return { message = function(m) m.Context = 'c' assert(m.Context == 'c') end }",
        "return { where = { context = 'c' }, otherwise = false }",
        "return { message = function(m) return m.Context == 'c' end }",
        "return { where = { Context = amp.set{'a', 'b'} }, otherwise = false }"};
    struct many many;
    struct message *message = message_of(A), *changed;
    (void)state;
    many_begin(&many, scripts, 4);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(judge(many.filters[3], message), SCRIPT_PASS);
        assert_int_equal(script_chain_message(many.filters, 3, message, SCRIPT_EVENT, &changed), SCRIPT_CHANGE);
        message_unref(changed);
        assert_int_equal(script_chain_message(many.filters, 4, message, SCRIPT_EVENT, &changed), SCRIPT_DROP);
        assert_int_equal(judge(many.filters[2], message), SCRIPT_DROP);
    }
    message_unref(message);
    many_end(&many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_in_any_order),
        cmocka_unit_test(a_message_that_went_leaves_nothing),
        cmocka_unit_test(what_one_filter_changes_the_next_one_sees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
