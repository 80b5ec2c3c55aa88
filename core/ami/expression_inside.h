// core/ami/expression_inside.h: the definition of `struct expression`; for expression*.c only.
#ifndef AMI_EXPRESSION_INSIDE_H
#define AMI_EXPRESSION_INSIDE_H

#include "ami/expression.h"

#include <stdbool.h>

#define EXPRESSION_SETS 255

enum step_kind { STEP_BYTE, STEP_SET, STEP_ANY, STEP_BRANCH, STEP_JUMP, STEP_ASSERT, STEP_FOUND };

enum assertion { ASSERT_BEGIN, ASSERT_END, ASSERT_WORD_EDGE, ASSERT_NO_WORD_EDGE, ASSERT_WORD_BEGIN, ASSERT_WORD_END };

/** One step. Its targets are relative to itself, so that steps can be moved and copied. */
struct step {
    uint8_t kind;          // enum step_kind
    uint8_t value;         // the byte, the index of the set, or enum assertion
    int16_t first, second; // the two targets of a branch; the target of a jump is `first`
};

struct byte_set {
    uint64_t bits[4];
};

struct expression {
    size_t count;
    struct byte_set *sets;
    struct byte_set start; // bytes that a match may begin with
    bool matches_nothing;  // a match may be empty, and so may begin anywhere
    char *literal;         // the bytes, if the expression is a plain text; else NULL
    struct step steps[];   // the last one is STEP_FOUND
};

/** Is the byte in the set? */
static inline bool byte_set_has(const struct byte_set *set, uint8_t byte)
{
    return (set->bits[byte >> 6] >> (byte & 63) & 1) != 0;
}

/** Puts the byte into the set. */
static inline void byte_set_add(struct byte_set *set, uint8_t byte)
{
    set->bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

/** Is the byte an ASCII digit? */
static inline bool is_digit_byte(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/** Is the byte an ASCII letter, a digit or `_`? */
static inline bool is_word_byte(uint8_t byte)
{
    return is_digit_byte(byte) || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || byte == '_';
}

/** The text of an expression that is being compiled. */
struct source {
    const char *at, *end;
    bool failed; // the text is not a valid expression
};

/** Marks the text as invalid. @return false, for the caller to return */
static inline bool source_fail(struct source *source)
{
    source->failed = true;
    return false;
}

/** Takes the next byte if it is `byte`. @return true: it was */
static inline bool source_take(struct source *source, char byte)
{
    if (source->at == source->end || *source->at != byte)
        return false;
    source->at++;
    return true;
}

/** Compiles a set, after its `[`. @return false: it is invalid, and the source has failed */
bool expression_read_set(struct source *source, struct byte_set *set);
/** Makes the set of \w, \W, \s or \S. @return false: the letter is none of these */
bool expression_set_of(char letter, struct byte_set *set);

#endif
