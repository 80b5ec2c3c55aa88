// core/script/filter.h: a filter, and its conditions that are tested without Lua.  Thread: the worker's.
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

/** The messages that the script wants to see (`events`, `where`). All zero: all. */
struct conditions {
    bool has_events;
    struct set *events;    // names, in lower case
    char **event_prefixes; // "Queue*" without the star
    size_t event_prefix_count;
    uint8_t *known; // by number of event: 0 not tested yet, 1 wanted, 2 not wanted
    uint32_t known_count;
    struct clause *clauses;
    size_t clause_count;
};

void conditions_fini(struct conditions *conditions);
/** Reads `events` and `where` of the table at `index`. Raises on errors; `conditions` then has what was read so far. */
void lua_read_conditions(lua_State *L, int index, struct conditions *conditions);
/** Does an event of this name pass `events`? @param number  of script_event_number() */
bool conditions_want_event(struct conditions *conditions, uint32_t number, struct span name);
/** Do all clauses hold for the current message? */
bool conditions_hold(const struct conditions *conditions, struct script_state *state);

struct script_filter {
    struct script_state *state;
    struct script_filter *next;
    uint32_t references;
    const struct loaded *file;
    char *user;     // NULL: not for one user
    char *options;  // as a text, to find filters with the same options
    uint32_t place; // index among the filters of its file and user, in the order of the configuration
    bool per_class, observe, answers, otherwise, either, stateful;
    struct conditions conditions;
    int message, action, save, restore; // registry references, LUA_NOREF: the script has none
    bool judges;                        // has conditions or `message`
    enum script_verdict failing;        // the verdict of a filter that fails

    // per_class: the verdict on the message that was judged last
    struct message *judged_message; // one reference, NULL: none
    struct script_filter *next_judged;
    enum script_verdict judged;
    struct message *judged_change;

    uint64_t seen, entered, passed, dropped, changed, failed;
    uint64_t next_log; // the next number of failures that is logged
    uint64_t minute_ms;
    uint32_t minute_failures;
    bool quarantined; // script_filter_set_quarantine() is its only writer
};

/** Begins or ends the quarantine of a filter, and counts it. */
void script_filter_set_quarantine(struct script_filter *filter, bool on);

/** script_filter_action() for an action that the proxy action `by` sends. @param by  lent until the judgement is over;
 *  NULL: the client sends it @param forget  called in place of `done` if the session ends first; may be NULL */
void script_filter_judge_action(struct script_filter *filter, struct message *action, struct handle session,
                                const char *by, script_judged *done, void (*forget)(void *context), void *context);
/** Counts and logs a failure. */
void script_filter_failed(struct script_filter *filter, const char *what, const char *error);
/** Pushes a value of the configuration; may raise. */
void lua_push_value(lua_State *L, const struct script_value *value);

#endif
