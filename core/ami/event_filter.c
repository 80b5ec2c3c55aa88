// core/ami/event_filter.c: see event_filter.h.
#include "ami/event_filter.h"

#include "ami/expression.h"
#include "base/memory.h"

#include <stdlib.h>

enum method { METHOD_REGEX, METHOD_EXACT, METHOD_STARTS_WITH, METHOD_ENDS_WITH, METHOD_CONTAINS, METHOD_NONE };

struct event_filter {
    atomic_uint references;
    bool exclude;
    char *name, *header; // NULL: any
    enum method method;
    char *wanted;                  // the text that the other methods compare with
    struct expression *expression; // of METHOD_REGEX
    char *source;                  // the filter as the client wrote it: criteria, LF, expression
};

struct event_filters {
    atomic_uint references;
    size_t count;
    size_t steps; // of all expressions
    bool has_includes;
    struct event_filter *items[];
};

const char *event_filter_text(enum event_filter_fault fault)
{
    switch (fault) {
    case EVENT_FILTER_SYNTAX:
        return "Filter did not compile.  Check the syntax of the filter given.";
    case EVENT_FILTER_CRITERIA:
        return "Filter was formatted incorrectly.  Check the syntax of the filter given.";
    case EVENT_FILTER_TOO_MANY:
        return "Too many filters";
    case EVENT_FILTER_OK:
        break;
    }
    return "Success";
}

// --- reading ----------------------------------------------------------------------------------------------------

/** Takes `WORD(VALUE)` off the front. @return false: the text is not of this form */
static bool take_criterion(struct span *rest, struct span *word, struct span *value)
{
    const char *open, *close;

    open = memchr(rest->bytes, '(', rest->length);
    if (open == NULL)
        return false;
    *word = (struct span){rest->bytes, (size_t)(open - rest->bytes)};
    close = memchr(open, ')', rest->length - word->length);
    if (close == NULL)
        return false;
    *value = (struct span){open + 1, (size_t)(close - open) - 1};
    size_t used = (size_t)(close - rest->bytes) + 1;
    if (used < rest->length && rest->bytes[used] == ',')
        used++;
    else if (used < rest->length)
        return false;
    *rest = (struct span){rest->bytes + used, rest->length - used};
    return value->length > 0 && memchr(value->bytes, ' ', value->length) == NULL &&
           memchr(value->bytes, ',', value->length) == NULL && memchr(value->bytes, '(', value->length) == NULL;
}

static bool set_method(struct event_filter *filter, struct span value)
{
    static const char *const names[] = {"regex", "exact", "starts_with", "ends_with", "contains", "none"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (span_equals(value, span_of(names[i]))) {
            filter->method = (enum method)i;
            return true;
        }
    }
    return false;
}

static bool take_text(char **field, struct span value)
{
    if (*field != NULL)
        return false;
    *field = memory_text_of(value.bytes, value.length);
    return true;
}

/** Parses `action(exclude),name(Newchannel),header(Context),method(exact)`. @param has_action  set to true if there is
 *  an `action(…)` */
static bool read_criteria(struct event_filter *filter, struct span criteria, bool *has_action)
{
    struct span word, value;
    bool any = false;

    while (criteria.length > 0) {
        if (!take_criterion(&criteria, &word, &value))
            return false;
        any = true;
        if (span_equals(word, span_of("action"))) {
            filter->exclude = span_equals(value, span_of("exclude"));
            *has_action = true;
            if (!filter->exclude && !span_equals(value, span_of("include")))
                return false;
        } else if (span_equals(word, span_of("name"))     ? !take_text(&filter->name, value)
                   : span_equals(word, span_of("header")) ? !take_text(&filter->header, value)
                   : span_equals(word, span_of("method")) ? !set_method(filter, value)
                                                          : true) {
            return false;
        }
    }
    return any;
}

static void free_filter(struct event_filter *filter)
{
    expression_destroy(filter->expression);
    free(filter->name);
    free(filter->header);
    free(filter->wanted);
    free(filter->source);
    free(filter);
}

static char *source_of(struct span expression, const struct span *criteria)
{
    size_t length = criteria == NULL ? 0 : criteria->length;
    char *source = memory_new(length + expression.length + 2);

    if (length > 0)
        memcpy(source, criteria->bytes, length);
    source[length] = criteria == NULL ? '\r' : '\n'; // neither byte can be in a header
    if (expression.length > 0)
        memcpy(source + length + 1, expression.bytes, expression.length);
    source[length + 1 + expression.length] = '\0';
    return source;
}

static enum event_filter_fault read_filter(struct event_filter *filter, struct span expression,
                                           const struct span *criteria)
{
    bool has_action = false;

    filter->method = criteria == NULL ? METHOD_REGEX : METHOD_NONE;
    if (criteria != NULL && !read_criteria(filter, *criteria, &has_action))
        return EVENT_FILTER_CRITERIA;
    if (!has_action && expression.length > 0 && expression.bytes[0] == '!') {
        filter->exclude = true;
        expression = (struct span){expression.bytes + 1, expression.length - 1};
    }
    filter->wanted = memory_text_of(expression.bytes != NULL ? expression.bytes : "", expression.length);
    if (filter->method == METHOD_NONE) // then a name or a header must be given
        return expression.length == 0 && (filter->name != NULL || filter->header != NULL) ? EVENT_FILTER_OK
                                                                                          : EVENT_FILTER_CRITERIA;
    if (expression.length == 0)
        return criteria == NULL ? EVENT_FILTER_SYNTAX : EVENT_FILTER_CRITERIA;
    if (filter->method != METHOD_REGEX)
        return EVENT_FILTER_OK;
    filter->expression = expression_read(expression);
    return filter->expression != NULL ? EVENT_FILTER_OK : EVENT_FILTER_SYNTAX;
}

// --- sets -------------------------------------------------------------------------------------------------------

/** Returns the number of steps in all expressions of `filters` and of `filter`. */
static size_t steps_with(const struct event_filters *filters, const struct event_filter *filter)
{
    return (filters == NULL ? 0 : filters->steps) +
           (filter->expression == NULL ? 0 : expression_steps(filter->expression));
}

/** Makes one filter. @return NULL: see `fault` */
static struct event_filter *create_filter(const struct event_filters *filters, struct span expression,
                                          const struct span *criteria, enum event_filter_fault *fault)
{
    struct event_filter *filter = memory_zero(1, sizeof *filter);

    atomic_init(&filter->references, 1);
    *fault = read_filter(filter, expression, criteria);
    if (*fault == EVENT_FILTER_OK && steps_with(filters, filter) > EVENT_FILTER_STEPS)
        *fault = EVENT_FILTER_TOO_MANY;
    if (*fault != EVENT_FILTER_OK) {
        free_filter(filter);
        return NULL;
    }
    filter->source = source_of(expression, criteria);
    return filter;
}

struct event_filters *event_filters_with(const struct event_filters *filters, struct span expression,
                                         const struct span *criteria, enum event_filter_fault *fault)
{
    size_t count = filters == NULL ? 0 : filters->count;
    struct event_filters *made;
    struct event_filter *filter;

    if (criteria != NULL && criteria->length == 0)
        criteria = NULL; // Asterisk ignores an empty header
    if (count == EVENT_FILTERS) {
        *fault = EVENT_FILTER_TOO_MANY;
        return NULL;
    }
    if (expression.length > EVENT_FILTER_EXPRESSION ||
        (criteria != NULL && criteria->length > EVENT_FILTER_EXPRESSION)) {
        *fault = EVENT_FILTER_SYNTAX;
        return NULL;
    }
    filter = create_filter(filters, expression, criteria, fault);
    if (filter == NULL)
        return NULL;
    made = memory_zero(1, sizeof *made + (count + 1) * sizeof(struct event_filter *));
    atomic_init(&made->references, 1);
    for (size_t i = 0; i < count; i++) {
        made->items[i] = filters->items[i];
        atomic_fetch_add(&made->items[i]->references, 1);
    }
    made->items[count] = filter;
    made->count = count + 1;
    made->steps = steps_with(filters, filter);
    made->has_includes = (filters != NULL && filters->has_includes) || !filter->exclude;
    return made;
}

struct event_filters *event_filters_ref(struct event_filters *filters)
{
    if (filters != NULL)
        atomic_fetch_add(&filters->references, 1);
    return filters;
}

void event_filters_unref(struct event_filters *filters)
{
    if (filters == NULL || atomic_fetch_sub(&filters->references, 1) != 1)
        return;
    for (size_t i = 0; i < filters->count; i++) {
        if (atomic_fetch_sub(&filters->items[i]->references, 1) == 1)
            free_filter(filters->items[i]);
    }
    free(filters);
}

size_t event_filters_count(const struct event_filters *filters)
{
    return filters == NULL ? 0 : filters->count;
}

const char *event_filters_source(const struct event_filters *filters, size_t index)
{
    return filters->items[index]->source;
}

struct event_filters *event_filters_read(const struct event_filters *filters, struct span source,
                                         enum event_filter_fault *fault)
{
    size_t length = 0;

    while (length < source.length && source.bytes[length] != '\r' && source.bytes[length] != '\n')
        length++;
    if (length == source.length) {
        *fault = EVENT_FILTER_SYNTAX;
        return NULL;
    }
    struct span criteria = {source.bytes, length};
    return event_filters_with(filters, (struct span){source.bytes + length + 1, source.length - length - 1},
                              source.bytes[length] == '\r' ? NULL : &criteria, fault);
}

bool event_filters_equal(const struct event_filters *a, const struct event_filters *b)
{
    if (a == b)
        return true;
    if (a == NULL || b == NULL || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->items[i]->source, b->items[i]->source) != 0)
            return false;
    }
    return true;
}

// --- matching ---------------------------------------------------------------------------------------------------

/** An event that is judged, and the work that is left for it. */
struct judged {
    const struct message *event;
    uint64_t work;
    bool gave_up;
};

static bool matches_expression(const struct event_filter *filter, struct judged *judged, struct span text)
{
    enum expression_verdict verdict = expression_find(filter->expression, text, &judged->work);

    judged->gave_up = judged->gave_up || verdict == EXPRESSION_GAVE_UP;
    return verdict == EXPRESSION_FOUND;
}

static bool value_contains(struct span text, struct span word)
{
    return memmem(text.bytes, text.length, word.bytes, word.length) != NULL;
}

static bool matches_text(const struct event_filter *filter, struct judged *judged, struct span text)
{
    struct span wanted = span_of(filter->wanted);
    bool fits = text.length >= wanted.length;

    switch (filter->method) {
    case METHOD_REGEX:
        return matches_expression(filter, judged, text);
    case METHOD_EXACT:
        return span_equals(text, wanted);
    case METHOD_STARTS_WITH:
        return fits && memcmp(text.bytes, wanted.bytes, wanted.length) == 0;
    case METHOD_ENDS_WITH:
        return fits && memcmp(text.bytes + text.length - wanted.length, wanted.bytes, wanted.length) == 0;
    case METHOD_CONTAINS:
        return value_contains(text, wanted);
    case METHOD_NONE:
        break;
    }
    return true;
}

static bool matches_header(const struct event_filter *filter, struct judged *judged)
{
    struct span name, value, wanted = span_of(filter->header);

    for (uint32_t i = 0; i < judged->event->header_count; i++) {
        message_header(judged->event, i, &name, &value);
        if (!span_equals(name, wanted))
            continue;
        while (value.length > 0 && (unsigned char)value.bytes[0] <= ' ') // as Asterisk does (should_send_event)
            value = (struct span){value.bytes + 1, value.length - 1};
        if (value.length > 0 && matches_text(filter, judged, value))
            return true;
    }
    return false;
}

static bool filter_matches(const struct event_filter *filter, struct judged *judged)
{
    if (filter->name != NULL && !span_equals(message_name(judged->event), span_of(filter->name)))
        return false;
    if (filter->header != NULL)
        return matches_header(filter, judged);
    return filter->method == METHOD_NONE || matches_text(filter, judged, message_wire(judged->event));
}

bool event_filters_pass(const struct event_filters *filters, const struct message *event)
{
    struct judged judged = {.event = event, .work = EVENT_FILTER_WORK};
    bool included = filters == NULL || !filters->has_includes;

    for (size_t i = 0; filters != NULL && i < filters->count; i++) {
        const struct event_filter *filter = filters->items[i];
        if (included && !filter->exclude)
            continue; // another filter has included it
        bool is_match = filter_matches(filter, &judged);
        if (judged.gave_up || (is_match && filter->exclude))
            return false;
        included = included || is_match;
    }
    return included;
}
