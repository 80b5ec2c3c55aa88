// core/ami/arguments.h: lists of arguments in one value (`Variable: A=1,B=2`), split as Asterisk splits them.
// Source: main/app.c __ast_app_separate_args() with the flag that removes quotes and backslashes
// (AST_STANDARD_APP_ARGS), called by main/manager.c man_do_variable_value() and action_status(); brackets protect
// a comma in newer releases only; releases before 1.6 split at `|` and knew no protection.  Thread: any; pure.
#ifndef AMI_ARGUMENTS_H
#define AMI_ARGUMENTS_H

#include "base/span.h"

/** Items that Asterisk's smallest array has room for (`Variable:`): what comes behind is one item, not split. */
#define ARGUMENTS_MOST 64

/** Calls `each` with every item of every reading of `text` that some release has, without its quotes and backslashes;
 *  items that several readings agree upon come more than once. Ends early if `each` says false.
 *  @param bars  some release that has this list splits it at `|` (before 1.6)
 *  @return false: `each` did, or releases and configurations could read something that was not shown: more items than
 *  there is room for, a comma behind a quote or bracket that is never closed, a backslash at the end */
bool arguments_each(struct span text, bool bars, bool (*each)(void *context, struct span item), void *context);

#endif
