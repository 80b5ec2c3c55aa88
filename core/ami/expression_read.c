// core/ami/expression_read.c: compiles an expression to steps. Where POSIX leaves something undefined, the result is
// that of glibc (posix/regcomp.c with RE_SYNTAX_POSIX_EXTENDED), which Asterisk uses.
#include "ami/expression_inside.h"
#include "base/memory.h"

#include <stdlib.h>

#define NO_BOUND UINT32_MAX
#define BOUND_MOST 32767 // RE_DUP_MAX

struct reader {
    struct source source;
    struct expression *expression; // with room for EXPRESSION_STEPS
    size_t set_count;
    unsigned depth; // of parentheses
};

static void read_alternatives(struct reader *reader);

static bool reader_fail(struct reader *reader)
{
    return source_fail(&reader->source);
}

static bool reader_take(struct reader *reader, char byte)
{
    return source_take(&reader->source, byte);
}

// --- steps ------------------------------------------------------------------------------------------------------

/** Is there room for `count` more steps? The last one is kept free for STEP_FOUND. */
static bool has_room(struct reader *reader, uint64_t count)
{
    if (reader->source.failed || count >= EXPRESSION_STEPS - reader->expression->count)
        return reader_fail(reader);
    return true;
}

static void add_step(struct reader *reader, struct step step)
{
    if (has_room(reader, 1))
        reader->expression->steps[reader->expression->count++] = step;
}

static void add_simple(struct reader *reader, enum step_kind kind, uint8_t value)
{
    add_step(reader, (struct step){.kind = (uint8_t)kind, .value = value});
}

static void add_branch(struct reader *reader, int first, int second)
{
    add_step(reader, (struct step){.kind = STEP_BRANCH, .first = (int16_t)first, .second = (int16_t)second});
}

static void add_jump(struct reader *reader, int to)
{
    add_step(reader, (struct step){.kind = STEP_JUMP, .first = (int16_t)to});
}

static void add_block(struct reader *reader, const struct step *block, size_t length)
{
    if (length == 0 || !has_room(reader, length))
        return;
    memcpy(reader->expression->steps + reader->expression->count, block, length * sizeof *block);
    reader->expression->count += length;
}

/** Inserts a branch before the steps that begin at `start`. */
static void insert_branch(struct reader *reader, size_t start, int first, int second)
{
    struct step *steps = reader->expression->steps;

    if (!has_room(reader, 1))
        return;
    memmove(steps + start + 1, steps + start, (reader->expression->count - start) * sizeof *steps);
    steps[start] = (struct step){.kind = STEP_BRANCH, .first = (int16_t)first, .second = (int16_t)second};
    reader->expression->count++;
}

static void add_set(struct reader *reader, const struct byte_set *set)
{
    struct byte_set *sets = reader->expression->sets;
    size_t index = 0;

    while (index < reader->set_count && memcmp(&sets[index], set, sizeof *set) != 0)
        index++;
    if (index == EXPRESSION_SETS) {
        reader_fail(reader);
        return;
    }
    if (index == reader->set_count)
        sets[reader->set_count++] = *set;
    add_simple(reader, STEP_SET, (uint8_t)index);
}

// --- what is repeated -------------------------------------------------------------------------------------------

/** Compiles the escaped byte after a backslash. @return false: it cannot be repeated */
static bool read_escaped(struct reader *reader)
{
    static const char assertions[] = "`'bB<>"; // in the order of enum assertion
    const char *found;
    struct byte_set set;
    char letter;

    if (reader->source.at == reader->source.end)
        return reader_fail(reader);
    letter = *reader->source.at++;
    if (letter >= '1' && letter <= '9')
        return reader_fail(reader);
    if (letter != '\0' && (found = strchr(assertions, letter)) != NULL) {
        add_simple(reader, STEP_ASSERT, (uint8_t)(found - assertions));
        return false;
    }
    if (expression_set_of(letter, &set))
        add_set(reader, &set);
    else
        add_simple(reader, STEP_BYTE, (uint8_t)letter);
    return true;
}

/** Compiles one atom. @return false: it cannot be repeated, or the reader has failed */
static bool read_atom(struct reader *reader)
{
    char byte = *reader->source.at++;

    switch (byte) {
    case '(':
        reader->depth++;
        read_alternatives(reader);
        reader->depth--;
        return reader_take(reader, ')') || reader_fail(reader);
    case '[': {
        struct byte_set set;
        if (!expression_read_set(&reader->source, &set))
            return false;
        add_set(reader, &set);
        return true;
    }
    case '.':
        add_simple(reader, STEP_ANY, 0);
        return true;
    case '^':
        add_simple(reader, STEP_ASSERT, ASSERT_BEGIN);
        return false;
    case '$':
        add_simple(reader, STEP_ASSERT, ASSERT_END);
        return false;
    case '\\':
        return read_escaped(reader);
    case '*':
    case '+':
    case '?':
    case '{':
        return reader_fail(reader); // no atom precedes the repetition
    default:
        add_simple(reader, STEP_BYTE, (uint8_t)byte);
        return true;
    }
}

// --- repetitions ------------------------------------------------------------------------------------------------

/** Reads a number. @return `absent`: there is none */
static uint32_t take_number(struct reader *reader, uint32_t absent)
{
    uint32_t number = 0;

    if (reader->source.at == reader->source.end || !is_digit_byte((uint8_t)*reader->source.at))
        return absent;
    while (reader->source.at < reader->source.end && is_digit_byte((uint8_t)*reader->source.at)) {
        number = 10 * number + (uint32_t)(*reader->source.at++ - '0');
        if (number > BOUND_MOST) {
            reader_fail(reader);
            return 0;
        }
    }
    return number;
}

/** Reads the bounds of `{2}`, `{2,}`, `{2,5}` or `{,5}`, after the brace. */
static void read_bounds(struct reader *reader, uint32_t *low, uint32_t *high)
{
    *low = take_number(reader, NO_BOUND);
    if (reader_take(reader, ',')) {
        *low = *low == NO_BOUND ? 0 : *low;
        *high = take_number(reader, NO_BOUND);
    } else {
        *high = *low;
    }
    if (!reader_take(reader, '}') || *low == NO_BOUND || *high < *low)
        reader_fail(reader);
}

/** Takes a repetition and its bounds if there is one. @return false: there is none */
static bool take_repetition(struct reader *reader, uint32_t *low, uint32_t *high)
{
    *low = 0;
    *high = NO_BOUND;
    if (reader_take(reader, '*'))
        return true;
    if (reader_take(reader, '+')) {
        *low = 1;
        return true;
    }
    if (reader_take(reader, '?')) {
        *high = 1;
        return true;
    }
    if (!reader_take(reader, '{'))
        return false;
    read_bounds(reader, low, high);
    return !reader->source.failed;
}

/** Returns the number of steps of a block of `length` that is repeated `low` to `high` times. */
static uint64_t repeated_size(size_t length, uint32_t low, uint32_t high)
{
    if (high == NO_BOUND)
        return low == 0 ? length + 2 : (uint64_t)low * length + 1;
    return (uint64_t)low * length + (uint64_t)(high - low) * (length + 1);
}

/** Repeats the block that begins at step `start`. */
static void repeat_block(struct reader *reader, size_t start, uint32_t low, uint32_t high)
{
    struct expression *expression = reader->expression;
    size_t length = expression->count - start;
    struct step *block;

    if (length == 0)
        return; // an empty block
    expression->count = start;
    if (!has_room(reader, repeated_size(length, low, high)))
        return;
    block = memory_new(length * sizeof *block); // not on the stack, as parentheses may be nested deeply
    memcpy(block, expression->steps + start, length * sizeof *block);
    for (uint32_t i = 0; i < low; i++)
        add_block(reader, block, length);
    if (high == NO_BOUND && low > 0) {
        add_branch(reader, -(int)length, 1);
    } else if (high == NO_BOUND) {
        add_branch(reader, 1, (int)length + 2);
        add_block(reader, block, length);
        add_jump(reader, -(int)length - 1);
    }
    for (uint32_t left = high - low; high != NO_BOUND && left > 0; left--) {
        add_branch(reader, 1, (int)(left * (length + 1))); // or to the end of all repetitions
        add_block(reader, block, length);
    }
    free(block);
}

// --- the whole --------------------------------------------------------------------------------------------------

static bool is_branch_end(const struct reader *reader)
{
    return reader->source.at == reader->source.end || *reader->source.at == '|' ||
           (*reader->source.at == ')' && reader->depth > 0);
}

static void read_alternative(struct reader *reader)
{
    while (!reader->source.failed && !is_branch_end(reader)) {
        size_t start = reader->expression->count;
        uint32_t low, high;
        bool may_repeat = read_atom(reader);
        while (may_repeat && !reader->source.failed && take_repetition(reader, &low, &high))
            repeat_block(reader, start, low, high);
    }
}

static void read_alternatives(struct reader *reader)
{
    struct expression *expression = reader->expression;
    size_t start = expression->count;

    read_alternative(reader);
    while (!reader->source.failed && reader_take(reader, '|')) {
        insert_branch(reader, start, 1, (int)(expression->count - start) + 2);
        add_jump(reader, 0);
        size_t jump = expression->count - 1;
        read_alternative(reader);
        if (!reader->source.failed)
            expression->steps[jump].first = (int16_t)(expression->count - jump);
    }
}

/** Finds the bytes with which a match may begin: follows the steps that match no byte, as if each assertion held. */
static void find_start(struct expression *expression)
{
    bool seen[EXPRESSION_STEPS] = {false};
    size_t stack[2 * EXPRESSION_STEPS], depth = 0;

    stack[depth++] = 0;
    while (depth > 0) {
        size_t now = stack[--depth];
        const struct step *step = &expression->steps[now];
        if (seen[now])
            continue;
        seen[now] = true;
        if (step->kind == STEP_FOUND)
            expression->matches_nothing = true;
        else if (step->kind == STEP_BYTE)
            byte_set_add(&expression->start, step->value);
        else if (step->kind == STEP_ASSERT)
            stack[depth++] = now + 1;
        for (size_t i = 0; i < 4 && step->kind <= STEP_ANY && step->kind != STEP_BYTE; i++)
            expression->start.bits[i] |= step->kind == STEP_ANY ? UINT64_MAX : expression->sets[step->value].bits[i];
        if (step->kind == STEP_BRANCH)
            stack[depth++] = now + (size_t)step->second;
        if (step->kind == STEP_BRANCH || step->kind == STEP_JUMP)
            stack[depth++] = now + (size_t)step->first;
    }
}

static void find_literal(struct expression *expression)
{
    size_t length = expression->count - 1;

    for (size_t i = 0; i < length; i++) {
        if (expression->steps[i].kind != STEP_BYTE)
            return;
    }
    if (length == 0)
        return;
    expression->literal = memory_new(length);
    for (size_t i = 0; i < length; i++)
        expression->literal[i] = (char)expression->steps[i].value;
}

struct expression *expression_read(struct span text)
{
    const char *bytes = text.length > 0 ? text.bytes : "";
    struct expression *expression = memory_zero(1, sizeof *expression + EXPRESSION_STEPS * sizeof(struct step));
    struct reader reader = {.source = {.at = bytes, .end = bytes + text.length}, .expression = expression};

    expression->sets = memory_new(EXPRESSION_SETS * sizeof *expression->sets);
    if (text.length < EXPRESSION_STEPS) // limits the nesting, too
        read_alternatives(&reader);
    else
        reader.source.failed = true;
    if (reader.source.failed) {
        expression_destroy(expression);
        return NULL;
    }
    expression->steps[expression->count++] = (struct step){.kind = STEP_FOUND};
    expression->sets = memory_grow(expression->sets, (reader.set_count + 1) * sizeof *expression->sets);
    expression = memory_grow(expression, sizeof *expression + expression->count * sizeof(struct step));
    find_start(expression);
    find_literal(expression);
    return expression;
}
