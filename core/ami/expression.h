// core/ami/expression.h: searches a text for a POSIX extended regular expression, at a limited cost, as clients write
// the expressions. An expression is compiled to a list of steps. A text is scanned once with the set of steps that are
// possible at each byte, without backtracking (K. Thompson, "Regular Expression Search Algorithm", 1968).
//
// regcomp(3) is not safe for expressions of clients: glibc takes gigabytes for `(a?a?a?a?a?a?a?a?a?a?){1000}`.
// Thread: any; an expression does not change after it was compiled.
#ifndef AMI_EXPRESSION_H
#define AMI_EXPRESSION_H

#include "base/span.h"

#include <stdint.h>

#define EXPRESSION_STEPS 1000 // most steps of one expression; each byte, set, branch and end is one step

struct expression;

enum expression_verdict { EXPRESSION_ABSENT, EXPRESSION_FOUND, EXPRESSION_GAVE_UP };

/** Compiles an expression as glibc's regcomp(REG_EXTENDED | REG_NOSUB) does in the C locale: it is case-sensitive and
 *  matches bytes; `.` and negated sets match line ends; `^` and `$` match only the ends of the text; \w \W \s \S \b \B
 *  \< \> \` \' are known. Also refused are back references, which no finite automaton can match, and expressions of
 *  more than EXPRESSION_STEPS steps; a repetition `x{9}` counts as nine times `x`.
 *  @return to be freed by expression_destroy(); NULL: the text is not a valid expression */
struct expression *expression_read(struct span text);
/** Frees an expression. It may be NULL. */
void expression_destroy(struct expression *expression);
/** Returns the number of steps, which is the most work that one byte of a text takes. */
size_t expression_steps(const struct expression *expression);
/** Is there a match anywhere in `text` (shorter than 4 GiB)?
 *  @param work  the steps that may be executed; those that were executed are subtracted
 *  @return EXPRESSION_GAVE_UP: `work` was not enough */
enum expression_verdict expression_find(const struct expression *expression, struct span text, uint64_t *work);

#endif
