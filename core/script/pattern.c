// core/script/pattern.c: a backtracking matcher over a list of items. Every character that is compared and every item
// that is tried is a step.
#include "script/pattern.h"

#include <ctype.h>

#define DEPTH 200    // deepest recursion
#define LONG_SET 256 // bytes of a set

#define OPEN_LENGTH (-1)

static bool is_class(unsigned char byte, unsigned char class)
{
    bool is;
    switch (tolower(class)) {
    case 'a':
        is = isalpha(byte) != 0;
        break;
    case 'c':
        is = iscntrl(byte) != 0;
        break;
    case 'd':
        is = isdigit(byte) != 0;
        break;
    case 'g':
        is = isgraph(byte) != 0;
        break;
    case 'l':
        is = islower(byte) != 0;
        break;
    case 'p':
        is = ispunct(byte) != 0;
        break;
    case 's':
        is = isspace(byte) != 0;
        break;
    case 'u':
        is = isupper(byte) != 0;
        break;
    case 'w':
        is = isalnum(byte) != 0;
        break;
    case 'x':
        is = isxdigit(byte) != 0;
        break;
    case 'z':
        is = byte == 0;
        break;
    default:
        return byte == class; // a character that stands for itself, as in %.
    }
    return isupper(class) ? !is : is;
}

/** Is the byte in the set whose inside (without `^`) is `set`? */
static bool is_in_set(struct span set, unsigned char byte)
{
    const unsigned char *at = (const unsigned char *)set.bytes, *end = at + set.length;
    while (at < end) {
        if (*at == '%' && at + 1 < end) {
            if (is_class(byte, at[1]))
                return true;
            at += 2;
        } else if (at + 2 < end && at[1] == '-') {
            if (at[0] <= byte && byte <= at[2])
                return true;
            at += 3;
        } else if (*at++ == byte) {
            return true;
        }
    }
    return false;
}

static bool give_up(struct pattern_match *match, const char *why)
{
    if (match->error == NULL)
        match->error = why;
    return false;
}

/** Counts one step. @return false: a limit is reached */
static bool pattern_step(struct pattern_match *match)
{
    if (__builtin_expect(match->steps == 0, 0))
        return give_up(match, "pattern too costly (see pattern_steps)");
    match->steps--;
    if (__builtin_expect((match->steps & 1023) == 0, 0) && match->expired != NULL && *match->expired != 0)
        return give_up(match, "time limit exceeded");
    return true;
}

/** Gives up at the time limit before a set that takes long: 1,023 steps may pass until the next one looks for it. */
static void look_at_time(struct pattern_match *match, const struct pattern_item *item)
{
    if (__builtin_expect(item->set_length >= LONG_SET, 0) && match->expired != NULL && *match->expired != 0)
        (void)give_up(match, "time limit exceeded");
}

static struct span set_of(const struct pattern_match *match, const struct pattern_item *item)
{
    return (struct span){match->pattern->text.bytes + item->set_start, item->set_length};
}

static bool is_one(struct pattern_match *match, const struct pattern_item *item, unsigned char byte)
{
    switch (item->kind) {
    case ITEM_ANY:
        return true;
    case ITEM_CHAR:
        return item->first == byte;
    case ITEM_CLASS:
        return is_class(byte, item->first);
    case ITEM_SET:
        look_at_time(match, item);
        return match->error == NULL && is_in_set(set_of(match, item), byte);
    default:
        look_at_time(match, item);
        return match->error == NULL && !is_in_set(set_of(match, item), byte);
    }
}

static const char *subject_end(const struct pattern_match *match)
{
    return match->subject.bytes + match->subject.length;
}

static bool pattern_run(struct pattern_match *match, unsigned index, const char *at);

/** Matches the rest of the pattern, one level of recursion deeper. */
static bool run_rest(struct pattern_match *match, unsigned index, const char *at)
{
    if (match->depth >= DEPTH)
        return give_up(match, "pattern too complex");
    match->depth++;
    bool matched = pattern_run(match, index, at);
    match->depth--;
    return matched;
}

/** Matches a greedy repetition: as many as possible, then fewer. */
static bool run_greedy(struct pattern_match *match, unsigned index, const char *at, ptrdiff_t least)
{
    const struct pattern_item *item = &match->pattern->items[index];
    const char *end = subject_end(match);
    ptrdiff_t count = 0;

    while (at + count < end && is_one(match, item, (unsigned char)at[count])) {
        if (!pattern_step(match))
            return false;
        count++;
    }
    for (; count >= least; count--) {
        if (run_rest(match, index + 1, at + count))
            return true;
        if (match->error != NULL || !pattern_step(match))
            return false;
    }
    return false;
}

/** Matches a lazy repetition: as few as possible, then more. */
static bool run_lazy(struct pattern_match *match, unsigned index, const char *at)
{
    const struct pattern_item *item = &match->pattern->items[index];
    const char *end = subject_end(match);

    for (;;) {
        if (run_rest(match, index + 1, at))
            return true;
        if (match->error != NULL || !pattern_step(match) || at >= end || !is_one(match, item, (unsigned char)*at))
            return false;
        at++;
    }
}

static const char *balanced_end(struct pattern_match *match, const struct pattern_item *item, const char *at)
{
    const char *end = subject_end(match);
    size_t open = 1;

    if (at >= end || (unsigned char)*at != item->first)
        return NULL;
    for (at++; at < end; at++) {
        if (!pattern_step(match))
            return NULL;
        if ((unsigned char)*at == item->second) {
            if (--open == 0)
                return at + 1;
        } else if ((unsigned char)*at == item->first) {
            open++;
        }
    }
    return NULL;
}

static bool is_frontier(struct pattern_match *match, const struct pattern_item *item, const char *at)
{
    bool complement = item->first != 0;
    unsigned char before = at == match->subject.bytes ? 0 : (unsigned char)at[-1];
    unsigned char here = at == subject_end(match) ? 0 : (unsigned char)*at;
    struct span set = set_of(match, item);

    look_at_time(match, item);
    return match->error == NULL && is_in_set(set, before) == complement && is_in_set(set, here) != complement;
}

/** Matches the beginning or end of a capture, or a position. Undoes it if the rest does not match. */
static bool run_capture(struct pattern_match *match, unsigned index, const char *at)
{
    const struct pattern_item *item = &match->pattern->items[index];
    struct pattern_capture *capture = &match->capture[item->first];
    struct pattern_capture before = *capture;
    unsigned captures = match->captures;

    if (item->kind == ITEM_CLOSE) {
        capture->length = at - capture->start;
    } else {
        *capture = (struct pattern_capture){at, item->kind == ITEM_OPEN ? OPEN_LENGTH : 0, item->kind == ITEM_POSITION};
        match->captures = item->first + 1u;
    }
    if (run_rest(match, index + 1, at))
        return true;
    *capture = before;
    match->captures = captures;
    return false;
}

/** Matches an item without repetition. @return the end of the match; NULL: it does not match */
static const char *pattern_take(struct pattern_match *match, const struct pattern_item *item, const char *at)
{
    const char *end = subject_end(match);
    switch (item->kind) {
    case ITEM_END:
        return at == end ? at : NULL;
    case ITEM_BALANCE:
        return balanced_end(match, item, at);
    case ITEM_FRONTIER:
        return is_frontier(match, item, at) ? at : NULL;
    case ITEM_BACK: {
        const struct pattern_capture *capture = &match->capture[item->first];
        if (capture->is_position || capture->length > end - at ||
            memcmp(capture->start, at, (size_t)capture->length) != 0)
            return NULL;
        return at + capture->length;
    }
    default:
        return at < end && is_one(match, item, (unsigned char)*at) ? at + 1 : NULL;
    }
}

static bool pattern_run(struct pattern_match *match, unsigned index, const char *at)
{
    for (; index < match->pattern->count; index++) {
        const struct pattern_item *item = &match->pattern->items[index];
        const char *next;

        if (!pattern_step(match))
            return false;
        if (item->kind == ITEM_OPEN || item->kind == ITEM_CLOSE || item->kind == ITEM_POSITION)
            return run_capture(match, index, at);
        switch (item->quantifier) {
        case '*':
            return run_greedy(match, index, at, 0);
        case '+':
            return run_greedy(match, index, at, 1);
        case '-':
            return run_lazy(match, index, at);
        case '?':
            next = pattern_take(match, item, at);
            if (next != NULL && run_rest(match, index + 1, next))
                return true;
            if (match->error != NULL)
                return false;
            break;
        default:
            at = pattern_take(match, item, at);
            if (at == NULL)
                return false;
        }
    }
    match->end = at;
    return true;
}

bool pattern_match_at(struct pattern_match *match, const char *start)
{
    if (match->pattern->plain) {
        struct span text = match->pattern->text;
        match->end = start + text.length;
        return (size_t)(subject_end(match) - start) >= text.length && memcmp(start, text.bytes, text.length) == 0;
    }
    match->depth = 0;
    match->captures = 0;
    return pattern_run(match, 0, start);
}

const char *pattern_search(struct pattern_match *match, const char *start)
{
    const char *end = subject_end(match);
    struct span text = match->pattern->text;

    if (match->pattern->plain) {
        const char *found = memmem(start, (size_t)(end - start), text.bytes, text.length);
        match->captures = 0;
        match->end = found == NULL ? NULL : found + text.length;
        return found;
    }
    for (const char *at = start; at <= end; at++) {
        if (pattern_match_at(match, at))
            return at;
        if (match->pattern->anchored || match->error != NULL || (at < end && !pattern_step(match)))
            break;
    }
    return NULL;
}
