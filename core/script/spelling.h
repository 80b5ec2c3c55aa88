// core/script/spelling.h: names in the text of a script.  Thread: any; pure.
#ifndef SCRIPT_SPELLING_H
#define SCRIPT_SPELLING_H

#include "base/error.h"
#include "base/span.h"

/** A script's text. */
struct spelling {
    const char *text;
    const char *shown; // its path, for errors
};

/** Are the names that the text compares with `.Action` or `.Event` written as scripts are given them?
 *  @return false with `err` "file:line: …" for a known name in another spelling */
bool script_spelling_check(const struct spelling *spelling, struct error *err);

#endif
