// core/base/span.h: a range of bytes that somebody else owns. Not guaranteed to be NUL-terminated.
// Thread: any; the functions are pure.
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes that are borrowed from their owner. `bytes` may be NULL only if `length` is 0. */
struct span {
    const char *bytes;
    size_t length;
};

/** A span over a NUL-terminated text; NULL gives the empty span. */
static inline struct span span_of(const char *text)
{
    return (struct span){text, text == NULL ? 0 : strlen(text)};
}

/** Do both have the same bytes? */
static inline bool span_equals(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

/** Eight bytes with their ASCII letters in lower case. Names are compared thousands of times per message, and a call of
 *  strncasecmp() costs more than this function. */
static inline uint64_t span_fold8(const char *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = 0x80 * ones;
    uint64_t word, low, upper;

    memcpy(&word, bytes, sizeof word);
    low = word & ~high;
    upper = (low + (0x80 - 'A') * ones) & ~(low + (0x7f - 'Z') * ones) & ~word & high;
    return word | upper >> 2; // the difference between both cases is one bit
}

/** The same for four bytes. */
static inline uint64_t span_fold4(const char *bytes)
{
    char eight[8] = {0};

    memcpy(eight, bytes, 4);
    return span_fold8(eight);
}

/** A byte, an ASCII letter in lower case. */
static inline unsigned char span_fold(char byte)
{
    return (unsigned char)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

/** Are both equal, except for the case of ASCII letters? AMI compares names of headers and actions in this way. Always
 *  inline: for a literal, the compiler then does half of the work. */
__attribute__((always_inline)) static inline bool span_equals_nocase(struct span a, struct span b)
{
    const size_t length = a.length;

    if (length != b.length)
        return false;
    if (length >= 8) { // the last eight bytes may overlap those compared before
        for (size_t i = 0; i < length - 8; i += 8) {
            if (span_fold8(a.bytes + i) != span_fold8(b.bytes + i))
                return false;
        }
        return span_fold8(a.bytes + length - 8) == span_fold8(b.bytes + length - 8);
    }
    if (length >= 4)
        return span_fold4(a.bytes) == span_fold4(b.bytes) &&
               span_fold4(a.bytes + length - 4) == span_fold4(b.bytes + length - 4);
    for (size_t i = 0; i < length; i++) {
        if (span_fold(a.bytes[i]) != span_fold(b.bytes[i]))
            return false;
    }
    return true;
}

/** span_equals_nocase() against a text. */
__attribute__((always_inline)) static inline bool span_is(struct span a, const char *text)
{
    return span_equals_nocase(a, span_of(text));
}

/** Reads a number: decimal digits and nothing else, at least one, from `min` to `max`. Numbers
 *  that must be read as Asterisk reads them (sscanf, atoi) have readers of their own. @param number  set only on
 * success
 */
static inline bool span_number(struct span text, uint64_t min, uint64_t max, uint64_t *number)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < text.length; i++) {
        uint64_t digit = (uint64_t)(unsigned char)text.bytes[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(sum, UINT64_C(10), &sum) || __builtin_add_overflow(sum, digit, &sum))
            return false;
    }
    if (text.length == 0 || sum < min || sum > max)
        return false;
    *number = sum;
    return true;
}

/** The first eight bytes as a number that sorts like span_compare_nocase(): one comparison distinguishes names that
 * begin differently. Names with the same number may differ after these bytes. */
static inline uint64_t span_key_nocase(struct span name)
{
    char first[8] = {0};

    if (name.length > 0)
        memcpy(first, name.bytes, name.length < sizeof first ? name.length : sizeof first);
    return be64toh(span_fold8(first));
}

/** Their order without regard to case, as of strcasecmp(): negative, 0 or positive. For sorted tables. */
static inline int span_compare_nocase(struct span a, const char *text)
{
    size_t i = 0;

    for (; i < a.length && text[i] != '\0'; i++) {
        int order = (int)span_fold(a.bytes[i]) - (int)span_fold(text[i]);
        if (order != 0)
            return order;
    }
    return (i < a.length) - (text[i] != '\0');
}

#endif
