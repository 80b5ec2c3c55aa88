// tests/fuzz/fuzz_event_filter.c: filters that clients write, on events that servers send. The input is blocks: each
// with a `Filter:` (and `MatchCriteria:`) adds one, every other block is an event. An exclude that matches everything
// lets nothing pass, and equal sets judge alike.
// Runs: 30000
#include "ami/event_filter.h"
#include "ami/parser.h"

#include <stdint.h>
#include <stdlib.h>

static struct event_filters *with(struct event_filters *filters, const struct message *block)
{
    struct span expression, criteria;
    enum event_filter_fault fault;
    struct event_filters *more;
    bool has_criteria = message_find(block, "MatchCriteria", &criteria);

    message_find(block, "Filter", &expression);
    more = event_filters_with(filters, expression, has_criteria ? &criteria : NULL, &fault);
    if ((more == NULL) != (fault != EVENT_FILTER_OK))
        abort();
    if (more == NULL)
        return filters;
    if (event_filters_equal(more, filters) || !event_filters_equal(more, more))
        abort();
    event_filters_unref(filters);
    return more;
}

static void judge(struct event_filters *filters, const struct message *event)
{
    enum event_filter_fault fault;
    struct span header = span_of("header(Event),action(exclude)"), none = {0};
    struct event_filters *nothing = event_filters_with(filters, none, &header, &fault);
    bool passes = event_filters_pass(filters, event);

    if (passes != event_filters_pass(filters, event))
        abort();
    // A filter skips blanks and control bytes in front of a value, as Asterisk does: a name of these alone is none.
    if (nothing != NULL && event->kind == MESSAGE_EVENT && message_name(event).length > 0 &&
        (unsigned char)message_name(event).bytes[0] > ' ' &&
        span_equals(span_of("Event"), (struct span){message_wire(event).bytes, 5}) &&
        event_filters_pass(nothing, event))
        abort();
    event_filters_unref(nothing);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct parser *parser = parser_create(NULL);
    struct event_filters *filters = NULL;
    struct message *message;
    struct span expression;
    size_t room;

    if (size > 4096)
        size = 4096;
    if (size > 0) {
        memcpy(parser_reserve(parser, size, &room), data, size);
        parser_commit(parser, size);
    }
    while ((message = parser_next(parser)) != NULL) {
        if (message_find(message, "Filter", &expression))
            filters = with(filters, message);
        else
            judge(filters, message);
        message_unref(message);
    }
    event_filters_unref(filters);
    parser_destroy(parser);
    return 0;
}
