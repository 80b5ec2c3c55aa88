// core/script/spelling.h: names in the text of a script.  Thread: any; pure.
#ifndef SCRIPT_SPELLING_H
#define SCRIPT_SPELLING_H

#include "base/error.h"
#include "base/span.h"

/** A script's text. */
struct spelling {
    const char *text;
    const char *shown; // its path, for errors
    /** Is told (unless NULL) of an event that is compared with, and of a header that is read of the message of
     *  `message`, if no Asterisk is known to send one of that name. */
    void (*unknown)(void *context, bool is_event, struct span name, unsigned line);
    void *context;
};

/** Are the names that the text compares with `.Action` or `.Event` written as scripts are given them?
 *  @return false with `err` "file:line: …" for a known name in another spelling */
bool script_spelling_check(const struct spelling *spelling, struct error *err);

#endif
