// core/ami/expression.c: see expression.h: the search in a text.
#include "ami/expression.h"

#include "ami/expression_inside.h"
#include "base/memory.h"

#include <stdlib.h>

/** The steps that are possible at one place of the text and match a byte each. */
struct places {
    size_t count;
    uint16_t steps[EXPRESSION_STEPS];
};

struct run {
    const struct expression *expression;
    struct span text;
    uint64_t left; // work that is left
    uint16_t stack[EXPRESSION_STEPS];
    uint32_t seen[EXPRESSION_STEPS]; // the offset at which a step was reached last, plus 1; 0: it was not
};

void expression_destroy(struct expression *expression)
{
    if (expression == NULL)
        return;
    free(expression->sets);
    free(expression->literal);
    free(expression);
}

size_t expression_steps(const struct expression *expression)
{
    return expression->count;
}

static bool assertion_holds(const struct run *run, uint8_t assertion, size_t at)
{
    const uint8_t *bytes = (const uint8_t *)run->text.bytes;
    bool word_before = at > 0 && is_word_byte(bytes[at - 1]);
    bool word_behind = at < run->text.length && is_word_byte(bytes[at]);

    switch ((enum assertion)assertion) {
    case ASSERT_BEGIN:
        return at == 0;
    case ASSERT_END:
        return at == run->text.length;
    case ASSERT_WORD_EDGE:
        return word_before != word_behind;
    case ASSERT_NO_WORD_EDGE:
        return word_before == word_behind;
    case ASSERT_WORD_BEGIN:
        return !word_before && word_behind;
    case ASSERT_WORD_END:
        return word_before && !word_behind;
    }
    return false;
}

static size_t run_push(struct run *run, size_t depth, size_t step, size_t at)
{
    if (run->seen[step] == at + 1)
        return depth;
    run->seen[step] = (uint32_t)at + 1;
    run->stack[depth] = (uint16_t)step;
    return depth + 1;
}

/** Adds `step`, or the steps that it leads to without a byte, to the possible steps at offset `at`. @return true: a
 *  match */
static bool run_reach(struct run *run, struct places *places, size_t step, size_t at)
{
    size_t depth = run_push(run, 0, step, at);

    while (depth > 0) {
        size_t now = run->stack[--depth];
        const struct step *what = &run->expression->steps[now];
        run->left -= run->left > 0;
        switch ((enum step_kind)what->kind) {
        case STEP_FOUND:
            return true;
        case STEP_BRANCH:
            depth = run_push(run, depth, now + (size_t)what->second, at);
            depth = run_push(run, depth, now + (size_t)what->first, at);
            break;
        case STEP_JUMP:
            depth = run_push(run, depth, now + (size_t)what->first, at);
            break;
        case STEP_ASSERT:
            if (assertion_holds(run, what->value, at))
                depth = run_push(run, depth, now + 1, at);
            break;
        case STEP_BYTE:
        case STEP_SET:
        case STEP_ANY:
            places->steps[places->count++] = (uint16_t)now;
            break;
        }
    }
    return false;
}

static bool step_takes(const struct expression *expression, const struct step *step, uint8_t byte)
{
    if (step->kind == STEP_BYTE)
        return step->value == byte;
    return step->kind == STEP_ANY || byte_set_has(&expression->sets[step->value], byte);
}

/** Matches the byte at `at` with each of the steps `now`. @return true: a match */
static bool take_byte(struct run *run, const struct places *now, struct places *next, size_t at)
{
    uint8_t byte = (uint8_t)run->text.bytes[at];

    next->count = 0;
    run->left -= now->count < run->left ? now->count : run->left;
    for (size_t i = 0; i < now->count; i++) {
        size_t step = now->steps[i];
        if (step_takes(run->expression, &run->expression->steps[step], byte) && run_reach(run, next, step + 1, at + 1))
            return true;
    }
    return false;
}

/** Can a match begin at `at`? */
static bool may_start(const struct run *run, size_t at)
{
    return run->expression->matches_nothing ||
           (at < run->text.length && byte_set_has(&run->expression->start, (uint8_t)run->text.bytes[at]));
}

static enum expression_verdict go_through(struct run *run)
{
    struct places places[2];
    struct places *now = &places[0], *next = &places[1];

    now->count = 0;
    for (size_t at = 0; run->left > 0; at++) {
        while (now->count == 0 && at < run->text.length && !may_start(run, at))
            at++;
        if (may_start(run, at) && run_reach(run, now, 0, at))
            return EXPRESSION_FOUND;
        if (at >= run->text.length)
            return EXPRESSION_ABSENT;
        if (take_byte(run, now, next, at))
            return EXPRESSION_FOUND;
        struct places *swapped = now;
        now = next;
        next = swapped;
    }
    return EXPRESSION_GAVE_UP;
}

enum expression_verdict expression_find(const struct expression *expression, struct span text, uint64_t *work)
{
    struct run run;
    enum expression_verdict verdict;

    if (expression->literal != NULL)
        return text.length > 0 && memmem(text.bytes, text.length, expression->literal, expression->count - 1) != NULL
                   ? EXPRESSION_FOUND
                   : EXPRESSION_ABSENT;
    run.expression = expression;
    run.text = text;
    run.left = *work;
    memset(run.seen, 0, expression->count * sizeof run.seen[0]);
    verdict = go_through(&run);
    *work = run.left;
    return verdict;
}
