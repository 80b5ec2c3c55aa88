// core/script/filter.c: judging messages. The cheapest test comes first: is it an answer, the event's name, the
// clauses, then Lua.
#include "script/filter.h"

#include "base/memory.h"
#include "script/lua_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTE_MS 60000

void script_filter_set_quarantine(struct script_filter *filter, bool on)
{
    if (filter->quarantined == on)
        return;
    struct metrics_script *metrics = filter->file->metrics;
    filter->quarantined = on;
    if (metrics != NULL && on)
        metric_add_shared(&metrics->quarantined, 1);
    else if (metrics != NULL)
        metric_sub_shared(&metrics->quarantined, 1);
}

void script_filter_failed(struct script_filter *filter, const char *what, const char *error)
{
    struct script_state *state = filter->state;
    uint64_t now = script_now(state);
    char quoted[400];

    filter->failed++;
    loaded_failed(filter->file);
    if (filter->failed >= filter->next_log) { // the 1st, 2nd, 4th, 8th …
        filter->next_log = filter->failed * 2;
        log_error(&state->log, "filter failed script=%s user=%s in=%s failures=%" PRIu64 " error=%s",
                  filter->file->shown, filter->user == NULL ? "-" : filter->user, what, filter->failed,
                  log_quote(quoted, sizeof quoted, span_of(error)));
    }
    if (now - filter->minute_ms >= MINUTE_MS) {
        filter->minute_ms = now;
        filter->minute_failures = 0;
    }
    if (state->limits.quarantine > 0 && ++filter->minute_failures >= state->limits.quarantine && !filter->quarantined) {
        script_filter_set_quarantine(filter, true);
        log_error(&state->log, "filter stands still until a reload script=%s user=%s failures=%" PRIu64,
                  filter->file->shown, filter->user == NULL ? "-" : filter->user, filter->failed);
    }
}

uint32_t script_state_release(struct script_state *state, struct span name)
{
    uint32_t count = 0;

    for (struct script_filter *filter = state->filters; filter != NULL; filter = filter->next) {
        if (!filter->quarantined || !span_equals(name, span_of(filter->file->name)))
            continue;
        script_filter_set_quarantine(filter, false);
        filter->minute_failures = 0;
        count++;
        log_info(&state->log, "filter works again script=%s user=%s", filter->file->shown,
                 filter->user == NULL ? "-" : filter->user);
    }
    return count;
}

/** Returns the verdict that the results above `base` mean. No results pass the message. A nil is a mistake, because
 *  most often it is a value that the script's author forgot to set. */
static enum script_verdict verdict_of(struct script_filter *filter, lua_State *L, int base, int status)
{
    int count = lua_gettop(L) - base;
    if (status != LUA_OK) {
        script_filter_failed(filter, "message", script_error_text(filter->state, L, status));
        return SCRIPT_FAIL;
    }
    if (count == 0)
        return SCRIPT_PASS;
    if (count == 1 && lua_isboolean(L, -1))
        return lua_toboolean(L, -1) ? SCRIPT_PASS : SCRIPT_DROP;
    char text[120];
    (void)snprintf(text, sizeof text, "'message' returned %d value%s, the first a %s: expected true, false or nothing",
                   count, count == 1 ? "" : "s", luaL_typename(L, base + 1));
    script_filter_failed(filter, "message", text);
    return SCRIPT_FAIL;
}

static int lua_push_fresh(lua_State *L)
{
    struct message *message = lua_touserdata(L, 1);
    lua_push_message(L, message, true);
    return 1;
}

/** Pushes the object for the message: the one that all calls share, or (strict) a new one. */
static struct lua_message *push_object(struct script_state *state, struct message *message)
{
    lua_State *L = state->L;
    if (__builtin_expect(!state->limits.strict && state->reused->message == NULL, 1)) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, state->reused_ref);
        state->reused->message = message;
        state->reused->writable = true;
        return state->reused;
    }
    lua_pushcfunction(L, lua_push_fresh);
    lua_pushlightuserdata(L, message);
    if (script_enter(state, L, ENTER_CALL, 1, 1) != LUA_OK)
        return NULL;
    return lua_touserdata(L, -1);
}

static enum script_verdict filter_enter(struct script_filter *filter, struct message *message, struct message **changed)
{
    struct script_state *state = filter->state;
    lua_State *L = state->L;
    int top = lua_gettop(L);
    struct owner before = state->main.owner;

    filter->entered++;
    struct lua_message *object = push_object(state, message); // it stays on the stack, and so alive, until the end
    if (object == NULL) {
        script_filter_failed(filter, "message", "memory limit exceeded");
        lua_settop(L, top);
        return SCRIPT_FAIL;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, filter->message);
    lua_pushvalue(L, -2);
    state->main.owner = (struct owner){filter->file, filter};
    int base = lua_gettop(L) - 2; // below the function
    int status = script_enter(state, L, ENTER_CALL, 1, LUA_MULTRET);
    state->main.owner = before;
    enum script_verdict verdict = verdict_of(filter, L, base, status);
    if (object->edit == NULL && !object->owned)
        object->message = NULL;
    else if (verdict == SCRIPT_PASS)
        *changed = script_message_close(object);
    else
        script_message_drop(object);
    lua_settop(L, top);
    return *changed != NULL ? SCRIPT_CHANGE : verdict;
}

static enum script_verdict filter_judge(struct script_filter *filter, struct message *message, struct message **changed)
{
    struct script_state *state = filter->state;
    bool is_response = message->kind == MESSAGE_RESPONSE;

    if (message != state->current)
        script_current_set(state, message);
    if (!is_response) {
        // A message that is neither event nor response has no name that `events` could list.
        if (filter->conditions.has_events &&
            (message->kind != MESSAGE_EVENT ||
             !conditions_want_event(&filter->conditions, state->current_event, message_name(message))))
            return filter->otherwise ? SCRIPT_PASS : SCRIPT_DROP;
        if (filter->conditions.clause_count > 0 && !conditions_hold(&filter->conditions, state))
            return filter->otherwise ? SCRIPT_PASS : SCRIPT_DROP;
        if (filter->message == LUA_NOREF)
            return filter->otherwise ? SCRIPT_DROP : SCRIPT_PASS;
    } else if (filter->message == LUA_NOREF) {
        return SCRIPT_PASS;
    }
    if (filter->quarantined)
        return SCRIPT_FAIL;
    return filter_enter(filter, message, changed);
}

/** Does this message end a list? The client waits for that. */
static bool is_completion(const struct message *message)
{
    struct span value;
    return message->kind == MESSAGE_EVENT && message_find(message, "EventList", &value) && !span_is(value, "start");
}

static void filter_count(struct script_filter *filter, enum script_verdict verdict)
{
    switch (verdict) {
    case SCRIPT_PASS:
        filter->passed++;
        break;
    case SCRIPT_DROP:
        filter->dropped++;
        break;
    case SCRIPT_CHANGE:
        filter->changed++;
        break;
    case SCRIPT_FAIL: // counted where it failed
        break;
    }
}

/** Judges each message once: a filter that several users share gives all of them the same verdict. */
static enum script_verdict judge_once(struct script_filter *filter, struct message *message, struct message **changed)
{
    if (filter->judged_message != message) {
        if (filter->judged_message == NULL) {
            filter->next_judged = filter->state->judged;
            filter->state->judged = filter;
        }
        message_unref(filter->judged_message);
        message_unref(filter->judged_change);
        filter->judged_message = message_ref(message); // held, so that no other message gets the same address
        filter->judged_change = NULL;
        filter->judged = filter_judge(filter, message, &filter->judged_change);
        filter_count(filter, filter->judged);
    }
    if (filter->judged_change != NULL)
        *changed = message_ref(filter->judged_change);
    return filter->judged;
}

enum script_verdict script_filter_message(struct script_filter *filter, struct message *message,
                                          enum script_source source, struct message **changed)
{
    enum script_verdict verdict;

    *changed = NULL;
    if (!filter->judges || (source == SCRIPT_ANSWER && !filter->answers))
        return SCRIPT_PASS;
    filter->seen++;
    if (filter->per_class) {
        verdict = judge_once(filter, message, changed);
    } else {
        verdict = filter_judge(filter, message, changed);
        filter_count(filter, verdict);
    }
    if (__builtin_expect(filter->observe, 0)) {
        message_unref(*changed);
        *changed = NULL;
        return SCRIPT_PASS;
    }
    if (verdict == SCRIPT_FAIL)
        return filter->failing;
    if (verdict == SCRIPT_DROP && source == SCRIPT_ANSWER && is_completion(message))
        return SCRIPT_PASS;
    return verdict;
}

static void filter_forget(struct script_filter *filter)
{
    message_unref(filter->judged_message);
    message_unref(filter->judged_change);
    filter->judged_message = filter->judged_change = NULL;
}

void script_filters_forget(struct script_state *state)
{
    for (; state->judged != NULL; state->judged = state->judged->next_judged)
        filter_forget(state->judged);
}

bool script_filter_is_stateful(const struct script_filter *filter)
{
    return filter->stateful;
}

bool script_filter_has_action(const struct script_filter *filter)
{
    return filter->action != LUA_NOREF;
}

bool script_filter_has_answers(const struct script_filter *filter)
{
    return filter->judges && filter->answers;
}
