// core/script/conditions.c: `events` and `where`: what a filter asks to see, tested without Lua.
#include "script/filter.h"

#include "base/memory.h"
#include "script/canonical.h"
#include "script/lua_set.h"
#include "script/names.h"

#include <ctype.h>
#include <stdlib.h>

#define CLAUSES 32

void conditions_fini(struct conditions *conditions)
{
    set_unref(conditions->events);
    for (size_t i = 0; i < conditions->event_prefix_count; i++)
        free(conditions->event_prefixes[i]);
    free(conditions->event_prefixes);
    free(conditions->known);
    for (size_t i = 0; i < conditions->clause_count; i++) {
        free(conditions->clauses[i].text);
        set_unref(conditions->clauses[i].set);
    }
    free(conditions->clauses);
    *conditions = (struct conditions){.has_events = false};
}

static char *lower_text(struct span text)
{
    char *lower = memory_text_of(text.bytes, text.length);
    for (size_t i = 0; i < text.length; i++)
        lower[i] = (char)tolower((unsigned char)text.bytes[i]);
    return lower;
}

static void add_event(struct conditions *conditions, struct span text)
{
    char *name = lower_text(text);
    if (text.length > 0 && text.bytes[text.length - 1] == '*') {
        name[text.length - 1] = '\0';
        conditions->event_prefixes = memory_grow(conditions->event_prefixes, (conditions->event_prefix_count + 1) *
                                                                                 sizeof *conditions->event_prefixes);
        conditions->event_prefixes[conditions->event_prefix_count++] = name;
        return;
    }
    set_add(conditions->events, (struct span){name, text.length});
    free(name);
}

/** Adds the names of a set that a script made. */
static void add_events_of(struct conditions *conditions, const struct set *set)
{
    for (uint32_t i = 0; i < set->slot_count; i++)
        if (set->slots[i].bytes != NULL)
            add_event(conditions, set->slots[i]);
}

static void read_events(lua_State *L, int index, struct conditions *conditions)
{
    if (lua_getfield(L, index, "events") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    struct set *names = lua_to_set(L, -1, "events");
    conditions->has_events = true;
    conditions->events = set_create(false); // in lower case
    add_events_of(conditions, names);
    set_unref(names);
    lua_pop(L, 1);
}

/** Returns a set of the same texts that ignores case. Takes the reference to `set`. */
static struct set *fold_set(struct set *set)
{
    struct set *folded = set_create(true);

    for (uint32_t i = 0; i < set->slot_count; i++)
        if (set->slots[i].bytes != NULL)
            set_add(folded, set->slots[i]);
    set_unref(set);
    return folded;
}

/** Reads the clause whose name and value are on top of the stack. */
static void read_clause(lua_State *L, struct conditions *conditions)
{
    if (lua_type(L, -2) != LUA_TSTRING)
        luaL_error(L, "where: expected names of headers, not a %s", luaL_typename(L, -2));
    if (conditions->clause_count == CLAUSES)
        luaL_error(L, "where: at most %d headers", CLAUSES);
    struct clause *clause = &conditions->clauses[conditions->clause_count++];
    struct span name = span_of(lua_tostring(L, -2));
    *clause =
        (struct clause){.name = script_header_name(state_of(L), name), .folded = script_role_of(name) != ROLE_PLAIN};
    if (lua_type(L, -1) != LUA_TSTRING) {
        const char *what = lua_pushfstring(L, "where.%s", lua_tostring(L, -2));
        clause->set = lua_to_set(L, -2, what);
        if (clause->folded && !clause->set->folded)
            clause->set = fold_set(clause->set);
        lua_pop(L, 1);
        return;
    }
    const char *text = lua_tolstring(L, -1, &clause->text_length);
    clause->text = memory_text_of(text, clause->text_length);
    if (clause->text_length > 0 && text[clause->text_length - 1] == '*') {
        clause->prefix = true;
        clause->text_length--;
    }
}

static void read_where(lua_State *L, int index, struct conditions *conditions)
{
    if (lua_getfield(L, index, "where") == LUA_TNIL) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1))
        luaL_error(L, "where: expected a table of headers, not a %s", luaL_typename(L, -1));
    conditions->clauses = memory_zero(CLAUSES, sizeof *conditions->clauses);
    lua_pushnil(L);
    while (lua_next(L, -2) != 0) {
        read_clause(L, conditions);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void lua_read_conditions(lua_State *L, int index, struct conditions *conditions)
{
    read_events(L, index, conditions);
    read_where(L, index, conditions);
}

static bool is_wanted(const struct conditions *conditions, struct span name)
{
    char *lower = lower_text(name);
    bool wanted = set_has(conditions->events, (struct span){lower, name.length});
    for (size_t i = 0; i < conditions->event_prefix_count && !wanted; i++)
        wanted = strncmp(lower, conditions->event_prefixes[i], strlen(conditions->event_prefixes[i])) == 0;
    free(lower);
    return wanted;
}

/** Decides whether the filter wants events of this name, and remembers it. Called at the first event of the name. */
static bool conditions_learn(struct conditions *conditions, uint32_t number, struct span name)
{
    bool wanted = is_wanted(conditions, name);
    if (number == UINT32_MAX)
        return wanted; // too many names have been seen: decide each time
    if (number >= conditions->known_count) {
        uint32_t count = (number + 64) & ~63u;
        conditions->known = memory_grow(conditions->known, count);
        memset(conditions->known + conditions->known_count, 0, count - conditions->known_count);
        conditions->known_count = count;
    }
    conditions->known[number] = wanted ? 1 : 2;
    return wanted;
}

bool conditions_want_event(struct conditions *conditions, uint32_t number, struct span name)
{
    if (__builtin_expect(number < conditions->known_count && conditions->known[number] != 0, 1))
        return conditions->known[number] == 1;
    return conditions_learn(conditions, number, name);
}

static bool set_holds(const struct set *set, struct header_name *name)
{
    if (set->folded)
        return set_has(set, name->value);
    if (!name->is_hashed) {
        name->hash = set_hash(name->value);
        name->is_hashed = true;
    }
    return set_has_hashed(set, name->value, name->hash);
}

bool conditions_hold(const struct conditions *conditions, struct script_state *state)
{
    const struct clause *end = conditions->clauses + conditions->clause_count;
    for (const struct clause *clause = conditions->clauses; clause < end; clause++) {
        struct span value = script_header_value(state, clause->name);
        if (value.bytes == NULL)
            return false;
        if (clause->set != NULL) {
            if (!set_holds(clause->set, clause->name))
                return false;
        } else if ((clause->prefix ? value.length < clause->text_length : value.length != clause->text_length) ||
                   !(clause->folded ? names_equal(value.bytes, clause->text, clause->text_length)
                                    : names_same(value.bytes, clause->text, clause->text_length))) {
            return false;
        }
    }
    return true;
}
