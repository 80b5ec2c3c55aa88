// core/script/pattern.h: Lua's patterns (manual 6.4.1), matched with a budget: backtracking ends in an error, not in an
// endless wait.  Thread: any; no Lua in here.
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
    uint16_t set_start, set_length; // of a set: where its inside stands in the text
};

/** A pattern, looked through once. */
struct pattern {
    struct span text;
    uint16_t count;
    uint8_t captures;
    bool anchored;
    bool plain; // has no special characters: memmem will do
    struct pattern_item items[PATTERN_ITEMS];
};

/** What one capture took; `is_position`: only where it was. */
struct pattern_capture {
    const char *start;
    ptrdiff_t length;
    bool is_position;
};

struct pattern_match {
    const struct pattern *pattern;
    struct span subject;
    uint64_t steps;                       // left
    const volatile sig_atomic_t *expired; // the call's time is over, may be NULL
    const char *end;                      // of the match
    unsigned depth;
    unsigned captures; // opened so far
    struct pattern_capture capture[PATTERN_CAPTURES];
    const char *error; // why it gave up, NULL: it did not
};

/** Reads a pattern (lent: must live as long). @return NULL, or what is wrong with it */
const char *pattern_compile(struct pattern *pattern, struct span text);
/** Does the pattern match at `start`, exactly there? */
bool pattern_match_at(struct pattern_match *match, const char *start);
/** The first match at or after `start`: its beginning, NULL if there is none (or `error` is set). */
const char *pattern_search(struct pattern_match *match, const char *start);

#endif
