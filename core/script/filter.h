// core/script/filter.h: a filter, taken apart so that most messages need no Lua.  Thread: the worker's.
#ifndef SCRIPT_FILTER_H
#define SCRIPT_FILTER_H

#include "script/header_names.h"
#include "script/set.h"

/** One entry of `where`: the first header `name` has one of these values. */
struct clause {
    struct header_name *name; // the state's
    struct set *set;          // NULL: `text` decides
    char *text;               // the value
    size_t text_length;
    bool prefix; // the value begins with `text` (it was written with a star at its end)
    bool folded; // the value is a name: without regard to case
};

/** What the script asks to see. All zero: everything. */
struct conditions {
    bool has_events;
    struct set *events;    // names, in lower case
    char **event_prefixes; // "Queue*" without the star
    size_t event_prefix_count;
    uint8_t *known; // by number of event: 0 not asked yet, 1 wanted, 2 not
    uint32_t known_count;
    struct clause *clauses;
    size_t clause_count;
};

void conditions_fini(struct conditions *conditions);
/** Reads `events` and `where` of the table at `index`; raises. What was read so far is in `conditions`. */
void lua_read_conditions(lua_State *L, int index, struct conditions *conditions);
/** Does an event of this name (number as script_event_number() gives) pass `events`? */
bool conditions_want_event(struct conditions *conditions, uint32_t number, struct span name);
/** Do all clauses hold for the current message? */
bool conditions_hold(const struct conditions *conditions, struct script_state *state);

struct script_filter {
    struct script_state *state;
    struct script_filter *next;
    uint32_t references;
    const struct loaded *file;
    char *user;     // NULL: of nobody in particular
    char *options;  // as a text, to find equal ones
    uint32_t place; // among those of its file and user, in the order of the configuration
    bool per_class, observe, answers, otherwise, either, stateful;
    struct conditions conditions;
    int message, action, save, restore; // registry references, LUA_NOREF: the script has none
    bool judges;                        // has conditions or `message`
    enum script_verdict failing;        // what a failing filter says

    // per_class: what was said of the message that was judged last
    struct message *judged_message; // one reference, NULL: none
    struct script_filter *next_judged;
    enum script_verdict judged;
    struct message *judged_change;

    uint64_t seen, entered, passed, dropped, changed, failed;
    uint64_t next_log; // the count of failures that is logged next
    uint64_t minute_ms;
    uint32_t minute_failures;
    bool quarantined;
};

/** script_filter_action(), of an action that the proxy action `by` (lent until it is over; NULL: none) sends; `forget`
 * (may be NULL) is called instead of `done` when nobody is left to hear of it. */
void script_filter_judge_action(struct script_filter *filter, struct message *action, struct handle session,
                                const char *by, script_judged *done, void (*forget)(void *context), void *context);
/** Counts and logs a failure. */
void script_filter_failed(struct script_filter *filter, const char *what, const char *error);
/** Pushes a value of the configuration; may raise. */
void lua_push_value(lua_State *L, const struct script_value *value);

#endif
