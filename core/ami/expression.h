// core/ami/expression.h: POSIX extended regular expressions of strangers, at a cost that is known beforehand: is there
// a match anywhere in a text? An expression becomes a list of steps, and a text is gone through once with the set of
// steps that are possible at each byte (K. Thompson, "Regular Expression Search Algorithm", 1968): nothing is tried
// again.
//
// regcomp(3) will not do for expressions of clients: glibc takes gigabytes for `(a?a?a?a?a?a?a?a?a?a?){1000}`.
// Thread: any; an expression does not change once it was read.
#ifndef AMI_EXPRESSION_H
#define AMI_EXPRESSION_H

#include "base/span.h"

#include <stdint.h>

#define EXPRESSION_STEPS 1000 // most of one expression; a byte, a set, a branch or an end is a step each

struct expression;

enum expression_verdict { EXPRESSION_ABSENT, EXPRESSION_FOUND, EXPRESSION_GAVE_UP };

/** Reads an expression as glibc's regcomp(REG_EXTENDED | REG_NOSUB) does in the C locale: case-sensitive, bytes, `.`
 * and negated sets match line ends, `^` and `$` only the ends of the text; also its \w \W \s \S \b \B \< \> \` \'.
 *  Refused besides what that refuses: back references, which no bounded automaton can match, and expressions of more
 *  than EXPRESSION_STEPS steps, each repetition `x{9}` counted as often as it stands for `x`.
 *  @return NULL: it is not one; else the caller's, for expression_destroy() */
struct expression *expression_read(struct span text);
/** NULL is fine. */
void expression_destroy(struct expression *expression);
/** How many steps it has: what one byte of a text costs at most. */
size_t expression_steps(const struct expression *expression);
/** Is there a match anywhere in `text` (shorter than 4 GiB)?
 *  @param work  steps that may be gone, taken off as they are; EXPRESSION_GAVE_UP: they did not suffice */
enum expression_verdict expression_find(const struct expression *expression, struct span text, uint64_t *work);

#endif
