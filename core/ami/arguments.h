// core/ami/arguments.h: lists of arguments in one value (`Variable: A=1,B=2`), split as Asterisk splits them.
// Source: main/app.c __ast_app_separate_args() with the flag that removes quotes and backslashes
// (AST_STANDARD_APP_ARGS), called by main/manager.c man_do_variable_value() and action_status(). Brackets protect
// a comma in newer releases only; releases before 1.6 split at `|`, the oldest without any protection.  Thread: any;
// pure.
#ifndef AMI_ARGUMENTS_H
#define AMI_ARGUMENTS_H

#include "base/span.h"

/** The size of Asterisk's smallest array of items (`Variable:`): the rest of the text is its last item, not split. */
#define ARGUMENTS_MOST 64

/** Splits `text` in each way in which a release of Asterisk splits it, and calls `each` with every item, without quotes
 *  and backslashes. Items that are the same in several ways are passed several times. Stops when `each` returns false.
 *  @param bars  some releases split this list at `|` (before 1.6)
 *  @return false: `each` returned false, or a release could read an item that was not passed, because there are too
 *          many items, a comma follows a quote or bracket that is never closed, or the text ends in a backslash */
bool arguments_each(struct span text, bool bars, bool (*each)(void *context, struct span item), void *context);

/** Writes one item `name=value` so that every release that knows escapes (1.6 and newer) reads back exactly this value:
 *  the inverse of arguments_each(). @param name  without `=`, comma, quote and backslash
 *  @param to  room for name, `=` and twice the value @return number of bytes written */
size_t arguments_assign(struct span name, struct span value, char *to);

#endif
