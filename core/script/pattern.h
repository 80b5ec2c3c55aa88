// core/script/pattern.h: Lua's patterns (manual 6.4.1) with a limit of steps, so that backtracking ends in an error and
// not in an endless wait.  Thread: any; does not use Lua.
#ifndef SCRIPT_PATTERN_H
#define SCRIPT_PATTERN_H

#include "base/span.h"

#include <signal.h>
#include <stdint.h>

#define PATTERN_CAPTURES 32
#define PATTERN_ITEMS 256

enum pattern_kind {
    ITEM_ANY,
    ITEM_CHAR,
    ITEM_CLASS,
    ITEM_SET,
    ITEM_NOT_SET,
    ITEM_OPEN,
    ITEM_POSITION,
    ITEM_CLOSE,
    ITEM_BALANCE,
    ITEM_FRONTIER,
    ITEM_BACK,
    ITEM_END
};

struct pattern_item {
    uint8_t kind;       // enum pattern_kind
    uint8_t quantifier; // 0 * + - ?
    uint8_t first, second;
    uint16_t set_start, set_length; // of a set: offset and length of its inside in the text
};

/** A compiled pattern. */
struct pattern {
    struct span text;
    uint16_t count;
    uint8_t captures;
    bool anchored;
    bool plain; // has no special characters, so that memmem() finds it
    struct pattern_item items[PATTERN_ITEMS];
};

/** A capture. @param is_position  it is only a position */
struct pattern_capture {
    const char *start;
    ptrdiff_t length;
    bool is_position;
};

struct pattern_match {
    const struct pattern *pattern;
    struct span subject;
    uint64_t steps;                       // steps that are left
    const volatile sig_atomic_t *expired; // not 0: the call's time limit is reached; may be NULL
    const char *end;                      // end of the match
    unsigned depth;
    unsigned captures; // opened so far
    struct pattern_capture capture[PATTERN_CAPTURES];
    const char *error; // why the search was given up, NULL: it was not
};

/** Compiles a pattern. @param text  lent as long as the pattern @return NULL, or what is wrong with the text */
const char *pattern_compile(struct pattern *pattern, struct span text);
/** Does the pattern match exactly at `start`? */
bool pattern_match_at(struct pattern_match *match, const char *start);
/** Finds the first match at or after `start`. @return its beginning; NULL: there is none, or `error` is set */
const char *pattern_search(struct pattern_match *match, const char *start);

#endif
