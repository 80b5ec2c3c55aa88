// core/script/spelling.h: checks the names in the source of a script.  Thread: any; pure.
#ifndef SCRIPT_SPELLING_H
#define SCRIPT_SPELLING_H

#include "base/error.h"
#include "base/span.h"

/** The source of a script. */
struct spelling {
    const char *text;
    const char *shown; // its path, for errors
    /** Called (unless NULL) for the name of an event or header in the source that no Asterisk is known to send. */
    void (*unknown)(void *context, bool is_event, struct span name, unsigned line);
    void *context;
};

/** Has each name that the source compares with `.Action` or `.Event` the canonical spelling, and is each method known
 *  that the hook `message` calls?
 *  @return false: `err` is "file:line: …" for a known name in another spelling, or a mistyped method */
bool script_spelling_check(const struct spelling *spelling, struct error *err);

#endif
