// tests/unit/ami/test_event_filter.c: Action: Filter in both syntaxes: which filters are accepted, which events pass,
// the limits of cost.
#include "ami/event_filter.h"
#include "unit/test.h"

#include <stdlib.h>

#define ROWS(rows) (sizeof(rows) / sizeof *(rows))

static struct message *event_of(const char *name, const char *channel, const char *more)
{
    struct message_builder builder;

    message_builder_init(&builder);
    message_addf(&builder, "Event", "%s", name);
    message_addf(&builder, "Privilege", "call,all");
    message_addf(&builder, "Channel", "%s", channel);
    message_addf(&builder, "Empty", "%s", "");
    if (more != NULL)
        message_addf(&builder, "More", "%s", more);
    return message_build(&builder);
}

/** Adds a filter to a set, whose reference it takes. */
static struct event_filters *with(struct event_filters *filters, const char *expression, const char *criteria)
{
    struct span given = span_of(criteria);
    enum event_filter_fault fault;
    struct event_filters *more =
        event_filters_with(filters, span_of(expression), criteria == NULL ? NULL : &given, &fault);

    if (more == NULL)
        fail_msg("'%s' '%s': fault %d", expression, criteria == NULL ? "" : criteria, (int)fault);
    assert_int_equal(fault, EVENT_FILTER_OK);
    event_filters_unref(filters);
    return more;
}

static enum event_filter_fault fault_of(const struct event_filters *filters, struct span expression,
                                        const char *criteria)
{
    struct span given = span_of(criteria);
    enum event_filter_fault fault = EVENT_FILTER_OK;
    struct event_filters *more = event_filters_with(filters, expression, criteria == NULL ? NULL : &given, &fault);

    if ((more != NULL) != (fault == EVENT_FILTER_OK))
        fail_msg("a set and fault %d", (int)fault);
    event_filters_unref(more);
    return fault;
}

/** Which of three events pass this filter alone? As bits. */
static unsigned passed(const struct event_filters *filters)
{
    struct message *events[] = {event_of("Newchannel", "SIP/1-0", "a"), event_of("Hangup", "SIP/1-0", NULL),
                                event_of("Newchannel", "SIP/20-0", NULL)};
    unsigned bits = 0;

    for (unsigned i = 0; i < ROWS(events); i++) {
        bits |= event_filters_pass(filters, events[i]) ? 1U << i : 0;
        message_unref(events[i]);
    }
    return bits;
}

static void one_filter_chooses(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *criteria;
        unsigned passed;
    } rows[] = {
        {"Event: Newchannel", NULL, 5},
        {"!Event: Newchannel", NULL, 2},
        {"event: newchannel", NULL, 0}, // with case
        {"^Event", NULL, 7},
        {"^Channel", NULL, 0}, // the ends of the text, not of a line
        {"\r\n\r\n$", NULL, 7},
        {"Newchannel.*SIP/1", NULL, 1}, // across lines
        {"Event: [^x]*SIP/2", NULL, 4},
        {"Event: Hangup", "", 2}, // an empty header is none
        {"", "name(Hangup)", 2},
        {"", "name(hangup)", 0},
        {"", "name(Hang)", 0},
        {"", "action(exclude),name(Hangup)", 5},
        {"", "name(Hangup),action(include)", 2},
        {"", "header(More)", 1},
        {"", "header(more)", 0},  // with case
        {"", "header(Empty)", 0}, // an empty value is none
        {"", "header(Event)", 7},
        {"SIP/1-0", "header(Channel),method(exact)", 3},
        {"SIP/1", "header(Channel),method(exact)", 0},
        {"SIP/1", "method(starts_with),header(Channel)", 3},
        {"-0", "header(Channel),method(ends_with)", 7},
        {"20", "header(Channel),method(contains)", 4},
        {"a much longer text than there is", "header(Channel),method(ends_with)", 0},
        {"^SIP/[0-9]-0$", "header(Channel),method(regex)", 3},
        {"!^SIP/[0-9]-0$", "header(Channel),method(regex)", 4},
        {"!x", "action(include),method(contains)", 0}, // then `!` is a byte like others
        {"!SIP", "action(exclude),header(Channel),method(starts_with)", 7},
        {"Event: Hangup", "method(starts_with)", 2}, // the whole text
        {"\r\n\r\n", "method(ends_with)", 7},
        {"SIP/1", "name(Newchannel),header(Channel),method(starts_with)", 1},
        {".*(", "method(contains)", 0}, // no expression
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        struct event_filters *filters = with(NULL, rows[i].expression, rows[i].criteria);
        if (passed(filters) != rows[i].passed)
            fail_msg("'%s' '%s': %#x instead of %#x", rows[i].expression, rows[i].criteria, passed(filters),
                     rows[i].passed);
        event_filters_unref(filters);
    }
}

static void filters_add_up(void **state)
{
    (void)state;
    struct event_filters *filters = NULL;

    assert_int_equal(passed(NULL), 7);
    filters = with(filters, "!More: a", NULL);
    assert_int_equal(passed(filters), 6); // excludes alone: all but these
    filters = with(filters, "!Hangup", NULL);
    assert_int_equal(passed(filters), 4); // either of them
    filters = with(filters, "SIP/1", NULL);
    assert_int_equal(passed(filters), 0); // and one include is needed
    filters = with(filters, "SIP/20", NULL);
    assert_int_equal(passed(filters), 4); // any of these
    event_filters_unref(filters);
    filters = with(with(NULL, "Hangup", NULL), "", "header(More)");
    assert_int_equal(passed(filters), 3); // includes alone
    event_filters_unref(filters);
}

static void headers_are_all_tried(void **state)
{
    (void)state;
    struct message_builder builder;
    struct event_filters *filters = with(NULL, "two", "header(Twice),method(exact)");

    message_builder_init(&builder);
    message_addf(&builder, "Event", "Odd");
    message_addf(&builder, "Twice", "one");
    message_add_line(&builder, span_of("no header"));
    message_addf(&builder, "Twice", "two");
    struct message *event = message_build(&builder);
    assert_true(event_filters_pass(filters, event));
    message_unref(event);
    event_filters_unref(filters);
}

static void what_is_not_taken(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *criteria;
        enum event_filter_fault fault;
    } rows[] = {
        {"(", NULL, EVENT_FILTER_SYNTAX},
        {"", NULL, EVENT_FILTER_SYNTAX},
        {"!", NULL, EVENT_FILTER_SYNTAX},
        {"(a)\\1", NULL, EVENT_FILTER_SYNTAX},
        {"(a?a?a?a?a?a?a?a?a?a?){1000}", NULL, EVENT_FILTER_SYNTAX}, // gigabytes, by regcomp(3)
        {"[", "method(regex)", EVENT_FILTER_SYNTAX},
        {"x", "bogus", EVENT_FILTER_CRITERIA},
        {"x", "bogus(x)", EVENT_FILTER_CRITERIA},
        {"x", "method", EVENT_FILTER_CRITERIA},
        {"x", "method(fuzzy)", EVENT_FILTER_CRITERIA},
        {"x", "method(Exact)", EVENT_FILTER_CRITERIA},
        {"x", "action(maybe),method(exact)", EVENT_FILTER_CRITERIA},
        {"x", "name(Hangup)", EVENT_FILTER_CRITERIA},
        {"x", "method(none),name(Hangup)", EVENT_FILTER_CRITERIA},
        {"", "method(exact),name(Hangup)", EVENT_FILTER_CRITERIA},
        {"", "method(none)", EVENT_FILTER_CRITERIA},
        {"", "action(include)", EVENT_FILTER_CRITERIA},
        {"", "name()", EVENT_FILTER_CRITERIA},
        {"", "name(a b)", EVENT_FILTER_CRITERIA},
        {"", "name(a,b)", EVENT_FILTER_CRITERIA},
        {"", "name(a(b)", EVENT_FILTER_CRITERIA},
        {"", "name(a),name(b)", EVENT_FILTER_CRITERIA},
        {"", "name(a)header(b)", EVENT_FILTER_CRITERIA},
        {"", "name(a", EVENT_FILTER_CRITERIA},
        {"", "name(a), header(b)", EVENT_FILTER_CRITERIA},
    };

    for (size_t i = 0; i < ROWS(rows); i++) {
        enum event_filter_fault fault = fault_of(NULL, span_of(rows[i].expression), rows[i].criteria);
        if (fault != rows[i].fault)
            fail_msg("'%s' '%s': fault %d", rows[i].expression, rows[i].criteria, (int)fault);
    }
    assert_string_equal(event_filter_text(EVENT_FILTER_SYNTAX),
                        "Filter did not compile.  Check the syntax of the filter given.");
    assert_string_equal(event_filter_text(EVENT_FILTER_CRITERIA),
                        "Filter was formatted incorrectly.  Check the syntax of the filter given.");
}

static void limits_hold(void **state)
{
    (void)state;
    char longest[EVENT_FILTER_EXPRESSION + 1];
    struct event_filters *filters = NULL;

    memset(longest, 'x', sizeof longest);
    assert_int_equal(fault_of(NULL, (struct span){longest, sizeof longest}, NULL), EVENT_FILTER_SYNTAX);
    assert_int_equal(fault_of(NULL, (struct span){longest, sizeof longest - 1}, NULL), EVENT_FILTER_OK);
    for (size_t i = 0; i < EVENT_FILTERS; i++)
        filters = with(filters, "x", "method(contains)");
    assert_int_equal(fault_of(filters, span_of("x"), "method(contains)"), EVENT_FILTER_TOO_MANY);
    event_filters_unref(filters);
    filters = with(NULL, "x{600}", NULL);
    assert_int_equal(fault_of(filters, span_of("y{600}"), NULL), EVENT_FILTER_TOO_MANY); // steps of both
    filters = with(filters, "y{300}", NULL);
    event_filters_unref(filters);
}

/** An event that is too costly to judge does not pass, whether filters exclude or include it. */
static void an_event_that_costs_too_much_does_not_pass(void **state)
{
    (void)state;
    size_t size = 100000;
    char *text = malloc(size);
    assert_non_null(text);
    memset(text, 'a', size - 1);
    text[size - 1] = '\0';
    struct message *event = event_of("Large", text, "end");
    struct event_filters *costly = with(NULL, "!(a?){400}z", NULL), *cheap = with(NULL, "!a+z", NULL);

    assert_false(event_filters_pass(costly, event));
    assert_true(event_filters_pass(cheap, event));
    assert_int_equal(passed(costly), 7);
    event_filters_unref(costly);
    event_filters_unref(cheap);
    message_unref(event);
    free(text);
}

static void sets_are_compared_by_what_they_say(void **state)
{
    (void)state;
    struct event_filters *a = with(with(NULL, "x", NULL), "", "name(y)");
    struct event_filters *b = with(with(NULL, "x", NULL), "", "name(y)");
    struct event_filters *c = with(with(NULL, "", "name(y)"), "x", NULL);
    struct event_filters *old = with(NULL, "!x", NULL), *new = with(NULL, "!x", "method(regex)");

    assert_true(event_filters_equal(a, b));
    assert_true(event_filters_equal(a, a));
    assert_true(event_filters_equal(NULL, NULL));
    assert_false(event_filters_equal(a, NULL));
    assert_false(event_filters_equal(NULL, a));
    assert_false(event_filters_equal(a, c));
    assert_false(event_filters_equal(old, new));
    struct event_filters *more = with(event_filters_ref(a), "z", NULL);
    assert_false(event_filters_equal(a, more)); // the smaller set is as it was
    assert_true(event_filters_equal(a, b));
    event_filters_unref(more);
    event_filters_unref(a);
    event_filters_unref(b);
    event_filters_unref(c);
    event_filters_unref(old);
    event_filters_unref(new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_filter_chooses),
        cmocka_unit_test(filters_add_up),
        cmocka_unit_test(headers_are_all_tried),
        cmocka_unit_test(what_is_not_taken),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(an_event_that_costs_too_much_does_not_pass),
        cmocka_unit_test(sets_are_compared_by_what_they_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
