// tests/fuzz/fuzz_expression.c: expressions that clients write. The first line is one, the rest is a text. What it
// costs stays within what was promised; and short ones without repetition counts (with which the library may take all
// memory) mean what the C library says.
// Runs: 60000
#include "ami/expression.h"

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#define COMPARED 24   // bytes of an expression
#define REPETITIONS 8 // in it, as glibc's time doubles with each one of what another repeats

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * May the library be asked? Not for what is refused on purpose, nor for what it would cut at a NUL. Nor about a text of
 * several lines: glibc lets `$.` find a line end without REG_NEWLINE, which POSIX does not.
 */
static bool is_comparable(struct span source, struct span text)
{
    unsigned repetitions = 0;

    if (source.length > COMPARED || text.length > 256 || memchr(source.bytes, '{', source.length) != NULL ||
        memchr(source.bytes, '\0', source.length) != NULL || memchr(text.bytes, '\0', text.length) != NULL ||
        memchr(text.bytes, '\n', text.length) != NULL)
        return false;
    for (size_t i = 0; i < source.length; i++)
        repetitions += memchr("*+?", source.bytes[i], 3) != NULL;
    if (repetitions > REPETITIONS)
        return false;
    for (size_t i = 0; i + 1 < source.length; i++) {
        if (source.bytes[i] == '\\' && source.bytes[i + 1] >= '1' && source.bytes[i + 1] <= '9')
            return false;
    }
    return true;
}

static void compare(const struct expression *expression, struct span source, struct span text, bool is_found)
{
    char pattern[COMPARED + 1] = "", subject[257] = "";
    regex_t regex;

    memcpy(pattern, source.bytes, source.length);
    memcpy(subject, text.bytes, text.length);
    if ((regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0) != (expression != NULL))
        abort();
    if (expression == NULL)
        return;
    if ((regexec(&regex, subject, 0, NULL, 0) == 0) != is_found)
        abort();
    regfree(&regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint64_t allowed = UINT64_C(1) << 40;
    uint64_t work = allowed;
    struct span source, text;
    const uint8_t *end;
    bool is_found = false;

    if (size > 4096)
        size = 4096;
    end = size == 0 ? NULL : memchr(data, '\n', size);
    if (end == NULL)
        return 0;
    source = (struct span){(const char *)data, (size_t)(end - data)};
    text = (struct span){(const char *)end + 1, size - source.length - 1};
    struct expression *expression = expression_read(source);
    if (expression != NULL) {
        is_found = expression_find(expression, text, &work) == EXPRESSION_FOUND;
        if (expression_steps(expression) > EXPRESSION_STEPS ||
            allowed - work > 2 * (text.length + 1) * expression_steps(expression))
            abort();
    }
    if (is_comparable(source, text))
        compare(expression, source, text, is_found);
    expression_destroy(expression);
    return 0;
}
