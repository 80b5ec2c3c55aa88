// core/ami/event_filter.c: see event_filter.h.
#include "ami/event_filter.h"

#include "base/memory.h"

#include <regex.h>
#include <stdlib.h>

#define REPEATS_MOST 1000
#define RECOMPILE_BYTES (UINT64_C(1) << 20) // glibc's automaton grows with what it has seen

enum method { METHOD_REGEX, METHOD_EXACT, METHOD_STARTS_WITH, METHOD_ENDS_WITH, METHOD_CONTAINS, METHOD_NONE };

struct event_filter {
    atomic_uint references;
    bool exclude;
    char *name, *header; // NULL: any
    enum method method;
    char *expression;
    char *source; // as it was given: criteria, LF, expression
    regex_t regex;
    bool compiled;
    uint64_t scanned; // bytes since it was compiled
    char *text;       // room for a terminated copy of what is scanned
    size_t text_size;
};

struct event_filters {
    atomic_uint references;
    size_t count;
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

/** The larger bound of `{2,5}`, which begins at `at`; `*end` becomes the place behind it. 1: it is no repetition. */
static unsigned long bound_of(const char *at, const char **end)
{
    char *rest;
    unsigned long low = strtoul(at + 1, &rest, 10), high = low;

    if (*rest == ',')
        high = strtoul(rest + 1, &rest, 10);
    *end = rest;
    if (*rest != '}')
        return 1;
    return high > low ? high : low;
}

/** Can matching it cost more than it should? */
static bool is_dangerous(const char *expression)
{
    unsigned long product = 1;

    for (const char *at = expression; *at != '\0'; at++) {
        if (*at == '\\') {
            at++;
            if (*at >= '1' && *at <= '9')
                return true;
            if (*at == '\0')
                return false; // regcomp says so
        } else if (*at == '{') {
            const char *end;
            unsigned long bound = bound_of(at, &end);
            if (bound > REPEATS_MOST || (product *= bound > 0 ? bound : 1) > REPEATS_MOST)
                return true;
        }
    }
    return false;
}

static bool compile(struct event_filter *filter)
{
    filter->compiled = regcomp(&filter->regex, filter->expression, REG_EXTENDED | REG_NOSUB) == 0;
    filter->scanned = 0;
    return filter->compiled;
}

/** `WORD(VALUE)` off the front. @return false: it is none */
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

/** `action(exclude),name(Newchannel),header(Context),method(exact)`. @param has_action  becomes whether it says so */
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
    if (filter->compiled)
        regfree(&filter->regex);
    free(filter->name);
    free(filter->header);
    free(filter->expression);
    free(filter->source);
    free(filter->text);
    free(filter);
}

static char *source_of(struct span expression, const struct span *criteria)
{
    size_t length = criteria == NULL ? 0 : criteria->length;
    char *source = memory_new(length + expression.length + 2);

    if (length > 0)
        memcpy(source, criteria->bytes, length);
    source[length] = criteria == NULL ? '\r' : '\n'; // neither can be in a header
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
    filter->expression = memory_text_of(expression.bytes != NULL ? expression.bytes : "", expression.length);
    if (filter->method == METHOD_NONE) // then there must be something else to tell by
        return expression.length == 0 && (filter->name != NULL || filter->header != NULL) ? EVENT_FILTER_OK
                                                                                          : EVENT_FILTER_CRITERIA;
    if (expression.length == 0)
        return criteria == NULL ? EVENT_FILTER_SYNTAX : EVENT_FILTER_CRITERIA;
    if (filter->method == METHOD_REGEX && (is_dangerous(filter->expression) || !compile(filter)))
        return EVENT_FILTER_SYNTAX;
    return EVENT_FILTER_OK;
}

// --- sets -------------------------------------------------------------------------------------------------------

struct event_filters *event_filters_with(struct event_filters *filters, struct span expression,
                                         const struct span *criteria, enum event_filter_fault *fault)
{
    size_t count = filters == NULL ? 0 : filters->count;
    struct event_filters *made;
    struct event_filter *filter;

    *fault = EVENT_FILTER_OK;
    if (count == EVENT_FILTERS)
        *fault = EVENT_FILTER_TOO_MANY;
    else if (expression.length > EVENT_FILTER_EXPRESSION ||
             (criteria != NULL && criteria->length > EVENT_FILTER_EXPRESSION))
        *fault = EVENT_FILTER_SYNTAX;
    if (*fault != EVENT_FILTER_OK)
        return NULL;
    filter = memory_zero(1, sizeof *filter);
    atomic_init(&filter->references, 1);
    *fault = read_filter(filter, expression, criteria);
    if (*fault != EVENT_FILTER_OK) {
        free_filter(filter);
        return NULL;
    }
    filter->source = source_of(expression, criteria);
    made = memory_zero(1, sizeof *made + (count + 1) * sizeof(struct event_filter *));
    atomic_init(&made->references, 1);
    for (size_t i = 0; i < count; i++) {
        made->items[i] = filters->items[i];
        atomic_fetch_add(&made->items[i]->references, 1);
    }
    made->items[count] = filter;
    made->count = count + 1;
    for (size_t i = 0; i < made->count; i++)
        made->has_includes = made->has_includes || !made->items[i]->exclude;
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

static bool matches_regex(struct event_filter *filter, struct span text)
{

    if (filter->scanned > RECOMPILE_BYTES) {
        regfree(&filter->regex);
        if (!compile(filter))
            return filter->exclude; // no memory for it: what it says is not known, so nothing passes
    }
    filter->scanned += text.length + 1;
    if (filter->text_size <= text.length) {
        filter->text_size = 2 * text.length + 1;
        filter->text = memory_grow(filter->text, filter->text_size);
    }
    if (text.length > 0)
        memcpy(filter->text, text.bytes, text.length);
    filter->text[text.length] = '\0';
    return regexec(&filter->regex, filter->text, 0, NULL, 0) == 0;
}

static bool contains(struct span text, struct span word)
{
    return memmem(text.bytes, text.length, word.bytes, word.length) != NULL;
}

static bool matches_text(struct event_filter *filter, struct span text)
{
    struct span wanted = span_of(filter->expression);
    bool fits = text.length >= wanted.length;

    switch (filter->method) {
    case METHOD_REGEX:
        return matches_regex(filter, text);
    case METHOD_EXACT:
        return span_equals(text, wanted);
    case METHOD_STARTS_WITH:
        return fits && memcmp(text.bytes, wanted.bytes, wanted.length) == 0;
    case METHOD_ENDS_WITH:
        return fits && memcmp(text.bytes + text.length - wanted.length, wanted.bytes, wanted.length) == 0;
    case METHOD_CONTAINS:
        return contains(text, wanted);
    case METHOD_NONE:
        break;
    }
    return true;
}

static bool matches_header(struct event_filter *filter, const struct message *event)
{
    struct span name, value;

    for (uint32_t i = 0; i < event->header_count; i++) {
        message_header(event, i, &name, &value);
        if (span_equals(name, span_of(filter->header)) && value.length > 0 && matches_text(filter, value))
            return true;
    }
    return false;
}

static bool matches(struct event_filter *filter, const struct message *event)
{
    if (filter->name != NULL && !span_equals(message_name(event), span_of(filter->name)))
        return false;
    if (filter->header != NULL)
        return matches_header(filter, event);
    return filter->method == METHOD_NONE || matches_text(filter, message_wire(event));
}

bool event_filters_pass(struct event_filters *filters, const struct message *event)
{
    bool included = filters == NULL || !filters->has_includes;

    for (size_t i = 0; filters != NULL && i < filters->count; i++) {
        if (filters->items[i]->exclude ? !matches(filters->items[i], event) : included)
            continue;
        if (filters->items[i]->exclude)
            return false;
        included = matches(filters->items[i], event);
    }
    return included;
}
